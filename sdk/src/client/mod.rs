//! The seam to Kafka: records as they come from a client, and the traits a client is behind.

mod consumer;
mod kafka;
mod fetch_errors;
mod notices;
mod refusal;
mod start_positions;
mod initial_offsets;
mod topic_ids;
mod group_size;
mod raw;
mod inspect;
mod error;
mod record;
mod headers;
mod producer;
mod flight;
mod delivery;
mod kafka_producer;
mod producer_life;
mod trouble_log;
mod trouble;
mod reports;
mod producer_status;
mod logs;
mod admin;
mod check;
#[cfg(test)]
pub(crate) mod scripted;

pub use admin::{Admin, AdminError, Refusal, TopicSpec, TopicState};
pub(crate) use check::{client_config, refused_properties};
pub(crate) use consumer::{
    AfterFatal, Consumer, ConsumerHooks, Ends, FinalCommit, Intake, KnownEnd, Notice, RecordSink,
    TopicsSeen,
};
pub(crate) use delivery::delivery;
pub use delivery::{Delivery, Report};
pub use error::ClientError;
pub(crate) use flight::{Flight, Place};
pub(crate) use group_size::GroupSize;
pub use headers::{HeaderValue, Headers, HeadersRef};
pub(crate) use initial_offsets::InitialOffsets;
pub use inspect::{Inspector, PartitionEnds};
pub(crate) use kafka::{DRAIN, KafkaConsumer};
pub use kafka_producer::{KafkaProducer, OnFatal, ProducerError};
pub use producer::{Acknowledgement, ProduceError, Producer, ProducerRecord};
pub use producer_status::{ProducerState, ProducerStatus};
pub use record::{Record, RecordBatch, RecordBatchBuilder, RecordParts};
pub(crate) use start_positions::StartPosition;
pub(crate) use topic_ids::{TopicAnswer, TopicId, TopicIdentities, TopicIdentity};
pub(crate) use trouble::{Complaint, Scope};
pub(crate) use trouble_log::TroubleLog;
