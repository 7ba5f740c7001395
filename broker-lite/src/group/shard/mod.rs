//! One shard: the task that owns some of the groups.
//!
//! It feeds requests and the passing of time to the groups, writes down what they decide, and only
//! then answers.

mod group_entry;
mod offsets;
mod waiting;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use self::group_entry::{GroupEntry, OnRecord};
use self::waiting::{Waiter, Waiting};
use super::classic::{Answer, Effects, Event, Ticket};
use super::command::Command;
use super::error::GroupError;
use super::journal::Journal;
use super::records::Record;
use super::replay::ReplayedGroup;
use crate::config::GroupSettings;
use crate::runtime::{Clock, Shutdown};
use crate::types::GroupId;

#[derive(Debug)]
pub(super) struct Shard {
    settings: GroupSettings,
    journal: Arc<dyn Journal>,
    clock: Clock,
    groups: HashMap<GroupId, GroupEntry>,
    /// When to look at a group again: at its deadline or before.
    timers: BTreeSet<(Instant, GroupId)>,
    waiting: Waiting,
    next_expiry_check: Instant,
}

impl Shard {
    pub(super) fn new(settings: GroupSettings, journal: Arc<dyn Journal>, clock: Clock) -> Self {
        Self {
            settings,
            journal,
            next_expiry_check: clock.now() + settings.offsets_retention_check,
            clock,
            groups: HashMap::new(),
            timers: BTreeSet::new(),
            waiting: Waiting::default(),
        }
    }

    /// Takes in a group that was read back.
    pub(super) fn remember(&mut self, group: GroupId, remembered: ReplayedGroup) {
        let entry = GroupEntry::restore(remembered, self.settings, &self.clock);
        self.groups.insert(group.clone(), entry);
        self.schedule(&group);
    }

