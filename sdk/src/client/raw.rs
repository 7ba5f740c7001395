//! The few calls of librdkafka that its safe wrapper does not offer, and all of our `unsafe`.
//!
//! A consumer's records are drained from a queue of our own, many per call: less than half of what
//! handing them out one by one costs. Partitions are forwarded to it when they are assigned. The
//! queue that the wrapper polls keeps everything else (rebalances, commits, errors) and must not be
//! drained here: an unanswered rebalance would give the assignment away.
#![expect(
    unsafe_code,
    reason = "the raw queue calls; nothing else in the crate may"
)]

use std::ffi::{CStr, CString, c_void};
use std::ptr::NonNull;
use std::sync::LazyLock;
use std::thread::Thread;
use std::time::Duration;
use std::{fmt, slice};

use rdkafka::client::{Client, ClientContext};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{IsError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::{TopicPartitionList, bindings as sys};

use super::topic_ids::{Described, TopicId};
use crate::types::{LeaderEpoch, Offset, TopicName, TopicPartition};

/// A queue of a client that hands out records in batches.
///
/// It must be dropped before its client: a client waits in its destructor until its queues are
/// gone.
pub(super) struct RecordQueue {
    queue: NonNull<sys::rd_kafka_queue_t>,
    /// The thread that librdkafka unparks; its address is what the callback is given.
    thread: Box<Thread>,
}

// SAFETY: librdkafka's queues may be used from any thread; `Thread` is a handle that may, too.
unsafe impl Send for RecordQueue {}
// SAFETY: as above; `&RecordQueue` offers forwarding and draining, which lock the queue inside
// librdkafka.
unsafe impl Sync for RecordQueue {}

impl RecordQueue {
    /// A new queue that unparks the calling thread when it stops being empty.
    pub(super) fn of_this_thread<C: ConsumerContext>(client: &Client<C>) -> Option<Self> {
        // SAFETY: the client is alive, as we hold a reference to it.
        let queue = NonNull::new(unsafe { sys::rd_kafka_queue_new(client.native_ptr()) })?;
        let thread = Box::new(std::thread::current());
        let opaque: *const Thread = &raw const *thread;
        // SAFETY: the queue is alive; `thread` is boxed, so that its address outlives moves of
        // `Self`, and `drop` takes the callback back before the box goes.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(
                queue.as_ptr(),
                Some(unpark),
                opaque.cast_mut().cast(),
            )
        };
        Some(Self { queue, thread })
    }

    /// Sends what is fetched of a partition to this queue from now on. To be called at every
    /// assignment: a partition that comes back is not forwarded any more.
    pub(super) fn forward<C: ConsumerContext>(
        &self,
        client: &Client<C>,
        topic: &str,
        partition: i32,
    ) -> bool {
        let Ok(topic) = CString::new(topic) else {
            return false;
        };
        // SAFETY: client and queue are alive, the topic is a C string; the partition's queue is a
        // reference that we give back after its use.
        unsafe {
            let source =
                sys::rd_kafka_queue_get_partition(client.native_ptr(), topic.as_ptr(), partition);
            if source.is_null() {
                return false;
            }
            sys::rd_kafka_queue_forward(source, self.queue.as_ptr());
            sys::rd_kafka_queue_destroy(source);
        }
        true
    }

    /// Takes at most `max` messages that are here already, and shows each to `look` before it is
    /// freed.
    pub(super) fn drain(
        &self,
        buffer: &mut MessageBuffer,
        max: usize,
        mut look: impl FnMut(Message<'_>),
    ) -> usize {
        let max = max.min(buffer.0.len());
        // A positive timeout would wait until `max` messages are there.
        let timeout = 0;
        // SAFETY: the queue is alive; the buffer has room for `max` pointers.
        let taken = unsafe {
            sys::rd_kafka_consume_batch_queue(
                self.queue.as_ptr(),
                timeout,
                buffer.0.as_mut_ptr(),
                max,
            )
        };
        let taken = usize::try_from(taken).unwrap_or(0);
        for message in buffer.0.iter().take(taken) {
            // SAFETY: librdkafka has filled the first `taken` places with messages that are ours.
            // `Owned` frees each exactly once, also when `look` panics; no `Message` outlives its
            // turn.
            let owned = Owned(*message);
            if let Some(message) = unsafe { owned.0.as_ref() } {
                look(Message { raw: message });
            }
        }
        taken
    }

    /// Asks a broker what these topics are; the answer comes to this queue, which must have no
    /// other use.
    ///
    /// It makes no topic. Answers whether it could be asked.
    pub(super) fn describe_topics<C: ConsumerContext>(
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

    /// What [`describe_topics`](Self::describe_topics) came to; `None` when that is not known
    /// within the time.
    pub(super) fn described_topics(
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

impl Drop for RecordQueue {
    fn drop(&mut self) {
        // SAFETY: the queue is alive until the second call. The first takes the lock that callbacks
        // are called under, so that none runs when it returns; the box behind `thread` goes
        // after that.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, std::ptr::null_mut());
            sys::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}

impl fmt::Debug for RecordQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordQueue")
            .field("thread", &self.thread.name())
            .finish_non_exhaustive()
    }
}

unsafe extern "C" fn unpark(_client: *mut sys::rd_kafka_t, thread: *mut c_void) {
    // SAFETY: `thread` is the box of a living `RecordQueue`, see there.
    if let Some(thread) = unsafe { thread.cast::<Thread>().as_ref() } {
        thread.unpark();
    }
}

/// Room for the messages of one drain, used again and again. Empty between two drains.
pub(super) struct MessageBuffer(Vec<*mut sys::rd_kafka_message_t>);

// SAFETY: between two drains the pointers are dangling and never read.
unsafe impl Send for MessageBuffer {}

impl MessageBuffer {
    pub(super) fn with_room_for(messages: usize) -> Self {
        Self(vec![std::ptr::null_mut(); messages])
    }
}

impl fmt::Debug for MessageBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBuffer({})", self.0.len())
    }
}

