//! Deliveries without a Kafka, for unit tests of handlers.

use std::panic::Location;

use super::failure::fail;
use crate::client::Record;
use crate::endpoint::Registration;
use crate::extract::{ContextMaker, FromRecord, ListenerId, Metadata, RecordContext, StateMap};
use crate::handler::{BoxHandler, Handler, Outcome};
use crate::types::GroupId;

/// Starts a delivery of this record: the first attempt, to a listener `test` of the group `test`,
/// without state.
///
/// ```
/// use wellspring::prelude::*;
/// use wellspring::testing;
///
/// async fn credit(Key(card): Key<String>, Text(cents): Text<u64>, meta: Metadata) -> Result<(), String> {
///     if meta.attempt < 3 { Err(format!("{card} is busy, and wants {cents}")) } else { Ok(()) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let record = testing::record("topups").key("2026001").text("500").build();
///
/// // The function itself, with arguments that are made here …
/// let meta = testing::context(record.clone()).attempt(3).metadata();
/// assert!(credit(Key("2026001".into()), Text(500), meta).await.is_ok());
///
/// // … or with arguments that are read from the record.
/// let outcome = testing::context(record).attempt(2).call(credit).await;
/// assert!(matches!(outcome, Outcome::Failed(_)));
/// # }
/// ```
pub fn context(record: impl Into<Record>) -> ContextBuilder {
    ContextBuilder {
        record: record.into(),
        listener: ListenerId::new("test"),
        group: "test".to_owned(),
        attempt: 1,
        state: StateMap::new(),
    }
}

/// A delivery as a handler gets it, made by [`context`] without a Kafka.
#[derive(Debug, Clone)]
#[must_use = "a context is made by `build`"]
pub struct ContextBuilder {
    record: Record,
    listener: ListenerId,
    group: String,
    attempt: u32,
    state: StateMap,
}

impl ContextBuilder {
    /// The listener it is delivered to. Default: `test`.
    pub fn listener(mut self, id: &str) -> Self {
        self.listener = ListenerId::new(id);
        self
    }

    /// The consumer group of that listener. Default: `test`.
    pub fn group(mut self, group: &str) -> Self {
        group.clone_into(&mut self.group);
        self
    }

    /// The number of this attempt, counted from 1. Default: 1.
    pub const fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Shares `value` with the handler, as `App::state` does.
    ///
    /// # Panics
    /// When there is a state of this type already.
    #[track_caller]
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        if !self.state.insert(value) {
            let twice = format_args!("two states of type {}", std::any::type_name::<S>());
            fail(Location::caller(), twice);
        }
        self
    }

    /// Returns the context, which extractors read from.
    ///
    /// # Panics
    /// When the group's name is not valid.
    #[must_use]
    #[track_caller]
    pub fn build(self) -> RecordContext {
        let at = Location::caller();
        let group = GroupId::new(self.group).unwrap_or_else(|invalid| fail(at, invalid));
        ContextMaker::new(self.listener, group, self.state).context(self.record, self.attempt)
    }

    /// Returns the metadata that a handler is given.
    ///
    /// # Panics
    /// As [`build`](Self::build).
    #[must_use]
    #[track_caller]
    pub fn metadata(self) -> Metadata {
        let at = Location::caller();
        Metadata::from_record(&self.build()).unwrap_or_else(|rejection| fail(at, rejection))
    }

    /// Reads a handler's arguments and runs it, once and without the listener's retries.
    ///
    /// # Panics
    /// As [`build`](Self::build), and when the handler does.
    #[track_caller]
    pub fn call<Args: 'static, H: Handler<Args>>(
        self,
        handler: H,
    ) -> impl Future<Output = Outcome> + Send {
        BoxHandler::new(handler).call(self.build())
    }

    /// Does the same for a function that carries `#[kafka_listener]`, or a method of a block with
    /// `#[kafka_listeners]`: with its headers by name, and with `self` from the state.
    ///
    /// # Panics
    /// As [`call`](Self::call), and when the function carries no such attribute.
    #[track_caller]
    pub fn call_listener<F: 'static>(self, function: F) -> impl Future<Output = Outcome> + Send {
        let name = std::any::type_name_of_val(&function);
        let Some(registration) = Registration::of::<F>() else {
            fail(
                Location::caller(),
                format_args!("{name} does not carry #[kafka_listener]"),
            )
        };
        (registration.endpoint)().handler.call(self.build())
    }
}