    /// Works until shutdown. Requests that are still parked then are dropped, which their senders
    /// notice.
    pub(super) async fn run(
        mut self,
        mut mailbox: mpsc::Receiver<Command>,
        mut shutdown: Shutdown,
    ) {
        loop {
            let due = self
                .timers
                .first()
                .map_or(self.next_expiry_check, |(due, _)| {
                    self.next_expiry_check.min(*due)
                });
            // Time goes before mail: a member whose session is over can't renew it.
            tokio::select! {
                biased;
                () = shutdown.requested() => return,
                () = self.clock.sleep_until(due) => self.wake(),
                command = mailbox.recv() => match command {
                    Some(command) => self.handle(command),
                    None => return,
                },
            }
        }
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Announce(group, client) => self.feed_anybody(&group, Event::Announce(client)),
            Command::Join(group, join, reply) => {
                let ticket = self.waiting.admit(Waiter::Join(reply));
                self.feed_anybody(&group, Event::Join(ticket, join));
            }
            Command::Sync(group, sync, reply) => {
                let ticket = self.waiting.admit(Waiter::Sync(reply));
                self.feed_member(&group, ticket, |ticket| Event::Sync(ticket, sync));
            }
            Command::Heartbeat(group, generation, caller, reply) => {
                let ticket = self.waiting.admit(Waiter::Heartbeat(reply));
                self.feed_member(&group, ticket, |ticket| {
                    Event::Heartbeat(ticket, generation, caller)
                });
            }
            Command::Leave(group, leavers, reply) if !self.groups.contains_key(&group) => {
                let unknown = leavers.iter().map(|_| Err(GroupError::UnknownMember));
                drop(reply.send(Ok(unknown.collect())));
            }
            Command::Leave(group, leavers, reply) => {
                let ticket = self.waiting.admit(Waiter::Leave(reply));
                self.feed(&group, Event::Leave(ticket, leavers));
                self.drop_if_untouched(&group);
            }
            Command::Commit(group, commit, reply) => {
                let answer = self.commit(&group, commit);
                drop(reply.send(answer));
            }
            Command::Committed(group, wanted, reply) => {
                drop(reply.send(Ok(self.committed(&group, wanted))))
            }
            Command::ForgetTopic(topic, id, reply) => {
                drop(reply.send(self.forget_topic(&topic, id)))
            }
        }
    }

    /// For what makes a group that is not there yet.
    fn feed_anybody(&mut self, group: &GroupId, event: Event) {
        self.groups
            .entry(group.clone())
            .or_insert_with(|| GroupEntry::new(self.settings, &self.clock));
        self.feed(group, event);
        self.drop_if_untouched(group);
    }

    /// For requests that only a member can make: without its group it is unknown.
    fn feed_member(
        &mut self,
        group: &GroupId,
        ticket: Ticket,
        event: impl FnOnce(Ticket) -> Event,
    ) {
        if self.groups.contains_key(group) {
            self.feed(group, event(ticket));
        } else {
            self.waiting.refuse(ticket, GroupError::UnknownMember);
        }
    }

    fn feed(&mut self, group: &GroupId, event: Event) {
        let Some(entry) = self.groups.get_mut(group) else {
            return;
        };
        let Effects { save, answers } = entry.classic.on(event, self.clock.now());
        if save {
            entry.stabilised(self.clock.wall());
        }
        let is_on_record = self.save(group);
        for (ticket, answer) in answers {
            self.waiting.answer(
                ticket,
                if is_on_record {
                    answer
                } else {
                    unavailable(answer)
                },
            );
        }
        self.schedule(group);
    }

    /// Writes a changed group down. A change that could not be written is tried again with the next
    /// event.
    fn save(&mut self, group: &GroupId) -> bool {
        let Some(entry) = self.groups.get_mut(group) else {
            return true;
        };
        if entry.on_record != OnRecord::Outdated {
            return true;
        }
        let saved = entry.saved();
        let (generation, members) = (saved.snapshot.generation.0, saved.snapshot.members.len());
        let record = Record::Group {
            group: group.clone(),
            saved: Some(saved),
        };
        if write(&*self.journal, group, &[record]).is_err() {
            return false;
        }
        entry.on_record = OnRecord::Current;
        tracing::info!(%group, generation, members, "group came to rest");
        true
    }

    /// Looks at every group that is due, and for offsets that have outlived their use.
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
                .classic
                .deadline()
                .is_some_and(|deadline| deadline <= now)
            {
                self.feed(&group, Event::Tick);
                self.drop_if_untouched(&group);
            } else {
                self.schedule(&group);
            }
        }
        if self.next_expiry_check <= now {
            self.next_expiry_check = now + self.settings.offsets_retention_check;
            self.expire_offsets();
        }
    }

    /// A group that nobody got into leaves nothing behind.
    fn drop_if_untouched(&mut self, group: &GroupId) {
        if self.groups.get(group).is_some_and(GroupEntry::is_untouched) {
            self.remove(group);
        }
    }

    fn remove(&mut self, group: &GroupId) {
        if let Some(due) = self.groups.remove(group).and_then(|entry| entry.due) {
            self.timers.remove(&(due, group.clone()));
        }
    }

    /// Puts the group on the agenda, unless it is there for an earlier time: most deadlines are
    /// moved before they come.
    fn schedule(&mut self, group: &GroupId) {
        let Some(entry) = self.groups.get_mut(group) else {
            return;
        };
        let Some(deadline) = entry.classic.deadline() else {
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

/// Writes down what a group decided; if that fails it must not be told.
fn write(journal: &dyn Journal, group: &GroupId, records: &[Record]) -> Result<(), GroupError> {
    if records.is_empty() {
        return Ok(());
    }
    journal.append(group, records).map_err(|error| {
        // The journal itself says so, in fewer lines.
        tracing::debug!(%group, %error, "a decision of the group is not on record; clients have to ask again");
        GroupError::Unavailable
    })
}

/// What a member hears when the group's decision could not be written down.
fn unavailable(answer: Answer) -> Answer {
    match answer {
        Answer::Join(answer) => Answer::Join(answer.and(Err(GroupError::Unavailable))),
        Answer::Sync(answer) => Answer::Sync(answer.and(Err(GroupError::Unavailable))),
        Answer::Leave(rows) => Answer::Leave(
            rows.into_iter()
                .map(|row| row.and(Err(GroupError::Unavailable)))
                .collect(),
        ),
        Answer::Heartbeat(answer) => Answer::Heartbeat(answer),
    }
}
