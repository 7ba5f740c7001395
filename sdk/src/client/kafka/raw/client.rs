//! Calls on a client as a whole.

use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::IsError;

/// Returns the number of events in the consumer's own queue.
pub(in crate::client::kafka) fn waiting_events<C: ConsumerContext>(client: &Client<C>) -> usize {
    // SAFETY: the client is alive; the queue is a reference that we give back after its use.
    unsafe {
        let queue = sys::rd_kafka_queue_get_consumer(client.native_ptr());
        if queue.is_null() {
            return 0;
        }
        let events = sys::rd_kafka_queue_length(queue);
        sys::rd_kafka_queue_destroy(queue);
        events
    }
}

/// Asks any broker for the cluster's brokers, and waits at most `within` for the answer; whether
/// one came.
///
/// Names no topic but those that the client knows, so that none is made by the request.
pub(in crate::client::kafka) fn ask_for_brokers<C: ClientContext>(
    client: &Client<C>,
    within: Duration,
) -> bool {
    let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    let mut metadata = std::ptr::null();
    // SAFETY: client and pointer are alive; no topic is a null pointer, and what is answered is
    // ours to give back.
    unsafe {
        let answer = sys::rd_kafka_metadata(
            client.native_ptr(),
            0,
            std::ptr::null_mut(),
            &raw mut metadata,
            within,
        );
        if !metadata.is_null() {
            sys::rd_kafka_metadata_destroy(metadata);
        }
        !answer.is_error()
    }
}
