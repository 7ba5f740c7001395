//! Request and response headers.
//!
//! The correlation id has the same place in every header version, so even a request of an unknown
//! version can be answered. The response to ApiVersions always has the oldest header (KIP-511): the
//! client does not know yet what the broker speaks, and a stray tag byte would shift all that
//! follows.

use bytes::Bytes;
use kacrab_protocol::version::{request_header_version, response_header_version};

use super::{KafkaString, WireError, read};

/// The part that all request headers have.
#[derive(Debug, Clone)]
pub(crate) struct RequestHeader {
    /// The API key.
    pub(crate) key: i16,
    /// The version of the API.
    pub(crate) version: i16,
    /// Comes back in the response, so that the client can match them.
    pub(crate) correlation_id: i32,
    /// The client's name for itself; logged, never trusted.
    pub(crate) client_id: Option<KafkaString>,
}

impl RequestHeader {
    /// Reads the part that all header versions share.
    ///
    /// The rest depends on key and version ([`has_tagged_request_header`]); the caller checks these
    /// first.
    pub(crate) fn read(frame: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self {
            key: read::i16(frame, "api key")?,
            version: read::i16(frame, "api version")?,
            correlation_id: read::i32(frame, "correlation id")?,
            client_id: read::nullable_string(frame, false, "client id")?,
        })
    }

    /// Skips the tagged fields of a flexible header; none is defined for clients yet.
    pub(crate) fn skip_tags(frame: &mut Bytes) -> Result<(), WireError> {
        read::skip_tags(frame)
    }
}

/// Whether a request's header ends with tagged fields.
pub(crate) fn has_tagged_request_header(key: i16, version: i16) -> bool {
    request_header_version(key, version) >= 2
}

/// Returns the length in bytes of a response's header: the correlation id, and an empty tag section
/// in flexible versions.
pub(crate) fn response_header_len(key: i16, version: i16) -> usize {
    if response_header_version(key, version) >= 1 {
        5
    } else {
        4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_from_a_frame() {
        let mut frame = Bytes::from_static(b"\x00\x12\x00\x03\x00\x00\x00\x07\x00\x03abcrest");
        let header = RequestHeader::read(&mut frame).unwrap();
        assert_eq!(
            (header.key, header.version, header.correlation_id),
            (18, 3, 7)
        );
        assert_eq!(header.client_id.unwrap().as_str(), "abc");
        assert_eq!(frame, "rest");
    }

    #[test]
    fn a_frame_of_fewer_than_four_bytes_is_an_error() {
        for length in 0..8 {
            assert!(
                RequestHeader::read(&mut Bytes::from(vec![0; length])).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn the_answer_to_api_versions_never_has_tags_in_its_header() {
        assert_eq!(response_header_len(18, 4), 4);
        assert_eq!(response_header_len(3, 12), 5);
        assert_eq!(response_header_len(3, 8), 4);
    }
}
