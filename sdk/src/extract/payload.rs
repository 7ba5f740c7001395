//! The payload as an argument: whatever can be decoded is one.

use super::{FromRecord, RecordContext, Rejection};
use crate::codec::Decode;

/// A tombstone is a missing payload: take an `Option` to see it as `None`.
impl<D: Decode> FromRecord for D {
    const TOPIC: Option<&'static str> = D::TOPIC;

    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let payload = cx
            .record()
            .payload_bytes()
            .ok_or_else(|| Rejection::missing("payload"))?;
        D::decode(payload).map_err(|error| Rejection::undecodable::<D>("payload", error))
    }
}
