//! Waits of requests until something happens or their time is up.
//!
//! A request that cannot be answered yet registers its [`Wait`] wherever the news will come from,
//! looks again (the news may have come in between), and only then waits. This module knows neither
//! partitions nor groups: what a request waits for is the request's own business.

mod wait;

pub(crate) use wait::{Wait, Woken};
