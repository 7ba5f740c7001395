//! From a record to the arguments of a handler.
//!
//! An argument's type says what it takes from the record: [`FromRecord`] reads it. Extractors run
//! in the order of the arguments, inside the record's own lane, so a record that does not decode is
//! a failed record like any other.

mod context;
mod rejection;
mod requirements;
mod payload;
mod key;
mod header;
mod metadata;
mod state;
mod optional;

pub(crate) use context::ContextMaker;
pub use context::{ListenerId, RecordContext};
pub use key::Key;
pub use metadata::Metadata;
pub use rejection::Rejection;
pub use requirements::{Requirement, Requirements};
pub use state::{Shared, State, StateMap};

/// A handler's argument.
///
/// ```
/// use wellspring::extract::{FromRecord, RecordContext, Rejection};
///
/// /// How large the payload is, in bytes.
/// struct Size(usize);
///
/// impl FromRecord for Size {
///     fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
///         Ok(Self(cx.record().payload().map_or(0, <[u8]>::len)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a record",
    label = "not an argument of a listener",
    note = "a payload derives `Event`, or stands in `Json<…>` if it is `Deserialize`, or is `Text` or `Bytes`",
    note = "what the application shares stands in `State<…>` if it is `Clone`, or in `Shared<…>`; a header is `#[header(\"name\")] argument: …`"
)]
pub trait FromRecord: Sized {
    /// The topic that this type names; `None` for types that name none.
    const TOPIC: Option<&'static str> = None;

    /// Reads the argument from a record.
    ///
    /// # Errors
    /// When what it wants is missing or does not decode: the record then counts as failed.
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection>;

    /// Notes what must be there before the first record comes: a missing `State` is a start-up
    /// error.
    fn requires(needs: &mut Requirements) {
        let _ = needs;
    }
}

#[cfg(test)]
mod tests;
