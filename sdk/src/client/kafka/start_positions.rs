//! The position at which a consumer begins to read the partitions it was just given.
//!
//! librdkafka would look up the committed offsets itself, but it believes them: it compares leader
//! epochs only of partitions that it holds while an epoch changes (KIP-320). A broker that lost the
//! end of a log while this member was away would go unnoticed, and what was written there since
//! would be skipped. So the offsets are looked up here with their epochs, and a seek with an epoch
//! makes librdkafka ask the leader where that epoch ended. It goes on there if that is in front of
//! the committed offset, and hands out nothing before it knows.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{Offset as NativeOffset, TopicPartitionList};

use super::lists::{list_of_positions, partitions, position};
use super::raw;
use crate::client::consumer::StartPosition;
use crate::config::ClientProperties;
use crate::types::{Offset, Position, TopicPartition};

/// Longest wait for the group's committed offsets, before the client is left to look for itself.
const COMMITTED_OFFSETS_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for the end of one partition.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest wait for librdkafka to take a seek.
const SEEK_TIMEOUT: Duration = Duration::from_secs(5);

/// Most attempts of a seek that comes before librdkafka has begun to fetch, and the rest between
/// two of them.
const MAX_SEEK_ATTEMPTS: usize = 1_000;
const SEEK_INTERVAL: Duration = Duration::from_millis(5);

/// The property that says where a consumer without a committed offset begins.
const RESET_POLICY: &str = "auto.offset.reset";

/// The start in a partition without a committed offset (`auto.offset.reset`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResetPolicy {
    /// The first record.
    Earliest,
    /// The end, as it is when the partition is assigned.
    Latest,
    /// The consumer fails.
    Fail,
}

impl ResetPolicy {
    /// The policy that these properties ask for, and librdkafka's own from now on.
    ///
    /// librdkafka would go to the end also where a log was cut, or has lost its oldest records, and
    /// skip what is there. So what is new is looked for here, and elsewhere librdkafka begins
    /// with the first record that is left.
    pub(super) fn take_from(properties: &mut ClientProperties) -> Self {
        match properties.get(RESET_POLICY) {
            Some("latest" | "largest" | "end") => {
                properties.set(RESET_POLICY, "earliest");
                Self::Latest
            }
            Some("error") => Self::Fail,
            Some(_) | None => Self::Earliest,
        }
    }
}

/// Looks up the committed offsets of `assignment`, which is about to be assigned, and puts them
/// into it. Blocks.
pub(super) fn look_up<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    assignment: &TopicPartitionList,
    reset: ResetPolicy,
) -> Vec<StartPosition> {
    let wanted = partitions(assignment);
    let nothing_known = || {
        wanted
            .iter()
            .map(|at| StartPosition {
                at: at.clone(),
                committed: None,
                topic_id: None,
            })
            .collect()
    };
    if wanted.is_empty() {
        return Vec::new();
    }
    let committed = match committed(client, &wanted) {
        Ok(committed) => committed,
        Err(error) => {
            tracing::warn!(
                %error,
                partitions = ?wanted,
                "the committed offsets cannot be looked at: whether a log was cut in front of them is not known"
            );
            return nothing_known();
        }
    };
    let known: Vec<StartPosition> = wanted
        .into_iter()
        .map(|at| start_position(&committed, at))
        .collect();
    for mut element in assignment.elements() {
        let is_it = |start: &&StartPosition| {
            start.at.partition.0 == element.partition()
                && start.at.topic.as_str() == element.topic()
        };
        let committed = known.iter().find(is_it).and_then(|start| start.committed);
        let begin = match (committed, reset) {
            (
                Some(Position {
                    next: Offset(next), ..
                }),
                _,
            ) => NativeOffset::Offset(next),
            (None, ResetPolicy::Earliest) => NativeOffset::Beginning,
            (None, ResetPolicy::Latest) => end(client, element.topic(), element.partition()),
            (None, ResetPolicy::Fail) => continue,
        };
        if let Err(error) = element.set_offset(begin) {
            tracing::warn!(%error, "the client takes no start position");
        }
    }
    for StartPosition { at, committed, .. } in &known {
        if let Some(Position { leader_epoch, .. }) = committed {
            raw::set_leader_epoch(assignment, at, *leader_epoch);
        }
    }
    hold(client, assignment);
    known
}