/// Frees its message, whatever happens.
struct Owned(*mut sys::rd_kafka_message_t);

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the message is ours and freed nowhere else.
            unsafe { sys::rd_kafka_message_destroy(self.0) };
        }
    }
}

/// A message as it lies in librdkafka's memory, for as long as `look` looks at it.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    raw: &'a sys::rd_kafka_message_t,
}

impl<'a> Message<'a> {
    /// The error that came in place of a record.
    pub(super) fn error(&self) -> Option<RDKafkaErrorCode> {
        self.raw.err.is_error().then(|| self.raw.err.into())
    }

    /// Which topic object it belongs to: the same address is the same topic, while a drain lasts.
    pub(super) fn topic_address(&self) -> usize {
        self.raw.rkt.addr()
    }

    pub(super) fn topic(&self) -> &'a str {
        if self.raw.rkt.is_null() {
            return "";
        }
        // SAFETY: the topic object lives as long as the message, and its name is a C string.
        let name = unsafe { CStr::from_ptr(sys::rd_kafka_topic_name(self.raw.rkt)) };
        name.to_str().unwrap_or_default()
    }

    pub(super) fn partition(&self) -> i32 {
        self.raw.partition
    }

    pub(super) fn offset(&self) -> i64 {
        self.raw.offset
    }

    /// Who led the partition when the record was written.
    pub(super) fn leader_epoch(&self) -> LeaderEpoch {
        // SAFETY: the message is alive.
        LeaderEpoch(unsafe { sys::rd_kafka_message_leader_epoch(self.raw) })
    }

    pub(super) fn key(&self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka keeps `key_len` bytes at `key`, or a null pointer, as long as the
        // message.
        unsafe { bytes(self.raw.key, self.raw.key_len) }
    }

    pub(super) fn payload(&self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka keeps `len` bytes at `payload`, or a null pointer, as long as the
        // message.
        unsafe { bytes(self.raw.payload, self.raw.len) }
    }

    /// Milliseconds since 1970 and who set them.
    pub(super) fn timestamp(&self) -> (i64, sys::rd_kafka_timestamp_type_t) {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: both pointers are to living values.
        let time = unsafe { sys::rd_kafka_message_timestamp(self.raw, &raw mut kind) };
        (time, kind)
    }

    /// Whether it is certain that there are no headers.
    ///
    /// librdkafka allocates a buffer to find that out, for every message: a quarter of all that a
    /// record costs. So we look at the count ourselves, in the one release whose layout we
    /// know.
    fn surely_has_no_headers(&self) -> bool {
        static IS_KNOWN: LazyLock<bool> = LazyLock::new(|| {
            // SAFETY: asks for a constant.
            let version = unsafe { sys::rd_kafka_version() };
            version == MessageOf2_12_1::RELEASE
        });
        if !*IS_KNOWN {
            return false;
        }
        let message: *const sys::rd_kafka_message_t = self.raw;
        // SAFETY: in this release every consumed message is the first field of an `rd_kafka_msg_t`,
        // which lives as long as the message. `header_bytes` is `header_bytes_len` bytes of
        // the fetched record: the number of headers as a varint, and the headers.
        unsafe {
            let message = &*message.cast::<MessageOf2_12_1>();
            message.headers.is_null()
                && message.header_bytes_len == 1
                && bytes(message.header_bytes, 1) == Some(&[0])
        }
    }

    /// Shows each header to `look`, in order. Names are bytes: they need not be UTF-8.
    pub(super) fn headers(&self, mut look: impl FnMut(&[u8], Option<&[u8]>)) {
        if self.surely_has_no_headers() {
            return;
        }
        let mut headers = std::ptr::null_mut();
        // SAFETY: both pointers are to living values. The list belongs to the message.
        let answer = unsafe { sys::rd_kafka_message_headers(self.raw, &raw mut headers) };
        if answer.is_error() {
            return;
        }
        for index in 0.. {
            let (mut name, mut value, mut len) = (std::ptr::null(), std::ptr::null(), 0);
            // SAFETY: the list lives as long as the message; past its end the call answers an
            // error. A name is a C string, a value is `len` bytes or a null pointer,
            // both inside the list.
            unsafe {
                let answer = sys::rd_kafka_header_get_all(
                    headers,
                    index,
                    &raw mut name,
                    &raw mut value,
                    &raw mut len,
                );
                if answer.is_error() {
                    return;
                }
                look(CStr::from_ptr(name).to_bytes(), bytes(value, len));
            }
        }
    }
}

