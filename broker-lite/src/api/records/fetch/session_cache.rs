//! All fetch sessions of the broker (KIP-227), as many as fit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::session::FetchSession;
use super::target::FetchTarget;
use crate::wire::ErrorCode;
use crate::wire::fetch::{FetchRequest, FetchedPartition, FetchedTopic};

/// The epoch of a request outside any session; it closes the one it names.
const NO_SESSION: i32 = -1;
/// The epoch of a request for a new session in place of the one it names.
const NEW_SESSION: i32 = 0;
/// A session that was idle for longer than this makes room for another, as in Kafka
/// (`min.incremental.fetch.session.eviction.ms`).
const MIN_EVICTION_IDLE: Duration = Duration::from_secs(120);

/// The most partitions that a session follows. A client with more is served without one.
const MAX_FOLLOWED_PARTITIONS: usize = 5000;

/// The sessions, by id.
#[derive(Debug)]
pub(crate) struct FetchSessionCache {
    slots: usize,
    /// Guards the sessions; held to look one up or change it.
    sessions: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<i32, CachedSession>,
}

#[derive(Debug)]
struct CachedSession {
    session: FetchSession,
    used: Instant,
}

/// The place of a request in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FetchKind {
    /// Outside a session: answered in full.
    Sessionless,
    /// The first of the session with this id: answered in full.
    Full(i32),
    /// A later one of the session with this id: answered with what changed.
    Incremental(i32),
}

impl FetchKind {
    /// The session's id, 0 for none.
    pub(super) fn id(self) -> i32 {
        match self {
            Self::Sessionless => 0,
            Self::Full(id) | Self::Incremental(id) => id,
        }
    }
}

impl FetchSessionCache {
    /// A cache of at most `slots` sessions; clients beyond that are served without one.
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
        request: &FetchRequest,
        by_id: bool,
        now: Instant,
    ) -> Result<(FetchKind, Vec<FetchTarget>), ErrorCode> {
        let mut sessions = self.lock();
        match request.session_epoch {
            NO_SESSION => {
                sessions.by_id.remove(&request.session_id);
                Ok((FetchKind::Sessionless, FetchTarget::all(request)))
            }
            NEW_SESSION => {
                sessions.by_id.remove(&request.session_id);
                let targets = FetchTarget::all(request);
                if targets.len() > MAX_FOLLOWED_PARTITIONS || !sessions.make_room(self.slots, now) {
                    return Ok((FetchKind::Sessionless, targets));
                }
                let session = FetchSession::new(request, by_id);
                let id = sessions.insert(CachedSession { session, used: now });
                Ok((FetchKind::Full(id), targets))
            }
            _ => sessions.resume(request, by_id, now),
        }
    }

    /// Returns what goes into the answer: everything, or in a session's later answers what changed.
    pub(super) fn answer(
        &self,
        kind: FetchKind,
        partitions: Vec<(FetchTarget, FetchedPartition)>,
    ) -> Vec<FetchedTopic> {
        let mut sessions = self.lock();
        let mut session = sessions
            .by_id
            .get_mut(&kind.id())
            .map(|cached| &mut cached.session);
        let mut topics: Vec<FetchedTopic> = Vec::new();
        for (target, fetched) in partitions {
            let is_changed = session
                .as_mut()
                .is_none_or(|session| session.note_answer(&target, &fetched));
            if !is_changed && matches!(kind, FetchKind::Incremental(_)) {
                continue;
            }
            match topics
                .last_mut()
                .filter(|topic| topic.name == target.name && topic.id == target.id)
            {
                Some(topic) => topic.partitions.push(fetched),
                None => {
                    topics.push(FetchedTopic {
                        name: target.name,
                        id: target.id,
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
    /// Goes on with the session that a request names.
    fn resume(
        &mut self,
        request: &FetchRequest,
        by_id: bool,
        now: Instant,
    ) -> Result<(FetchKind, Vec<FetchTarget>), ErrorCode> {
        let id = request.session_id;
        let cached = self
            .by_id
            .get_mut(&id)
            .ok_or(ErrorCode::FetchSessionIdNotFound)?;
        cached.session.advance(request, by_id)?;
        cached.used = now;
        let targets = cached.session.targets();
        if targets.len() > MAX_FOLLOWED_PARTITIONS {
            self.by_id.remove(&id);
            // The client starts over and gets no session.
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        if cached.session.is_empty() {
            self.by_id.remove(&id);
            return Ok((FetchKind::Sessionless, targets));
        }
        Ok((FetchKind::Incremental(id), targets))
    }

    /// Whether there is a free slot, if need be after the session that is idle for longest is gone.
    fn make_room(&mut self, slots: usize, now: Instant) -> bool {
        if self.by_id.len() < slots {
            return true;
        }
        let oldest = self.by_id.iter().min_by_key(|(_, cached)| cached.used);
        match oldest.map(|(id, cached)| (*id, now.saturating_duration_since(cached.used))) {
            Some((id, idle)) if idle > MIN_EVICTION_IDLE => self.by_id.remove(&id).is_some(),
            _ => false,
        }
    }

    /// Adds a session and returns its id.
    fn insert(&mut self, session: CachedSession) -> i32 {
        let id = self.free_id();
        self.by_id.insert(id, session);
        id
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