/// Sends the consumer to the beginning of these partitions. Answers with those that it goes to.
pub(super) fn seek_to_beginning<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    partitions: &[TopicPartition],
) -> KafkaResult<Vec<TopicPartition>> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for at in partitions {
        list.add_partition_offset(at.topic.as_str(), at.partition.0, NativeOffset::Beginning)?;
    }
    raw::seek(client.client(), &list, SEEK_TIMEOUT).map_err(KafkaError::OffsetFetch)?;
    let is_sent = |at: &&TopicPartition| {
        let element = list.find_partition(at.topic.as_str(), at.partition.0);
        element.is_some_and(|element| element.error().is_ok())
    };
    Ok(partitions.iter().filter(is_sent).cloned().collect())
}

/// Keeps the partitions that [`validate`] is about from being fetched before that: a fetch behind
/// the end of a log would send the consumer to its beginning, and no later seek would undo it.
fn hold<C: ConsumerContext>(client: &BaseConsumer<C>, assignment: &TopicPartitionList) {
    let open = to_validate(assignment);
    if open.is_empty() {
        return;
    }
    let held = list_of_positions(&open).and_then(|list| client.pause(&list));
    if let Err(error) = held {
        tracing::warn!(%error, "new partitions cannot be paused: their start positions may not be checked in time");
    }
}

/// Lets the leaders of the partitions that were just assigned say whether what the group has read
/// is still there. Blocks until librdkafka has begun to ask; it hands out no record before it has
/// the answer. The partitions are still paused after it.
pub(super) fn validate<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    assignment: &TopicPartitionList,
) {
    let mut open = to_validate(assignment);
    for _ in 0..MAX_SEEK_ATTEMPTS {
        if open.is_empty() {
            return;
        }
        match seek(client, &open) {
            Ok(too_early) => open = too_early,
            Err(reason) => {
                tracing::warn!(reason, "start positions cannot be checked");
                return;
            }
        }
        if !open.is_empty() {
            std::thread::park_timeout(SEEK_INTERVAL);
        }
    }
    let partitions: Vec<_> = open.iter().map(|(at, _)| at).collect();
    tracing::warn!(?partitions, "start positions were not checked in time");
}

/// The partitions of which something was read, by a member that told the leader epoch.
fn to_validate(assignment: &TopicPartitionList) -> Vec<(TopicPartition, Position)> {
    let positions = partitions(assignment)
        .into_iter()
        .filter_map(|at| position(assignment, &at).map(|start| (at, start)));
    positions
        .filter(|(_, start)| start.leader_epoch.is_known() && start.next > Offset(0))
        .collect()
}

/// Sends the consumer to these positions. Answers those for which it was too early: librdkafka
/// begins to fetch in its own time.
pub(super) fn seek<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    positions: &[(TopicPartition, Position)],
) -> Result<Vec<(TopicPartition, Position)>, String> {
    let list = list_of_positions(positions).map_err(|error| error.to_string())?;
    raw::seek(client.client(), &list, SEEK_TIMEOUT).map_err(|code| code.to_string())?;
    let too_early = |at: &TopicPartition| {
        let element = list.find_partition(at.topic.as_str(), at.partition.0);
        matches!(
            element.map(|element| element.error()),
            Some(Err(KafkaError::OffsetFetch(
                RDKafkaErrorCode::State | RDKafkaErrorCode::PreviousInProgress
            )))
        )
    };
    Ok(positions
        .iter()
        .filter(|(at, _)| too_early(at))
        .cloned()
        .collect())
}

/// The end of a partition as it is now; or where librdkafka finds it later, if the broker does not
/// answer.
fn end<C: ConsumerContext>(client: &BaseConsumer<C>, topic: &str, partition: i32) -> NativeOffset {
    match client.fetch_watermarks(topic, partition, END_TIMEOUT) {
        Ok((_, end)) => NativeOffset::Offset(end),
        Err(error) => {
            tracing::warn!(%error, topic, partition, "the end of a partition is not known yet");
            NativeOffset::End
        }
    }
}

fn committed<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    wanted: &[TopicPartition],
) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(wanted.len());
    for TopicPartition { topic, partition } in wanted {
        list.add_partition(topic.as_str(), partition.0);
    }
    client.committed_offsets(list, COMMITTED_OFFSETS_TIMEOUT)
}

fn start_position(committed: &TopicPartitionList, at: TopicPartition) -> StartPosition {
    StartPosition {
        committed: position(committed, &at),
        at,
        topic_id: None,
    }
}
