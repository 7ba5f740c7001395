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
mod state_map;
mod optional;

pub(crate) use context::ContextMaker;
pub use context::{ListenerId, RecordContext};
pub use key::Key;
pub use metadata::Metadata;
pub use rejection::Rejection;
pub use requirements::{Requirement, Requirements};
pub use state::{Shared, State};
pub use state_map::StateMap;

/// A type that can be read from a record, and so be an argument of a handler: an *extractor*.
///
/// There are extractors for payloads ([`Event`](crate::Event) types, [`Json`](crate::codec::Json),
/// [`Text`](crate::codec::Text), `Bytes`), for the [`Key`], for [`Headers`](crate::client::Headers),
/// for the [`Metadata`] of the delivery and for the application's [`State`]. An `Option` around one
/// is `None` where the record has nothing to read; a `Result<T, Rejection>` leaves the failure to
/// the handler.
///
/// Implement it for what several handlers would otherwise each take apart. Usual cases:
///
/// # A value from a header or the key
///
/// ```
/// use wellspring::extract::{FromRecord, RecordContext, Rejection};
///
/// /// The tenant that a record belongs to.
/// struct Tenant(String);
///
/// impl FromRecord for Tenant {
///     fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
///         cx.header("tenant").map(Self)
///     }
/// }
///
/// async fn bill(tenant: Tenant) {
///     println!("a bill for tenant {}", tenant.0);
/// }
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # use wellspring::handler::Outcome;
/// # use wellspring::testing;
///
/// let record = testing::record("bills").header("tenant", "7").build();
/// assert!(matches!(testing::context(record).call(bill).await, Outcome::Done));
///
/// let without = testing::record("bills").build();
/// assert!(matches!(testing::context(without).call(bill).await, Outcome::Rejected(_)));
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
///
/// # Another extractor, and a check
///
/// ```
/// use wellspring::extract::{FromRecord, RecordContext, Rejection, Requirements};
///
/// /// An argument that has passed its own check.
/// struct Valid<T>(T);
///
/// trait Check {
///     fn check(&self) -> Result<(), String>;
/// }
///
/// impl<T: FromRecord + Check> FromRecord for Valid<T> {
///     // What wraps an extractor hands on what that names and needs.
///     const TOPIC: Option<&'static str> = T::TOPIC;
///
///     fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
///         let value = T::from_record(cx)?;
///         value.check().map_err(|error| Rejection::undecodable::<T>("payload", error))?;
///         Ok(Self(value))
///     }
///
///     fn requires(needs: &mut Requirements) {
///         T::requires(needs);
///     }
/// }
/// ```
///
/// # Something that the application shares
///
/// ```
/// use wellspring::extract::{FromRecord, RecordContext, Rejection, Requirements, State};
///
/// #[derive(Clone)]
/// struct Prices { vat_percent: u32 }
///
/// struct Vat(u32);
///
/// impl FromRecord for Vat {
///     fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
///         let State(prices) = State::<Prices>::from_record(cx)?;
///         Ok(Self(prices.vat_percent))
///     }
///
///     // An application without this state does not start.
///     fn requires(needs: &mut Requirements) {
///         needs.state::<Prices>();
///     }
/// }
/// ```
///
/// Extractors are not async: they run when the record's turn has come, before its handler is polled
/// first. What has to be fetched is the handler's to await.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a record",
    label = "not an argument of a listener",
    note = "a payload derives `Event`, or stands in `Json<…>` if it is `Deserialize`, or is `Text` or `Bytes`",
    note = "what the application shares stands in `State<…>` if it is `Clone`, or in `Shared<…>`; a header is `#[header(\"name\")] argument: …`"
)]
pub trait FromRecord: Sized {
    /// The topic that this type names. Default: none.
    const TOPIC: Option<&'static str> = None;

    /// Reads the argument from a record.
    ///
    /// # Errors
    /// When what it wants is missing or does not decode. The record then counts as failed, and is
    /// not tried again unless the listener asks for that (`retry_rejections`).
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection>;

    /// Adds what must be there before the first record, so that a missing state fails the start.
    /// Default: nothing.
    fn requires(needs: &mut Requirements) {
        let _ = needs;
    }
}

#[cfg(test)]
mod tests;
