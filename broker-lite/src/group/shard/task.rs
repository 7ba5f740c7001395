//! The shard's loop: requests, timeouts and acknowledgements.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::group_entry::{GroupEntry, SavedState};
use super::unacknowledged::{Continuation, Unacknowledged};
use crate::config::GroupSettings;
use crate::group::error::GroupError;
use crate::group::member_group::MemberGroup;
use crate::group::records::Record;
use crate::group::replayed::ReplayedGroup;
use crate::group::reply::{Answer, Effects};
use crate::group::request::{Message, Request};
use crate::runtime::{Clock, Shutdown};
use crate::state_log::{Acknowledgement, StateLog, StateLogError};
use crate::types::GroupId;

/// Some of the groups, with all that happens to them.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(super) settings: GroupSettings,
    log: Arc<dyn StateLog<Record>>,
    pub(super) clock: Clock,
    pub(super) groups: HashMap<GroupId, GroupEntry>,
    /// When to look at a group again: at its deadline or before.
    timers: BTreeSet<(Instant, GroupId)>,
    /// The effects that wait for the state log, oldest first.
    unacknowledged: Unacknowledged,
    next_expiry_check: Instant,
}

impl Shard {
    pub(crate) fn new(
        settings: GroupSettings,
        log: Arc<dyn StateLog<Record>>,
        clock: Clock,
    ) -> Self {
        Self {
            settings,
            log,
            next_expiry_check: clock.now() + settings.offsets_retention_check,
            clock,
            groups: HashMap::new(),
            timers: BTreeSet::new(),
            unacknowledged: Unacknowledged::default(),
        }
    }

    /// Adds a group as it was saved.
    pub(crate) fn restore(&mut self, group: GroupId, replayed: ReplayedGroup) {
        let entry = GroupEntry::restore(replayed, self.settings, &self.clock);
        self.groups.insert(group.clone(), entry);
        self.schedule(&group);
    }

    /// Works until shutdown. Requests that still wait then are dropped, which their senders notice.
    pub(crate) async fn run(
        mut self,
        mut mailbox: mpsc::Receiver<Message>,
        mut shutdown: Shutdown,
    ) {
        loop {
            let due = self
                .timers
                .first()
                .map_or(self.next_expiry_check, |(due, _)| {
                    self.next_expiry_check.min(*due)
                });
            // Timeouts go before the mailbox: a member whose session is over can't renew it.
            tokio::select! {
                biased;
                () = shutdown.requested() => return,
                outcome = self.unacknowledged.outcome() => self.acknowledge(outcome),
                () = self.clock.sleep_until(due) => self.wake(),
                message = mailbox.recv() => match message {
                    Some(message) => self.handle(message),
                    None => return,
                },
            }
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::ToGroup(group, Request::Members(request)) => {
                // A group comes into being with the first request to it. One that it refuses, as
                // from an unknown member, leaves it untouched, and then it is dropped again.
                self.groups
                    .entry(group.clone())
                    .or_insert_with(|| GroupEntry::new(self.settings, &self.clock));
                self.feed(&group, |members, now| members.on(request, now));
            }
            Message::ToGroup(group, Request::Commit(commit, reply)) => {
                self.commit(&group, commit, reply);
            }
            Message::ToGroup(group, Request::Committed(requested, reply)) => {
                reply.send(Ok(self.committed(&group, requested)));
            }
            Message::ToGroup(group, Request::ForgetTopic(topic, id, reply)) => {
                self.forget_topic(&group, &topic, id, reply);
            }
            Message::GroupsWithOffsets(topic, id, reply) => {
                reply.send(Ok(self.groups_with_offsets(&topic, id)));
            }
        }
    }

    /// Hands one event to the members of a group and performs its effects.
    fn feed(&mut self, group: &GroupId, event: impl FnOnce(&mut MemberGroup, Instant) -> Effects) {
        let Some(entry) = self.groups.get_mut(group) else {
            return;
        };
        let Effects { save, answers } = event(&mut entry.members, self.clock.now());
        if save {
            entry.stabilised(self.clock.wall());
        }
        // A state that could not be saved before is saved now, whatever this event was.
        let records = entry.take_outdated(group);
        let saves = !records.is_empty();
        self.write(group, &records, Continuation::Answer { answers, saves });
        self.schedule(group);
    }

