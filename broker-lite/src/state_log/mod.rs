//! An internal topic as memory: a coordinator's state is what its records add up to.
//!
//! A coordinator appends what it decides ([`StateLog`]) and holds back its answers until the append
//! is acknowledged ([`Acknowledgement`]). At start the topic is read from its beginning
//! ([`State`]). Everything about one key is in one partition, chosen as Kafka chooses it
//! ([`partition_for`]), so tools that read `__consumer_offsets` find it where they look.
//!
//! Only the last record of each key counts. A partition that has grown far beyond its state is
//! replaced by a snapshot of it, where Kafka compacts: the state is the same, at other offsets.

mod topic;
mod snapshot;
mod replay;
mod append;
mod record;
mod partition_for;
mod error;
pub(crate) mod field;

pub(crate) use append::{Acknowledgement, StateLog};
pub(crate) use error::{BadRecord, StateLogError};
pub(crate) use partition_for::partition_for;
pub(crate) use record::{State, StateRecord};
pub(crate) use topic::{InternalTopic, TopicSpec};
