//! Requests about the broker itself.

mod api_versions;

pub(super) use api_versions::{ApiVersions, downgraded};
