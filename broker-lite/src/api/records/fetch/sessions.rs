//! All fetch sessions of the broker.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::session::{Session, Want};
use crate::wire::ErrorCode;
use crate::wire::fetch::{FetchRequest, FetchedPartition, FetchedTopic};

/// The epoch of a request that wants no session, and closes the one it names.
const NO_SESSION: i32 = -1;
/// The epoch of a request that wants a new session in place of the one it names.
const NEW_SESSION: i32 = 0;
/// A session that was idle this long makes room for another, as in Kafka.
const QUIET: Duration = Duration::from_secs(120);

/// Most partitions that a session follows. A client with more is served without one.
const MAX_FOLLOWED_PARTITIONS: usize = 5000;

/// The sessions, by id.
#[derive(Debug)]
pub(crate) struct FetchSessions {
    slots: usize,
    /// Guards the sessions; held to look one up or change it.
    sessions: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<i32, Slot>,
}

#[derive(Debug)]
struct Slot {
    session: Session,
    used: Instant,
}

/// The session that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    /// None.
    Sessionless,
    /// Its first request, which is answered in full.
    First(i32),
    /// A later one, which is answered with what changed.
    Later(i32),
}

impl Membership {
    /// The session's id, 0 for none.
    pub(super) fn id(self) -> i32 {
        match self {
            Self::Sessionless => 0,
            Self::First(id) | Self::Later(id) => id,
        }
    }
}

impl FetchSessions {
    /// Room for `slots` sessions; clients beyond that are served without one.
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            slots,
            sessions: Mutex::default(),
        }
    }

    /// Finds, creates or closes the session of a request, and returns the partitions to read.
    ///
    /// # Errors
    /// The session does not exist or does not fit; the client will start a new one.
    pub(super) fn open(
        &self,
        request: &mut FetchRequest,
        by_id: bool,
        now: Instant,
    ) -> Result<(Membership, Vec<Want>), ErrorCode> {
        let mut sessions = self.lock();
        match request.session_epoch {
            NO_SESSION => {
                sessions.by_id.remove(&request.session_id);
                Ok((Membership::Sessionless, Want::all(request)))
            }
            NEW_SESSION => {
                sessions.by_id.remove(&request.session_id);
                let wants = Want::all(request);
                if wants.len() > MAX_FOLLOWED_PARTITIONS || !sessions.make_room(self.slots, now) {
                    return Ok((Membership::Sessionless, wants));
                }
                let id = sessions.free_id();
                sessions.by_id.insert(
                    id,
                    Slot {
                        session: Session::new(request, by_id),
                        used: now,
                    },
                );
                Ok((Membership::First(id), wants))
            }
            _ => {
                let id = request.session_id;
                let slot = sessions
                    .by_id
                    .get_mut(&id)
                    .ok_or(ErrorCode::FetchSessionIdNotFound)?;
                slot.session.go_on(request, by_id)?;
                slot.used = now;
                let wants = slot.session.wants();
                if wants.len() > MAX_FOLLOWED_PARTITIONS {
                    sessions.by_id.remove(&id);
                    // The client starts over and gets no session.
                    return Err(ErrorCode::FetchSessionIdNotFound);
                }
                if slot.session.is_empty() {
                    sessions.by_id.remove(&id);
                    return Ok((Membership::Sessionless, wants));
                }
                Ok((Membership::Later(id), wants))
            }
        }
    }

    /// Returns what goes into the answer: everything, or in a session's later answers what changed.
    pub(super) fn answer(
        &self,
        membership: &Membership,
        partitions: Vec<(Want, FetchedPartition)>,
    ) -> Vec<FetchedTopic> {
        let mut sessions = self.lock();
        let mut session = sessions
            .by_id
            .get_mut(&membership.id())
            .map(|slot| &mut slot.session);
        let mut topics: Vec<FetchedTopic> = Vec::new();
        for (want, fetched) in partitions {
            let news = session
                .as_mut()
                .is_none_or(|session| session.has_news(&want, &fetched));
            if !news && matches!(membership, Membership::Later(_)) {
                continue;
            }
            match topics
                .last_mut()
                .filter(|topic| topic.name == want.name && topic.id == want.id)
            {
                Some(topic) => topic.partitions.push(fetched),
                None => {
                    topics.push(FetchedTopic {
                        name: want.name,
                        id: want.id,
                        partitions: vec![fetched],
                    });
                }
            }
        }
        topics
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    fn make_room(&mut self, slots: usize, now: Instant) -> bool {
        if self.by_id.len() < slots {
            return true;
        }
        let quietest = self.by_id.iter().min_by_key(|(_, slot)| slot.used);
        match quietest.map(|(id, slot)| (*id, now.saturating_duration_since(slot.used))) {
            Some((id, quiet)) if quiet > QUIET => self.by_id.remove(&id).is_some(),
            _ => false,
        }
    }

    /// Returns a random id, so that a client with one of an earlier broker does not hit another
    /// client's session.
    fn free_id(&self) -> i32 {
        loop {
            let (random, ..) = uuid::Uuid::new_v4().as_fields();
            let id = i32::try_from(random >> 1).unwrap_or_default();
            if id != 0 && !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }
}
