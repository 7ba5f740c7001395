//! The view that the poll thread has of a Kafka consumer.
//!
//! All of it is called from one thread, the poll thread, and so are the hooks: from inside
//! [`Consumer::serve`] and while the consumer is dropped. That thread may block in a hook.

use std::time::Duration;

use super::error::ClientError;
use super::notice::Notice;
use super::record::RecordParts;
use super::topic_identity::{TopicAnswer, TopicId, TopicIdentities};
use crate::types::{GroupId, LeaderEpoch, Offset, Position, TopicName, TopicPartition};

/// A member of a consumer group. Dropping it leaves the group; partitions it still has are handed
/// to [`ConsumerHooks::revoked`] first.
pub(crate) trait Consumer: Ends + FinalCommit {
    /// Asks for a share of the partitions of `topics`.
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), ClientError>;

    /// Answers whatever the group and the client have to say, without waiting; calls the hooks.
    ///
    /// Keeps the membership alive: to be called more often than `max.poll.interval.ms`.
    fn serve(&mut self);

    /// Hands over at most `max` records that are here already, without waiting, and says how many.
    fn drain(&mut self, max: usize, into: &mut dyn Intake) -> usize;

    /// Fetches nothing of these partitions any more, and forgets what was fetched.
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError>;

    /// Fetches these partitions again.
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError>;

    /// Asks a broker about these topics and waits for its answers; `None` when they do not all come
    /// within the time.
    fn look_at(&mut self, topics: &[TopicName], within: Duration) -> Option<TopicsSeen>;

    /// Reads these partitions from elsewhere on, and says which of them are on their way there; the
    /// others are to be tried again. Nothing that was fetched before is handed over any more of
    /// those.
    ///
    /// With a leader epoch, the leader is asked first whether the record before the position is
    /// still there. If not, records come from where that epoch ends now (KIP-320).
    fn seek(&mut self, positions: &[(TopicPartition, Position)]) -> Vec<TopicPartition>;

    /// Asks how many members the group has, and how many partitions these topics; `None` when that
    /// is not told within the time.
    fn group_size(
        &mut self,
        group: &GroupId,
        topics: &[TopicName],
        within: Duration,
    ) -> Option<GroupSize>;

    /// Asks what these topics are, without waiting; answers whether it could be asked.
    fn ask_for_topics(&mut self, topics: &[TopicName]) -> bool;

    /// The answer to [`ask_for_topics`](Self::ask_for_topics), once it is there; it wakes the
    /// thread.
    fn topics_answer(&mut self) -> Option<TopicAnswer>;

    /// Reads these partitions from their beginning, whatever was read of them. Answers with those
    /// that are sent there; it is too early for the others.
    fn seek_to_beginning(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition>;

    /// Sends a commit. How it ended comes as a [`Notice`].
    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> Result<(), ClientError>;
}

/// The ends of partitions, as a consumer knows or learns them.
pub(crate) trait Ends {
    /// Returns, for each of these partitions, the position up to which it was handed over, markers
    /// of transactions included, and the end that the last fetch saw. The client knows both by
    /// itself.
    fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd>;

    /// Asks the leader of a partition where it ends for this consumer; `None` when it does not
    /// answer in time.
    fn end(&self, of: &TopicPartition, within: Duration) -> Option<Offset>;
}

/// The state of a partition that a client fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KnownEnd {
    /// The next offset that it will hand over; `None` when it has handed over nothing.
    pub(crate) position: Option<Offset>,
    /// The first offset behind the partition, or `None` when the last answer did not say.
    pub(crate) end: Option<Offset>,
}

/// A broker's answer about the topics that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopicsSeen {
    /// One that is not there.
    pub(crate) missing: Option<TopicName>,
    /// One that we may not see.
    pub(crate) forbidden: Option<TopicName>,
}

/// Takes records as they leave the client, and says which it wants.
pub(crate) trait Intake: RecordSink {
    /// The records that follow are of this partition. Answers `false` when they are not wanted.
    fn source(&mut self, topic: &str, partition: i32) -> bool;

    /// Whether the record at this offset, which was written under this leader, is wanted. After a
    /// `false` the source is asked for again.
    fn admits(&mut self, offset: Offset, epoch: LeaderEpoch) -> bool;

    /// Whether anything of this partition is wanted, be it an error. What is of no partition always
    /// is.
    fn is_wanted(&self, topic: &str, partition: i32) -> bool;

    /// Something that came in the place of a record.
    fn notice(&mut self, notice: Notice);
}

/// Takes records. The bytes are the client's and are gone after the call.
pub(crate) trait RecordSink {
    /// A record; its headers follow.
    fn record(&mut self, parts: RecordParts<'_>);

    /// A header of the record that came last.
    fn header(&mut self, name: &[u8], value: Option<&[u8]>);
}

/// Notifications from a consumer to its poll thread.
pub(crate) trait ConsumerHooks: Send + Sync {
    /// These partitions are ours from now on; none of their records has been handed over yet.
    fn assigned(&self, partitions: &[StartPosition]);

    /// These partitions are about to be another's. This is the last chance to commit.
    fn revoked(&self, partitions: &[TopicPartition], commits: &dyn FinalCommit);

    /// These partitions are another's already: what was done since the last commit will be done
    /// again.
    fn lost(&self, partitions: &[TopicPartition]);

    /// Something else.
    fn notice(&self, notice: Notice);
}

/// The last commit of partitions, before they are another member's. Also from inside a hook.
pub(crate) trait FinalCommit {
    /// Asks what these topics are, and waits for the answer; what is not told in time is left out.
    fn topic_identities(&self, topics: &[TopicName]) -> TopicIdentities;

    /// Commits and waits for the answer.
    fn commit_within(
        &self,
        positions: &[(TopicPartition, Position)],
        within: Duration,
    ) -> Result<(), ClientError>;
}

/// The progress of a group in a partition that is assigned to this member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartPosition {
    pub(crate) at: TopicPartition,
    /// The committed position; `None` if there is none, or the group could not be asked.
    pub(crate) committed: Option<Position>,
    /// The topic's id; `None` if that is not known.
    pub(crate) topic_id: Option<TopicId>,
}

/// A group beside the partitions of some topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupSize {
    /// Members that have joined or are about to.
    pub(crate) members: usize,
    /// Partitions of all the topics.
    pub(crate) partitions: usize,
}
