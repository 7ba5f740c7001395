//! The reasons why partitions are not fetched, and the changes that the client is told.
//!
//! A partition can be paused for several reasons at a time, and is fetched again once none of them
//! is left. The reasons belong to one assignment: a partition that comes back starts without any.

use super::assignment::{AssignedPartition, Assignments};
use crate::types::TopicPartition;

/// The changes that the client has to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PauseChanges {
    pub(super) pause: Vec<TopicPartition>,
    pub(super) resume: Vec<TopicPartition>,
}

impl Assignments {
    /// Pauses partitions that wait at a failed record or at damage, and lets those go on whose
    /// backlog is half done.
    pub(super) fn update_pauses(&mut self) -> PauseChanges {
        let mut changes = PauseChanges::default();
        for assigned in &mut self.partitions {
            let unfinished = assigned.unfinished();
            let is_halted = assigned.is_halted();
            let reasons = &mut assigned.paused;
            let before = *reasons;
            reasons.halted |= is_halted;
            reasons.backlog = reasons.backlog.filter(|with| unfinished > with / 2);
            if reasons.halted && !before.halted {
                changes.pause.push(assigned.at.clone());
            } else if reasons.is_empty() && !before.is_empty() {
                changes.resume.push(assigned.at.clone());
            }
        }
        changes
    }

    /// Pauses a partition that alone holds more than half of all unfinished records, so that the
    /// others get room. Returns those that were paused.
    pub(super) fn pause_backlog(&mut self) -> Vec<TopicPartition> {
        let fetched = self.partitions.iter().filter(|it| it.may_be_paused());
        let (partitions, unfinished) = fetched.fold((0, 0), |(count, sum), assigned| {
            (count + 1, sum + assigned.unfinished())
        });
        // A single partition takes no room from others.
        if partitions < 2 {
            return Vec::new();
        }
        let mut paused = Vec::new();
        for assigned in self.partitions.iter_mut().filter(|it| it.may_be_paused()) {
            let with = assigned.unfinished();
            if with * 2 > unfinished {
                assigned.paused.backlog = Some(with);
                paused.push(assigned.at.clone());
            }
        }
        paused
    }

    /// The unfinished records of partitions with a backlog, which the budget leaves out.
    pub(super) fn backlog(&self) -> u64 {
        let paused = self.partitions.iter();
        let paused = paused.filter(|assigned| assigned.paused.backlog.is_some());
        paused.map(AssignedPartition::unfinished).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::commit::CommitPolicy;
    use crate::listener::consumer::fetch_position::FetchPosition;
    use crate::listener::engine::EngineChannel;
    use crate::runtime::Clock;
    use crate::types::{PartitionId, TopicName};

    fn at(partition: i32) -> TopicPartition {
        TopicPartition::new(TopicName::new("orders").unwrap(), PartitionId(partition))
    }

    /// Two partitions, of which the first has that many unfinished records.
    fn assignments(taken: u64) -> Assignments {
        let now = Clock::system().now();
        let mut assignments = Assignments::new(CommitPolicy::default(), now);
        let channel = EngineChannel::new(1);
        for partition in 0..2 {
            assignments.add(at(partition), 0, FetchPosition::from(None), None, &channel);
        }
        assignments.partitions[0].taken = taken;
        assignments
    }

    fn finish(assignments: &Assignments, records: u64) {
        let progress = assignments.partitions[0].offsets.progress();
        progress.publish(None, records);
    }

    #[test]
    fn a_partition_with_a_backlog_is_fetched_again_when_half_of_it_is_done() {
        let mut assignments = assignments(100);
        assert_eq!(assignments.pause_backlog(), [at(0)]);
        assert_eq!(
            (assignments.backlog(), assignments.pause_backlog()),
            (100, vec![])
        );
        finish(&assignments, 49);
        assert_eq!(assignments.update_pauses(), PauseChanges::default());
        finish(&assignments, 50);
        assert_eq!(assignments.update_pauses().resume, [at(0)]);
        assert_eq!(assignments.backlog(), 0);
    }

    #[test]
    fn a_partition_that_halts_with_a_backlog_is_not_fetched_when_the_backlog_is_gone() {
        let mut assignments = assignments(100);
        assignments.pause_backlog();
        assignments.partitions[0].offsets.progress().halt();
        assert_eq!(assignments.update_pauses().pause, [at(0)]);
        finish(&assignments, 100);
        assert_eq!(assignments.update_pauses(), PauseChanges::default());
        assert!(!assignments.partitions[0].paused.is_empty());
    }
}
