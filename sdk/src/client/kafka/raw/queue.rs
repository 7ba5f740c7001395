//! A queue of our own that hands out a consumer's records in batches.

use std::ffi::{CString, c_void};
use std::fmt;
use std::ptr::NonNull;
use std::thread::Thread;

use rdkafka::bindings as sys;
use rdkafka::client::Client;
use rdkafka::consumer::ConsumerContext;

use super::message::{Message, Owned};

/// A queue of a client that hands out records in batches.
///
/// Must be dropped before its client: a client waits in its destructor until its queues are gone.
pub(in crate::client::kafka) struct RecordQueue {
    pub(super) queue: NonNull<sys::rd_kafka_queue_t>,
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
    pub(in crate::client::kafka) fn of_this_thread<C: ConsumerContext>(
        client: &Client<C>,
    ) -> Option<Self> {
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
    pub(in crate::client::kafka) fn forward<C: ConsumerContext>(
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
    pub(in crate::client::kafka) fn drain(
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
                look(Message::of(message));
            }
        }
        taken
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
pub(in crate::client::kafka) struct MessageBuffer(Vec<*mut sys::rd_kafka_message_t>);

// SAFETY: between two drains the pointers are dangling and never read.
unsafe impl Send for MessageBuffer {}

impl MessageBuffer {
    pub(in crate::client::kafka) fn with_room_for(messages: usize) -> Self {
        Self(vec![std::ptr::null_mut(); messages])
    }
}

impl fmt::Debug for MessageBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBuffer({})", self.0.len())
    }
}
