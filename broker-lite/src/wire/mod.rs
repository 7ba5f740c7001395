//! Bytes to values and back; no state, no I/O.
//!
//! A frame is cut from the stream ([`FrameReader`]), its header is read ([`RequestHeader`]) and its
//! body decoded ([`Decode`]); an answer is encoded ([`Encode`]) into a [`Reply`] that the
//! connection writes. The hot messages (produce, fetch) are hand-written and keep record batches as
//! reference-counted slices of the frame; all others come from the codec crate (`messages.rs`),
//! which nothing outside this module names.
//!
//! Nothing read here is trusted: no length counts before the bytes it promises have arrived.

mod error;
mod frame;
mod header;
mod read;
mod reply;
mod write;
pub(crate) mod fetch;
pub(crate) mod messages;
pub(crate) mod produce;
pub(crate) mod record_batch;

use bytes::Bytes;
pub(crate) use error::WireError;
pub(crate) use frame::{FrameError, FrameReader};
pub(crate) use header::{RequestHeader, has_tagged_request_header, response_header_len};
pub(crate) use messages::{ErrorCode, KafkaString, KafkaUuid, text, topic_id, uuid_of};
pub(crate) use reply::Reply;

/// A request body that can be read at each version its API serves.
pub(crate) trait Decode: Sized {
    /// Reads one body; `body` may be longer than what is read.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are not such a body. The connection must close: nothing after
    /// them can be trusted.
    fn decode(body: &mut Bytes, version: i16) -> Result<Self, WireError>;
}

/// A response body that can be written at each version its API serves.
pub(crate) trait Encode {
    /// Appends the body to the reply, record batches by reference.
    ///
    /// # Errors
    /// [`WireError`] when a value does not fit the version: a defect of the handler, not of the
    /// peer.
    fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError>;
}
