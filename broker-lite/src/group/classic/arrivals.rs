//! Clients that are about to join a group without members.
//!
//! The consumers of one service start together. If the group did not wait for them, the first would
//! lead a generation of its own, and the others would have to wait for its next heartbeat: three
//! seconds with most clients.
//!
//! The coordinator sees them coming, since a client looks up the coordinator (FindCoordinator)
//! before it joins. The join follows after a few milliseconds, or after some fifty when
//! librdkafka's threads are scheduled unluckily, and another client that started at the same time
//! may send its look-up only then. So an empty group waits for two things:
//!
//! 1. that every client whose look-up was seen has joined, for at most [`ARRIVAL_TIMEOUT`];
//! 2. if the client ids suggest that there are several, that those without a look-up yet have had
//!    the time to send one ([`LOOKUP_WINDOW`]).
//!
//! Look-ups are not clients: librdkafka may look up a second time, on another connection, shortly
//! before it joins. Clients that have an id of their own are counted by id. Those that all go by
//! librdkafka's default id are counted by connection within a burst of look-ups, in which each
//! client takes part once: there are as many clients as the largest burst has connections.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait of a group for the join of a client after its look-up.
pub(super) const ARRIVAL_TIMEOUT: Duration = Duration::from_millis(100);

/// Time after the first look-up in which the last client that started together has sent its own.
const LOOKUP_WINDOW: Duration = Duration::from_millis(55);

/// A join this long after the first look-up was delayed itself, so that the other clients have had
/// the same time. From then on the window closes after [`LATE_JOIN_GRACE`] instead.
const LATE_JOIN_AFTER: Duration = Duration::from_millis(40);
const LATE_JOIN_GRACE: Duration = Duration::from_millis(2);

/// The length of a burst: look-ups within it come from different clients.
const BURST_INTERVAL: Duration = Duration::from_millis(25);

/// The clients that a group waits for. It bounds what look-ups without a join can take up.
const MAX_CLIENTS: usize = 100;

/// librdkafka's `client.id` if the application sets none.
const DEFAULT_CLIENT_ID: &str = "rdkafka";

/// A client that looks up the coordinator.
#[derive(Debug, Clone)]
pub(crate) struct ArrivingClient {
    /// The client's id.
    pub(crate) id: Arc<str>,
    /// The address of its connection.
    pub(crate) from: SocketAddr,
}

/// The clients whose look-ups were seen, and those of them that have joined.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    named: Named,
    nameless: Nameless,
    /// Until when look-ups of other clients are expected.
    open_until: Option<Instant>,
    /// Until when the joins are waited for. Each new client extends it.
    until: Option<Instant>,
}

impl Arrivals {
    /// Notes a look-up.
    pub(super) fn announce(&mut self, client: &ArrivingClient, now: Instant) {
        // After the last one was given up, a look-up is the first of another start.
        if self.until.is_none_or(|until| until <= now) {
            self.clear();
            self.open_until = may_be_several(&client.id).then(|| now + LOOKUP_WINDOW);
        }
        let is_new = match &*client.id {
            DEFAULT_CLIENT_ID => self.nameless.announce(client.from, now),
            _ => self.named.announce(&client.id),
        };
        if is_new {
            self.until = Some(now + ARRIVAL_TIMEOUT);
        }
    }

    /// Notes that a client has joined.
    pub(super) fn arrive(&mut self, id: &Arc<str>, now: Instant) {
        match &**id {
            DEFAULT_CLIENT_ID => self.nameless.arrived += 1,
            _ => self.named.arrive(id),
        }
        let is_late =
            |until: &Instant| *until <= now + LOOKUP_WINDOW.saturating_sub(LATE_JOIN_AFTER);
        if let Some(until) = self.open_until.filter(is_late) {
            self.open_until = Some(until.min(now + LATE_JOIN_GRACE));
        }
    }

    /// Gives up the clients that have taken too long. Returns whether the group has waited for any.
    pub(super) fn give_up(&mut self, now: Instant) -> bool {
        let have_asked = self.open_until.take_if(|until| *until <= now).is_some();
        let are_late = self.are_some_missing() && self.until.is_some_and(|until| until <= now);
        if are_late {
            self.clear();
        }
        have_asked || are_late
    }

    /// Forgets all clients.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns when the group stops waiting; `None` if it waits for no client.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let missing = self.until.filter(|_| self.are_some_missing());
        self.open_until.into_iter().chain(missing).min()
    }

    fn are_some_missing(&self) -> bool {
        !self.named.awaited.is_empty() || self.nameless.arrived < self.nameless.announced
    }
}

/// Whether a client with this id may be one of several.
///
/// Spring, Kafka's own consumer and Wellspring number the clients of one program: `name-0`,
/// `name-1`. Clients with the default id may be any number.
fn may_be_several(id: &str) -> bool {
    let numbered = |(_, number): (&str, &str)| number.parse::<u32>().is_ok();
    id == DEFAULT_CLIENT_ID || id.rsplit_once('-').is_some_and(numbered)
}

/// Clients that have ids of their own.
#[derive(Debug, Default)]
struct Named {
    /// Looked up and not joined.
    awaited: HashSet<Arc<str>>,
    arrived: HashSet<Arc<str>>,
}

impl Named {
    fn announce(&mut self, id: &Arc<str>) -> bool {
        let is_awaited = !self.arrived.contains(id) && self.awaited.len() < MAX_CLIENTS;
        is_awaited && self.awaited.insert(Arc::clone(id))
    }

    fn arrive(&mut self, id: &Arc<str>) {
        // It counts as arrived even without a look-up: a later one is not of another client.
        if self.awaited.remove(id) || self.arrived.len() < MAX_CLIENTS {
            self.arrived.insert(Arc::clone(id));
        }
    }
}

/// Clients with the default id, which only their connections tell apart.
#[derive(Debug, Default)]
struct Nameless {
    /// When the present burst began.
    since: Option<Instant>,
    /// The connections of its look-ups.
    asked: HashSet<SocketAddr>,
    /// The number of clients: that of the largest burst.
    announced: usize,
    /// The number of these that have joined.
    arrived: usize,
}

impl Nameless {
    fn announce(&mut self, from: SocketAddr, now: Instant) -> bool {
        // A look-up after a burst may be the second of a client, so a new burst counts from zero
        // and only a larger one adds clients.
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
