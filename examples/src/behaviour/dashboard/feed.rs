//! A value that is asked for while somebody looks, and told to all who do.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::watch;
use wellspring::runtime::{Clock, Shutdown};

/// The latest value as JSON; a slow reader misses what was replaced meanwhile, and nothing piles
/// up.
#[derive(Debug)]
pub(super) struct Feed {
    name: &'static str,
    /// Empty until somebody has asked.
    latest: watch::Sender<Arc<str>>,
}

impl Feed {
    /// A feed whose events have this name.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            latest: watch::Sender::new("".into()),
        }
    }

    /// Returns how many streams are open.
    pub(super) fn watchers(&self) -> usize {
        self.latest.receiver_count()
    }

    /// Asks each `interval` while somebody looks, until `ends`. An answer that has not changed is
    /// not told again, and neither is `None`.
    pub(super) async fn run<T: Serialize>(
        self: Arc<Self>,
        ask: impl AsyncFn(usize) -> Option<T>,
        interval: Duration,
        clock: Clock,
        ends: Shutdown,
    ) {
        loop {
            tokio::select! {
                () = ends.triggered() => return,
                () = clock.sleep(interval) => {}
            }
            let watchers = self.watchers();
            if watchers == 0 {
                continue;
            }
            let answer = ask(watchers).await;
            let json = answer.and_then(|answer| serde_json::to_string(&answer).ok());
            if let Some(json) = json {
                self.latest.send_if_modified(|latest| {
                    let is_news = **latest != *json;
                    if is_news {
                        *latest = json.into();
                    }
                    is_news
                });
            }
        }
    }

    /// The value as it is known, and then each new one.
    pub(super) fn events(&self) -> impl Stream<Item = Result<Event, Infallible>> + Send + use<> {
        let name = self.name;
        let mut receiver = self.latest.subscribe();
        if !receiver.borrow().is_empty() {
            receiver.mark_changed();
        }
        stream::unfold(receiver, move |mut receiver| async move {
            receiver.changed().await.ok()?;
            let json = receiver.borrow_and_update().clone();
            let event = Event::default().event(name).data(&*json);
            Some((Ok(event), receiver))
        })
    }
}
