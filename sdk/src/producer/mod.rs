//! Sending: a template that is cheap to clone, records by builder, receipts or errors that say what
//! to do.
//!
//! ```no_run
//! # // Needs a broker.
//! use std::time::Duration;
//! use wellspring::producer::KafkaTemplate;
//!
//! # async fn run() -> wellspring::Result {
//! let template = KafkaTemplate::builder("127.0.0.1:9092").build()?;
//! let receipt = template.record("card.audit").key("2026001").text("topped up").send().await?;
//! println!("written at {receipt}");
//! template.close(Duration::from_secs(10)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A record goes this way: [`KafkaTemplate`] takes it, [`codec`](crate::codec) makes bytes, trace
//! headers are added, the client picks the partition and sends; the [`SendReceipt`] says where it
//! was written.

mod builder;
mod template;
mod record;
mod sender;
mod sending;
mod send_queue;
mod topics;
mod health;
mod receipt;
mod error;
mod sent_record;

pub use builder::KafkaTemplateBuilder;
pub use error::{FlushError, SendError};
pub use health::{ProducerHealth, STALLED_AFTER};
pub use receipt::{SendAnswer, SendReceipt, SendResult};
pub use record::OutgoingRecord;
pub use sending::Sending;
pub use template::KafkaTemplate;
pub use topics::Placeholders;

pub use crate::client::{OnFatal, ProducerError, ProducerState};

#[cfg(test)]
mod tests;
