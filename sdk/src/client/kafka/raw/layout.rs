//! The one look into librdkafka's private memory: whether a message has headers.

use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::sync::LazyLock;

use rdkafka::bindings as sys;

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

// The layout as a C compiler for 64 bits has it: what is built for another machine must not look.
#[cfg(target_pointer_width = "64")]
const _: () = {
    let public = size_of::<sys::rd_kafka_message_t>();
    assert!(offset_of!(MessageOf2_12_1, link) == public);
    assert!(offset_of!(MessageOf2_12_1, headers) == public + 32);
    assert!(offset_of!(MessageOf2_12_1, header_bytes_len) == public + 48);
    assert!(offset_of!(MessageOf2_12_1, header_bytes) == public + 56);
};

/// Whether it is certain that a message has no headers.
///
/// librdkafka allocates a buffer to find that out, for every message: a quarter of all that a
/// record costs. So the count is read where it lies, in the one release whose layout is known.
pub(super) fn surely_has_no_headers(message: &sys::rd_kafka_message_t) -> bool {
    static IS_KNOWN: LazyLock<bool> = LazyLock::new(|| {
        // SAFETY: asks for a constant.
        let version = unsafe { sys::rd_kafka_version() };
        cfg!(target_pointer_width = "64") && version == MessageOf2_12_1::RELEASE
    });
    if !*IS_KNOWN {
        return false;
    }
    let message: *const sys::rd_kafka_message_t = message;
    // SAFETY: in this release every consumed message is the first field of an `rd_kafka_msg_t`,
    // which lives as long as the message. `header_bytes` is `header_bytes_len` bytes of the fetched
    // record: the number of headers as a varint, and the headers.
    unsafe {
        let message = &*message.cast::<MessageOf2_12_1>();
        message.headers.is_null()
            && message.header_bytes_len == 1
            && !message.header_bytes.is_null()
            && *message.header_bytes.cast::<u8>() == 0
    }
}
