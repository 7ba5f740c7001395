//! Topics that an application declares: made when they are missing, grown when they are small, and
//! otherwise left alone.
//!
//! The plan is pure: it compares what is declared with what is there. [`ensure_topics`] carries
//! the plan out. Partitions are only ever added, and a topic that differs in another way is a
//! warning: changing it is a decision for people.

mod declaration;
mod ensure;
mod plan;
mod report;
mod error;

pub use declaration::Topic;
pub use ensure::{OnMissing, ensure_topics};
pub use error::TopicsError;
pub use report::{Drift, TopicReport};
