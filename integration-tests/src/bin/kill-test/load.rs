//! Clients that post top-ups until each was answered 202.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::Outcome;
use crate::patience::until;
use crate::service::Service;

/// Cards the money is spread over.
const CARDS: usize = 200;

/// Longest wait for one top-up to be answered 202, restarts included.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A top-up that was answered 202.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) id: Uuid,
    pub(crate) card: String,
    pub(crate) cents: u64,
}

/// The progress of the clients.
#[derive(Debug)]
pub(crate) struct Load {
    requests: usize,
    next: AtomicUsize,
    /// Guards what was answered 202 so far.
    accepted: Mutex<Vec<Accepted>>,
}

#[derive(Deserialize)]
struct Answer {
    id: Uuid,
}

impl Load {
    pub(crate) const fn new(requests: usize) -> Self {
        Self {
            requests,
            next: AtomicUsize::new(0),
            accepted: Mutex::new(Vec::new()),
        }
    }

    /// Starts the clients; each ends when there is nothing left to post.
    pub(crate) fn start(
        load: &Arc<Self>,
        service: &Arc<Service>,
        clients: usize,
    ) -> Vec<JoinHandle<Outcome>> {
        let client = |_| {
            let (load, service) = (Arc::clone(load), Arc::clone(service));
            thread::spawn(move || load.post_all(&service))
        };
        (0..clients).map(client).collect()
    }

    /// Returns the number of requests that were answered 202.
    pub(crate) fn accepted(&self) -> usize {
        self.lock().len()
    }

    /// All that were answered 202.
    pub(crate) fn accepted_topups(&self) -> Vec<Accepted> {
        self.lock().clone()
    }

    /// Waits until so many were answered 202.
    pub(crate) fn wait_for(&self, accepted: usize) -> Outcome {
        until(
            TIMEOUT,
            || Ok((self.accepted() >= accepted).then_some(())),
            || {
                format!(
                    "only {} of {accepted} top-ups were accepted within {TIMEOUT:?}",
                    self.accepted()
                )
            },
        )
    }

    fn post_all(&self, service: &Service) -> Outcome {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(15)))
            .build()
            .into();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.requests {
                return Ok(());
            }
            let topup = self.post(&agent, service, number)?;
            self.lock().push(topup);
        }
    }

    /// Posts one top-up until it is answered 202. The key makes asking again safe.
    fn post(&self, agent: &ureq::Agent, service: &Service, number: usize) -> Outcome<Accepted> {
        let card = format!("card{}", number % CARDS);
        let cents = u64::try_from(number % 20)? + 1;
        let key = format!("kill-test-{number}");
        let topup = json!({ "card": card, "cents": cents });
        let id = until(
            TIMEOUT,
            || post_once(agent, &service.address()?, &key, &topup),
            || format!("top-up {number} was not accepted within {TIMEOUT:?}"),
        )?;
        Ok(Accepted { id, card, cents })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Accepted>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Posts a top-up. `None`: cut off, or not acknowledged; it may or may not be on record.
fn post_once(
    agent: &ureq::Agent,
    address: &str,
    key: &str,
    topup: &serde_json::Value,
) -> Outcome<Option<Uuid>> {
    let answer = agent
        .post(format!("{address}/topups"))
        .header("idempotency-key", key)
        .send_json(topup);
    let Ok(mut answer) = answer else {
        return Ok(None);
    };
    match answer.status().as_u16() {
        // A cut in the middle of the body is a cut like any other.
        202 => Ok(answer.body_mut().read_json().ok().map(|Answer { id }| id)),
        503 => Ok(None),
        status => {
            let body = answer.body_mut().read_to_string().unwrap_or_default();
            Err(format!("{key} was answered {status}: {body}").into())
        }
    }
}
