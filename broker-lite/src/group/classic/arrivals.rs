//! Clients that are on their way into a group that nobody is in.
//!
//! The consumers of one service start together. Without waiting for them, the first would lead a generation of its own,
//! and the others would wait for its next heartbeat, three seconds with most clients. Whoever wants to join asks for the
//! coordinator first, and joins a few milliseconds or, as librdkafka's threads fall out, fifty milliseconds later; one that
//! starts at the same time may ask for the first time only then. So a group that somebody has asked for takes its first
//! joins for so long, and then waits for those that have asked and not joined.
//!
//! librdkafka may ask once more on another connection, shortly before it joins. So questions are counted by connection
//! and in bursts: in each of them a client asks once, and there are as many clients as the largest burst has connections.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a client that is on its way is waited for.
pub(super) const ON_ITS_WAY: Duration = Duration::from_millis(100);

/// How long after the first question all others that start together have asked, too.
const ALL_HAVE_ASKED: Duration = Duration::from_millis(55);

/// A client that joins so long after the first question comes with all the others, but for a moment.
const LATE: Duration = Duration::from_millis(40);
const MOMENT: Duration = Duration::from_millis(2);

/// Questions that come within this time of the first one are from different clients.
const BURST: Duration = Duration::from_millis(25);

/// Most clients that are waited for.
const MOST: usize = 100;

/// The clients that have asked for the coordinator, and how many of them have joined.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// When the present burst began.
    since: Option<Instant>,
    /// Who has asked in it.
    asked: HashSet<SocketAddr>,
    /// Clients that there are: those of the largest burst.
    announced: usize,
    /// Of these, the ones that are here.
    arrived: usize,
    /// Until when others may ask.
    open_until: Option<Instant>,
    /// Until when the others are waited for; set by each client that is announced.
    until: Option<Instant>,
}

impl Arrivals {
    /// A client has asked for the coordinator.
    pub(super) fn announce(&mut self, client: SocketAddr, now: Instant) {
        if self.until.is_none_or(|until| until <= now) {
            self.clear();
            self.open_until = Some(now + ALL_HAVE_ASKED);
        }
        if self.since.is_none_or(|since| since + BURST < now) {
            self.since = Some(now);
            self.asked.clear();
        }
        if self.asked.len() < MOST && self.asked.insert(client) && self.asked.len() > self.announced {
            self.announced = self.asked.len();
            self.until = Some(now + ON_ITS_WAY);
        }
    }

    /// One of them is here.
    pub(super) fn arrive(&mut self, now: Instant) {
        self.arrived += 1;
        let is_late = |until: &Instant| *until <= now + ALL_HAVE_ASKED.saturating_sub(LATE);
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
        self.arrived < self.announced
    }
}
