//! Commits whose end is told.

use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{IsError, RDKafkaErrorCode};
use rdkafka::{TopicPartitionList, bindings as sys};

/// Sends a commit whose answer comes as an event of the consumer's own queue. The wrapper's
/// asynchronous commit never tells how it ended.
pub(in crate::client::kafka) fn commit<C: ConsumerContext>(
    client: &Client<C>,
    offsets: &TopicPartitionList,
) -> Result<(), RDKafkaErrorCode> {
    // SAFETY: client and list are alive; the queue is a reference that we give back after its use.
    // Without a callback the answer is an event, and the opaque pointer is not looked at.
    let answer = unsafe {
        let queue = sys::rd_kafka_queue_get_consumer(client.native_ptr());
        if queue.is_null() {
            return Err(RDKafkaErrorCode::UnknownGroup);
        }
        let answer = sys::rd_kafka_commit_queue(
            client.native_ptr(),
            offsets.ptr(),
            queue,
            None,
            std::ptr::null_mut(),
        );
        sys::rd_kafka_queue_destroy(queue);
        answer
    };
    if answer.is_error() {
        Err(answer.into())
    } else {
        Ok(())
    }
}

/// Commits and waits at most `within`; `None` when no answer came. The wrapper's synchronous commit
/// has no deadline.
pub(in crate::client::kafka) fn commit_within<C: ConsumerContext>(
    client: &Client<C>,
    offsets: &TopicPartitionList,
    within: Duration,
) -> Option<Result<(), RDKafkaErrorCode>> {
    let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: client and list are alive. The queue and the event are ours and given back after
    // their use; an answer that comes later finds a queue that takes it and is freed with it.
    let answer = unsafe {
        let queue = sys::rd_kafka_queue_new(client.native_ptr());
        if queue.is_null() {
            return None;
        }
        let sent = sys::rd_kafka_commit_queue(
            client.native_ptr(),
            offsets.ptr(),
            queue,
            None,
            std::ptr::null_mut(),
        );
        if sent.is_error() {
            sys::rd_kafka_queue_destroy(queue);
            return Some(Err(sent.into()));
        }
        let event = sys::rd_kafka_queue_poll(queue, within);
        let answer = (!event.is_null()).then(|| sys::rd_kafka_event_error(event));
        if !event.is_null() {
            sys::rd_kafka_event_destroy(event);
        }
        sys::rd_kafka_queue_destroy(queue);
        answer?
    };
    Some(if answer.is_error() {
        Err(answer.into())
    } else {
        Ok(())
    })
}
