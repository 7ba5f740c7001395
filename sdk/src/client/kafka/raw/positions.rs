//! The ends of partitions, leader epochs in lists, and seeks that keep them.

use std::ffi::CString;
use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{IsError, RDKafkaErrorCode};
use rdkafka::{TopicPartitionList, bindings as sys};

use crate::types::{LeaderEpoch, Offset, TopicPartition};

/// Returns the end of a partition at its last fetch; `None` if there was none, or the answer did
/// not say.
pub(in crate::client::kafka) fn known_end<C: ConsumerContext>(
    client: &Client<C>,
    at: &TopicPartition,
) -> Option<Offset> {
    let topic = CString::new(at.topic.as_str()).ok()?;
    let (mut first, mut end) = (0, 0);
    // SAFETY: the client is alive, the topic is a C string, and both pointers are to living values.
    let answer = unsafe {
        sys::rd_kafka_get_watermark_offsets(
            client.native_ptr(),
            topic.as_ptr(),
            at.partition.0,
            &raw mut first,
            &raw mut end,
        )
    };
    (!answer.is_error() && end >= 0).then_some(Offset(end))
}

/// The leader epoch that a list has for one of its partitions.
pub(in crate::client::kafka) fn leader_epoch(
    list: &TopicPartitionList,
    at: &TopicPartition,
) -> LeaderEpoch {
    // SAFETY: the element belongs to the list, which is alive.
    let epoch = element(list, at)
        .map(|element| unsafe { sys::rd_kafka_topic_partition_get_leader_epoch(element.as_ptr()) });
    epoch.map_or(LeaderEpoch::UNKNOWN, LeaderEpoch)
}

/// Gives one of a list's partitions a leader epoch, for a commit, an assignment or a seek.
pub(in crate::client::kafka) fn set_leader_epoch(
    list: &TopicPartitionList,
    at: &TopicPartition,
    LeaderEpoch(epoch): LeaderEpoch,
) {
    if let Some(element) = element(list, at) {
        // SAFETY: the element belongs to the list, which is alive and, as it is not `Sync`, used by
        // nobody else.
        unsafe { sys::rd_kafka_topic_partition_set_leader_epoch(element.as_ptr(), epoch) };
    }
}

fn element(
    list: &TopicPartitionList,
    at: &TopicPartition,
) -> Option<NonNull<sys::rd_kafka_topic_partition_t>> {
    let topic = CString::new(at.topic.as_str()).ok()?;
    // SAFETY: the list is alive, the topic is a C string.
    let found = unsafe {
        sys::rd_kafka_topic_partition_list_find(list.ptr(), topic.as_ptr(), at.partition.0)
    };
    NonNull::new(found)
}

/// Sends a consumer to other positions and waits until it is on its way, at most `within`. What
/// came of each partition stands in the list. With a leader epoch the broker is asked first whether
/// it still has the record before (KIP-320); the wrapper's seek loses the epochs.
pub(in crate::client::kafka) fn seek<C: ConsumerContext>(
    client: &Client<C>,
    positions: &TopicPartitionList,
    within: Duration,
) -> Result<(), RDKafkaErrorCode> {
    let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: client and list are alive; the error is ours to give back.
    let code = unsafe {
        let error = sys::rd_kafka_seek_partitions(client.native_ptr(), positions.ptr(), within);
        if error.is_null() {
            return Ok(());
        }
        let code = sys::rd_kafka_error_code(error);
        sys::rd_kafka_error_destroy(error);
        code
    };
    Err(code.into())
}
