//! A message as it lies in librdkafka's memory.

use std::ffi::{CStr, c_void};
use std::slice;

use rdkafka::bindings as sys;
use rdkafka::error::{IsError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;

use super::layout::surely_has_no_headers;
use crate::types::LeaderEpoch;

/// Frees its message, whatever happens.
pub(super) struct Owned(pub(super) *mut sys::rd_kafka_message_t);

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
pub(in crate::client::kafka) struct Message<'a> {
    raw: &'a sys::rd_kafka_message_t,
}

impl<'a> Message<'a> {
    pub(super) const fn of(raw: &'a sys::rd_kafka_message_t) -> Self {
        Self { raw }
    }

    /// The error that came in place of a record.
    pub(in crate::client::kafka) fn error(&self) -> Option<RDKafkaErrorCode> {
        self.raw.err.is_error().then(|| self.raw.err.into())
    }

    /// Returns the address of its topic object: the same address is the same topic, while a drain
    /// lasts.
    pub(in crate::client::kafka) fn topic_address(&self) -> usize {
        self.raw.rkt.addr()
    }

    pub(in crate::client::kafka) fn topic(&self) -> &'a str {
        if self.raw.rkt.is_null() {
            return "";
        }
        // SAFETY: the topic object lives as long as the message, and its name is a C string.
        let name = unsafe { CStr::from_ptr(sys::rd_kafka_topic_name(self.raw.rkt)) };
        name.to_str().unwrap_or_default()
    }

    pub(in crate::client::kafka) fn partition(&self) -> i32 {
        self.raw.partition
    }

    pub(in crate::client::kafka) fn offset(&self) -> i64 {
        self.raw.offset
    }

    /// Returns the epoch of the leader that wrote the record.
    pub(in crate::client::kafka) fn leader_epoch(&self) -> LeaderEpoch {
        // SAFETY: the message is alive.
        LeaderEpoch(unsafe { sys::rd_kafka_message_leader_epoch(self.raw) })
    }

    pub(in crate::client::kafka) fn key(&self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka keeps `key_len` bytes at `key`, or a null pointer, as long as the
        // message.
        unsafe { bytes(self.raw.key, self.raw.key_len) }
    }

    pub(in crate::client::kafka) fn payload(&self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka keeps `len` bytes at `payload`, or a null pointer, as long as the
        // message.
        unsafe { bytes(self.raw.payload, self.raw.len) }
    }

    /// Milliseconds since 1970 and who set them.
    pub(in crate::client::kafka) fn timestamp(&self) -> (i64, sys::rd_kafka_timestamp_type_t) {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: both pointers are to living values.
        let time = unsafe { sys::rd_kafka_message_timestamp(self.raw, &raw mut kind) };
        (time, kind)
    }

    /// Shows each header to `look`, in order. Names are bytes: they need not be UTF-8.
    pub(in crate::client::kafka) fn headers(&self, mut look: impl FnMut(&[u8], Option<&[u8]>)) {
        if surely_has_no_headers(self.raw) {
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

/// Whether a record that failed may be in the log all the same.
pub(in crate::client::kafka) fn may_be_written(message: &BorrowedMessage<'_>) -> bool {
    // SAFETY: the message is alive, and nothing but a field of it is read.
    let status = unsafe { sys::rd_kafka_message_status(message.ptr()) };
    status != sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED
}

/// # Safety
/// `start` is null, or `len` bytes live there for `'a`.
unsafe fn bytes<'a>(start: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts(start.cast(), len) })
}