/// `rd_kafka_msg_t` of librdkafka 2.12.1 (`rdkafka_msg.h`), as far as a consumed message fills it.
/// It has no compile-time switches.
#[repr(C)]
struct MessageOf2_12_1 {
    message: sys::rd_kafka_message_t,
    link: [*const c_void; 2],
    flags: i32,
    timestamp_type: i32,
    timestamp: i64,
    /// The headers once they were parsed.
    headers: *const c_void,
    status: i32,
    broker: i32,
    /// The headers as they came.
    header_bytes_len: i32,
    header_bytes: *const c_void,
}

impl MessageOf2_12_1 {
    const RELEASE: i32 = 0x020c_01ff;
}

/// # Safety
/// `start` is null, or `len` bytes live there for `'a`.
unsafe fn bytes<'a>(start: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts(start.cast(), len) })
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
            Ok(TopicId { high, low })
        };
        Described { name, answer }
    }
}

/// How many events wait in the consumer's own queue.
pub(super) fn waiting_events<C: ConsumerContext>(client: &Client<C>) -> usize {
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

/// Where a partition ended when it was fetched last; `None` when it was not, or the answer did not
/// say.
pub(super) fn known_end<C: ConsumerContext>(
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
pub(super) fn leader_epoch(list: &TopicPartitionList, at: &TopicPartition) -> LeaderEpoch {
    // SAFETY: the element belongs to the list, which is alive.
    let epoch = element(list, at)
        .map(|element| unsafe { sys::rd_kafka_topic_partition_get_leader_epoch(element.as_ptr()) });
    epoch.map_or(LeaderEpoch::UNKNOWN, LeaderEpoch)
}

/// Gives one of a list's partitions a leader epoch, for a commit, an assignment or a seek.
pub(super) fn set_leader_epoch(
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
pub(super) fn seek<C: ConsumerContext>(
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

/// Sends a commit whose answer comes as an event of the consumer's own queue. The wrapper's
/// asynchronous commit never tells how it ended.
pub(super) fn commit<C: ConsumerContext>(
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
pub(super) fn commit_within<C: ConsumerContext>(
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

/// Asks any broker for the cluster's brokers, and waits at most `within` for the answer; whether
/// one came.
///
/// It names no topic but those that the client knows, so that none is made by it.
pub(super) fn ask_for_brokers<C: ClientContext>(client: &Client<C>, within: Duration) -> bool {
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

/// Whether a record that failed may be in the log all the same.
pub(super) fn may_be_written(message: &BorrowedMessage<'_>) -> bool {
    // SAFETY: the message is alive, and nothing but a field of it is read.
    let status = unsafe { sys::rd_kafka_message_status(message.ptr()) };
    status != sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED
}
