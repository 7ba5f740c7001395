//! The names that the macros' expansions use, so that a user needs no dependency but `wellspring`.
//!
//! Nothing is made here. What can be used by hand is public elsewhere, too; the rest only spares the
//! macros from knowing types, and no code should name it.

pub use bytes::Bytes;
pub use inventory;

pub use crate::codec::{Encode, EncodeError, Event, key};
pub use crate::endpoint::checks::{
    assert_answer, assert_one_topic, assert_readable, assert_send, assert_topic, named_topic,
    required_topic, retry_policy,
};
pub use crate::endpoint::{Endpoint, Ordering, Registration, SourceLocation};
pub use crate::extract::{FromRecord, RecordContext, Rejection, Requirements, Shared};
pub use crate::handler::error_type::{ClassifiedError, ErrorOf, HandlerReturn, UnclassifiedError};
pub use crate::producer::{KafkaTemplate, SendAnswer};
pub use crate::retry::{Classifier, Classify, FailureClass, OnExhausted, RetryPolicy};
