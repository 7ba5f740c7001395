//! The seam to Kafka: records as they come from a client, and the traits a client is behind.

mod kafka;
mod consumer;
mod notice;
pub(crate) mod problem;
mod topic_identity;
mod producer;
mod delivery;
mod produce_error;
mod in_flight;
mod producer_status;
mod missing_topics;
mod record;
mod trouble_log;
mod trouble;
mod error;
#[cfg(test)]
pub(crate) mod scripted;

#[cfg(test)]
pub(crate) use consumer::GroupSize;
pub(crate) use consumer::{
    Consumer, ConsumerHooks, Ends, FinalCommit, Intake, KnownEnd, RecordSink, StartPosition,
    TopicsSeen,
};
pub(crate) use delivery::delivery;
pub use delivery::{DeliveryFuture, Report};
pub use error::ClientError;
pub(crate) use in_flight::{InFlight, InFlightToken};
#[cfg(feature = "testing")]
pub(crate) use kafka::Inspector;
pub use kafka::{Admin, AdminError, KafkaProducer, ProducerError, Refusal, TopicSpec, TopicState};
pub(crate) use kafka::{InitialOffsets, KafkaConsumer, MAX_DRAINED, refused_properties};
pub(crate) use notice::{AfterFatal, Notice};
pub(crate) use problem::{Problem, ProblemKind, ProblemSubject};
pub use produce_error::{Acknowledgement, ProduceError};
pub use producer::{OnFatal, Producer, ProducerRecord};
pub use producer_status::{ProducerState, ProducerStatus};
pub use record::{
    HeaderValue, Headers, HeadersRef, Record, RecordBatch, RecordBatchBuilder, RecordParts,
};
pub(crate) use topic_identity::{TopicAnswer, TopicId, TopicIdentities, TopicIdentity};
pub(crate) use trouble::{Complaint, Scope};
pub(crate) use trouble_log::TroubleLog;
