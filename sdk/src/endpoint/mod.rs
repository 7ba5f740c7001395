//! A listener as data: topics, group, options and handler. Macros and builders both make one.
//!
//! Values may be texts with placeholders (`"${topups.topic:card.topups}"`), which the application
//! resolves at start; until then an endpoint is a wish, not a fact.

mod setting;
mod builder;
mod ordering;
mod resolved;
mod registration;
pub mod checks;

pub use builder::{Endpoint, EndpointBuilder};
pub use ordering::{InvalidOrdering, Ordering};
pub use registration::{Registration, SourceLocation, registered};
pub use resolved::ResolvedEndpoint;
pub use setting::Setting;
