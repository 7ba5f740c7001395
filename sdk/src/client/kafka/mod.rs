//! Kafka's clients, over librdkafka.

mod consumer;
mod closing;
mod callbacks;
mod fetch_errors;
mod notices;
mod refusal;
mod start_positions;
mod initial_offsets;
mod topic_ids;
mod group_size;
mod lists;
#[cfg(feature = "testing")]
mod inspect;
mod hand_over;
mod producer;
mod producer_life;
mod reports;
mod producer_error;
mod admin;
mod logs;
mod properties;
mod raw;

pub use admin::{Admin, AdminError, Refusal, TopicSpec, TopicState};
pub(crate) use consumer::{KafkaConsumer, MAX_DRAINED};
pub(crate) use initial_offsets::InitialOffsets;
#[cfg(feature = "testing")]
pub(crate) use inspect::Inspector;
pub use producer::KafkaProducer;
pub use producer_error::ProducerError;
pub(crate) use properties::refused_properties;
