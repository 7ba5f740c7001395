//! Arguments that may be missing, and arguments whose failure the handler wants to see.

use super::{FromRecord, RecordContext, Rejection, Requirements};

/// Absent is `None`; what is there but does not decode is a failure of the record.
impl<T: FromRecord> FromRecord for Option<T> {
    const TOPIC: Option<&'static str> = T::TOPIC;

    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        match T::from_record(cx) {
            Ok(value) => Ok(Some(value)),
            Err(rejection) if rejection.is_missing() => Ok(None),
            Err(rejection) => Err(rejection),
        }
    }

    fn requires(needs: &mut Requirements) {
        T::requires(needs);
    }
}

/// The handler gets the rejection and decides itself.
impl<T: FromRecord> FromRecord for Result<T, Rejection> {
    const TOPIC: Option<&'static str> = T::TOPIC;

    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        Ok(T::from_record(cx))
    }

    fn requires(needs: &mut Requirements) {
        T::requires(needs);
    }
}
