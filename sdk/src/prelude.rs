//! The names that most services need: `use wellspring::prelude::*;`.

pub use bytes::Bytes;
pub use serde::{Deserialize, Serialize};

pub use crate::app::App;
pub use crate::client::{Headers, Record};
pub use crate::codec::{AnyTopic, Json, Plain, Text};
pub use crate::extract::{Key, Metadata, RecordContext, Rejection, State};
pub use crate::handler::Outcome;
pub use crate::producer::{KafkaTemplate, SendError, SendReceipt, SendResult};
#[cfg(feature = "testing")]
pub use crate::testing::TestKafka;
pub use crate::{Classify, Event, kafka_listener, kafka_listeners, kafka_producer};
