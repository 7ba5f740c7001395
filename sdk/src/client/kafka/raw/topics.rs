//! The ids of topics, asked of a broker (KIP-516).

use std::ffi::{CStr, CString};
use std::slice;
use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{IsError, RDKafkaErrorCode};

use super::queue::RecordQueue;
use crate::client::topic_identity::TopicId;
use crate::types::TopicName;

/// A topic as librdkafka describes it.
pub(in crate::client::kafka) struct Described {
    pub(in crate::client::kafka) name: String,
    pub(in crate::client::kafka) answer: Result<TopicId, RDKafkaErrorCode>,
}

impl RecordQueue {
    /// Asks a broker what these topics are; the answer comes to this queue, which must have no
    /// other use.
    ///
    /// Makes no topic. Returns whether the broker could be asked.
    pub(in crate::client::kafka) fn describe_topics<C: ConsumerContext>(
        &self,
        client: &Client<C>,
        topics: &[TopicName],
        within: Duration,
    ) -> bool {
        let Ok(names) = topics
            .iter()
            .map(|topic| CString::new(topic.as_str()))
            .collect::<Result<Vec<_>, _>>()
        else {
            return false;
        };
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: client, queue and names are alive. The collection copies the names; it and the
        // options are ours, and given back after their use: the request keeps copies.
        unsafe {
            let options = sys::rd_kafka_AdminOptions_new(
                client.native_ptr(),
                sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
            );
            if options.is_null() {
                return false;
            }
            let mut reason = [0; 128];
            let set = sys::rd_kafka_AdminOptions_set_request_timeout(
                options,
                within,
                reason.as_mut_ptr(),
                reason.len(),
            );
            let collection =
                sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            let is_ready = !set.is_error() && !collection.is_null();
            if is_ready {
                sys::rd_kafka_DescribeTopics(
                    client.native_ptr(),
                    collection,
                    options,
                    self.queue.as_ptr(),
                );
            }
            if !collection.is_null() {
                sys::rd_kafka_TopicCollection_destroy(collection);
            }
            sys::rd_kafka_AdminOptions_destroy(options);
            is_ready
        }
    }

    /// Returns the answer to [`describe_topics`](Self::describe_topics); `None` if there is none in
    /// time.
    pub(in crate::client::kafka) fn described_topics(
        &self,
        within: Duration,
    ) -> Option<Result<Vec<Described>, RDKafkaErrorCode>> {
        let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive. The event is ours and given back below; the result, its
        // topics, their names, ids and errors belong to it and are copied before that.
        // `count` is the number of topics.
        unsafe {
            let event = sys::rd_kafka_queue_poll(self.queue.as_ptr(), within);
            if event.is_null() {
                return None;
            }
            let (code, result) = (
                sys::rd_kafka_event_error(event),
                sys::rd_kafka_event_DescribeTopics_result(event),
            );
            let answer = if code.is_error() {
                Err(code.into())
            } else if result.is_null() {
                Err(RDKafkaErrorCode::Fail)
            } else {
                let mut count = 0;
                let topics = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
                let topics = if topics.is_null() {
                    &[]
                } else {
                    slice::from_raw_parts(topics, count)
                };
                Ok(topics.iter().map(|topic| described(*topic)).collect())
            };
            sys::rd_kafka_event_destroy(event);
            Some(answer)
        }
    }
}

/// # Safety
/// `topic` is a topic of a living result.
unsafe fn described(topic: *const sys::rd_kafka_TopicDescription_t) -> Described {
    // SAFETY: the caller's promise; name, error and id belong to the topic, and the name is a C
    // string.
    unsafe {
        let name = CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic))
            .to_string_lossy()
            .into_owned();
        let error = sys::rd_kafka_TopicDescription_error(topic);
        let code = if error.is_null() {
            sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR
        } else {
            sys::rd_kafka_error_code(error)
        };
        let id = sys::rd_kafka_TopicDescription_topic_id(topic);
        let answer = if code.is_error() {
            Err(code.into())
        } else if id.is_null() {
            Err(RDKafkaErrorCode::Fail)
        } else {
            let (high, low) = (
                sys::rd_kafka_Uuid_most_significant_bits(id),
                sys::rd_kafka_Uuid_least_significant_bits(id),
            );
            Ok(TopicId::new(high, low))
        };
        Described { name, answer }
    }
}
