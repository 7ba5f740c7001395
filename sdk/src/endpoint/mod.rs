//! A listener as data: topics, group, options and handler. Macros and builders both make one.
//!
//! Values may be texts with placeholders (`"${topups.topic:card.topups}"`), which the application
//! resolves at start; until then an endpoint is a wish, not a fact.

mod resolve;
mod resolved;
mod builder;
mod options;
mod merge;
mod setting;
mod ordering;
mod registration;
pub mod checks;

pub use builder::{Endpoint, EndpointBuilder};
pub(crate) use merge::EndpointProblem;
pub use options::{Consuming, Failing, Processing};
pub use ordering::{InvalidOrdering, Ordering};
pub use registration::{Registration, SourceLocation, registered};
pub(crate) use resolve::Merged;
pub use resolved::ResolvedEndpoint;
pub use setting::Setting;