    /// Appends records about a group, and continues once they are acknowledged.
    pub(super) fn write(&mut self, group: &GroupId, records: &[Record], then: Continuation) {
        if let Some(entry) = self.groups.get_mut(group) {
            entry.unacknowledged += 1;
        }
        // Without records there is nothing to wait for but what came before, which the new answers
        // may depend on.
        let mut appended = if records.is_empty() {
            Acknowledgement::ready(Ok(()))
        } else {
            self.log.append(group.as_str(), records)
        };
        if self.unacknowledged.is_empty()
            && let Some(outcome) = appended.poll_now()
        {
            self.resume(group, then, outcome);
        } else {
            self.unacknowledged.push(appended, group.clone(), then);
        }
    }

    fn acknowledge(&mut self, outcome: Result<(), StateLogError>) {
        if let Some((group, then)) = self.unacknowledged.pop() {
            self.resume(&group, then, outcome);
        }
    }

    fn resume(&mut self, group: &GroupId, then: Continuation, outcome: Result<(), StateLogError>) {
        if let Some(entry) = self.groups.get_mut(group) {
            entry.unacknowledged = entry.unacknowledged.saturating_sub(1);
        }
        let outcome = outcome.map_err(|error| {
            // The state log itself says so, in fewer lines.
            tracing::debug!(%group, %error, "a change of the group is not saved; clients have to ask again");
            GroupError::Unavailable
        });
        match then {
            Continuation::Answer { answers, saves } => self.answer(group, answers, saves, outcome),
            Continuation::Commit {
                offsets,
                rows,
                reply,
            } => {
                if outcome.is_ok() {
                    self.apply_commit(group, offsets);
                }
                reply.send(outcome.map(|()| rows));
            }
            Continuation::Forget { offsets, reply } => {
                if outcome.is_ok() {
                    self.apply_forget(group, &offsets);
                }
                reply.send(outcome);
            }
            Continuation::Expire { offsets } if outcome.is_ok() => {
                self.apply_forget(group, &offsets);
                self.remove_if_over(group);
            }
            Continuation::Remove if outcome.is_ok() => self.remove_deserted(group),
            // What could not be written is found again by the next check.
            Continuation::Expire { .. } | Continuation::Remove => {}
        }
        self.drop_if_untouched(group);
    }

    fn answer(
        &mut self,
        group: &GroupId,
        answers: Vec<Answer>,
        saves: bool,
        outcome: Result<(), GroupError>,
    ) {
        let mut is_saved = outcome.is_ok();
        if let Some(entry) = self.groups.get_mut(group) {
            if saves {
                entry.saved_as(is_saved);
                if is_saved {
                    let (generation, members) =
                        (entry.members.generation().0, entry.members.size());
                    tracing::info!(%group, generation, members, "group stabilised and is saved");
                }
            }
            // An earlier save may have failed while this event waited behind it.
            is_saved &= entry.saved_state != SavedState::Outdated;
        }
        for answer in answers {
            if is_saved {
                answer.send();
            } else {
                answer.send_unsaved();
            }
        }
    }

    /// Handles every group that is due, and offsets that have expired.
    fn wake(&mut self) {
        let now = self.clock.now();
        while let Some((due, _)) = self.timers.first()
            && *due <= now
            && let Some((_, group)) = self.timers.pop_first()
        {
            let Some(entry) = self.groups.get_mut(&group) else {
                continue;
            };
            entry.due = None;
            if entry
                .members
                .deadline()
                .is_some_and(|deadline| deadline <= now)
            {
                self.feed(&group, MemberGroup::tick);
            } else {
                self.schedule(&group);
            }
        }
        if self.next_expiry_check <= now {
            self.next_expiry_check = now + self.settings.offsets_retention_check;
            self.expire_offsets();
        }
    }

    /// Drops a group that is as if it had never been.
    pub(super) fn drop_if_untouched(&mut self, group: &GroupId) {
        if self.groups.get(group).is_some_and(GroupEntry::is_untouched) {
            self.remove(group);
        }
    }

    pub(super) fn remove(&mut self, group: &GroupId) {
        if let Some(due) = self.groups.remove(group).and_then(|entry| entry.due) {
            self.timers.remove(&(due, group.clone()));
        }
    }

    /// Sets the group's timer, unless it has an earlier one: most deadlines are moved before they
    /// come, and a timer that finds nothing due costs less than moving it with every heartbeat.
    pub(super) fn schedule(&mut self, group: &GroupId) {
        let Some(entry) = self.groups.get_mut(group) else {
            return;
        };
        let Some(deadline) = entry.members.deadline() else {
            return;
        };
        if entry.due.is_none_or(|due| deadline < due) {
            if let Some(due) = entry.due.replace(deadline) {
                self.timers.remove(&(due, group.clone()));
            }
            self.timers.insert((deadline, group.clone()));
        }
    }
}
