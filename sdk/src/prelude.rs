//! What most services need: `use wellspring::prelude::*;`.

pub use crate::client::Record;
pub use crate::extract::{RecordContext, Rejection, State};
pub use crate::handler::Outcome;
pub use crate::retry::Classify;
