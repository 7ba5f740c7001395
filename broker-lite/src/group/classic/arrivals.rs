//! Clients that are on their way into a group that nobody is in.
//!
//! The consumers of one service start together. Without waiting for them, the first would lead a
//! generation of its own, and the others would wait for its next heartbeat, three seconds with most
//! clients. Whoever wants to join asks for the coordinator first, and joins a few milliseconds or,
//! as librdkafka's threads fall out, fifty milliseconds later; one that starts at the same time may
//! ask for the first time only then. So a group waits for those that have asked, and, if
//! their client ids say that they may be several, for so long that the others have asked, too.
//!
//! librdkafka may ask once more on another connection, shortly before it joins. Clients with ids of
//! their own are counted by these. With librdkafka's own id they are counted by connection and in
//! bursts: in each of them a client asks once, and there are as many clients as the largest burst
//! has connections.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client that is on its way is waited for.
pub(super) const ARRIVAL_TIMEOUT: Duration = Duration::from_millis(100);

/// How long after the first question all others that start together have asked, too.
const ARRIVAL_WINDOW: Duration = Duration::from_millis(55);

/// A client that joins so long after the first question comes with all the others, but for a
/// moment.
const LATE: Duration = Duration::from_millis(40);
const MOMENT: Duration = Duration::from_millis(2);

/// Questions that come within this time of the first one are from different clients.
const BURST_INTERVAL: Duration = Duration::from_millis(25);

/// Most clients that are waited for.
const MAX_CLIENTS: usize = 100;

/// What librdkafka calls a client that was given no name.
const DEFAULT_CLIENT_ID: &str = "rdkafka";

/// A client that asks for the coordinator.
#[derive(Debug, Clone)]
pub(crate) struct ArrivingClient {
    /// Its client id.
    pub(crate) id: Arc<str>,
    /// The connection on which it asks.
    pub(crate) from: SocketAddr,
}

/// The clients that have asked for the coordinator, and those of them that have joined.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    named: Named,
    nameless: Nameless,
    /// Until when others may ask.
    open_until: Option<Instant>,
    /// Until when those that have asked are waited for; set by each that is new.
    until: Option<Instant>,
}

impl Arrivals {
    /// A client has asked for the coordinator.
    pub(super) fn announce(&mut self, client: &ArrivingClient, now: Instant) {
        if self.until.is_none_or(|until| until <= now) {
            self.clear();
            self.open_until = may_be_several(&client.id).then(|| now + ARRIVAL_WINDOW);
        }
        let is_new = match &*client.id {
            DEFAULT_CLIENT_ID => self.nameless.announce(client.from, now),
            _ => self.named.announce(&client.id),
        };
        if is_new {
            self.until = Some(now + ARRIVAL_TIMEOUT);
        }
    }

    /// One of them is here.
    pub(super) fn arrive(&mut self, id: &Arc<str>, now: Instant) {
        match &**id {
            DEFAULT_CLIENT_ID => self.nameless.arrived += 1,
            _ => self.named.arrive(id),
        }
        let is_late = |until: &Instant| *until <= now + ARRIVAL_WINDOW.saturating_sub(LATE);
        if let Some(until) = self.open_until.filter(is_late) {
            self.open_until = Some(until.min(now + MOMENT));
        }
    }

    /// Gives up those that have taken too long. Says whether there were any.
    pub(super) fn give_up(&mut self, now: Instant) -> bool {
        let have_asked = self.open_until.take_if(|until| *until <= now).is_some();
        let are_late = self.are_some_missing() && self.until.is_some_and(|until| until <= now);
        if are_late {
            self.clear();
        }
        have_asked || are_late
    }

    /// Forgets everybody.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// When to look again; `None` if nobody is on its way.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let missing = self.until.filter(|_| self.are_some_missing());
        self.open_until.into_iter().chain(missing).min()
    }

    fn are_some_missing(&self) -> bool {
        !self.named.awaited.is_empty() || self.nameless.arrived < self.nameless.announced
    }
}

/// Whether clients with such an id come in numbers: those of one listener or of one program are
/// `name-0`, `name-1` with us, with Spring and with Kafka's own consumer, and those that were given
/// no name may be any number.
fn may_be_several(id: &str) -> bool {
    let numbered = |(_, number): (&str, &str)| number.parse::<u32>().is_ok();
    id == DEFAULT_CLIENT_ID || id.rsplit_once('-').is_some_and(numbered)
}

/// Clients with ids of their own.
#[derive(Debug, Default)]
struct Named {
    /// Have asked and not joined.
    awaited: HashSet<Arc<str>>,
    arrived: HashSet<Arc<str>>,
}

impl Named {
    fn announce(&mut self, id: &Arc<str>) -> bool {
        let is_awaited = !self.arrived.contains(id) && self.awaited.len() < MAX_CLIENTS;
        is_awaited && self.awaited.insert(Arc::clone(id))
    }

    fn arrive(&mut self, id: &Arc<str>) {
        // Who was not awaited comes without having asked; what it asks later stands for nobody new.
        if self.awaited.remove(id) || self.arrived.len() < MAX_CLIENTS {
            self.arrived.insert(Arc::clone(id));
        }
    }
}

/// Clients that can't be told apart by their ids.
#[derive(Debug, Default)]
struct Nameless {
    /// When the present burst began.
    since: Option<Instant>,
    /// Who has asked in it.
    asked: HashSet<SocketAddr>,
    /// Clients that there are: those of the largest burst.
    announced: usize,
    /// Of these, the ones that are here.
    arrived: usize,
}

impl Nameless {
    fn announce(&mut self, from: SocketAddr, now: Instant) -> bool {
        if self.since.is_none_or(|since| since + BURST_INTERVAL < now) {
            self.since = Some(now);
            self.asked.clear();
        }
        let is_new = self.asked.len() < MAX_CLIENTS
            && self.asked.insert(from)
            && self.asked.len() > self.announced;
        self.announced = self.announced.max(self.asked.len());
        is_new
    }
}
