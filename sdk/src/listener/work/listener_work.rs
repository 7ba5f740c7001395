//! The part that the work on all records of a listener shares.

use std::sync::Arc;

use super::failure::FailurePolicy;
use super::route::DeadLetterRoute;
use crate::dead_letter::DeadLetterSink;
use crate::endpoint::ResolvedEndpoint;
use crate::extract::{ContextMaker, StateMap};
use crate::handler::BoxHandler;
use crate::listener::shared::ListenerShared;

/// The part that the work on all records of a listener shares, whichever consumer they come from.
#[derive(Clone)]
pub(in crate::listener) struct ListenerWork {
    pub(super) handler: BoxHandler,
    pub(super) contexts: ContextMaker,
    pub(super) policy: FailurePolicy,
    /// `None` when nothing writes dead letters.
    pub(super) dead_letters: Option<DeadLetterRoute>,
    pub(super) shared: Arc<ListenerShared>,
}

impl ListenerWork {
    pub(in crate::listener) fn new(
        endpoint: &ResolvedEndpoint,
        state: StateMap,
        sink: Option<Arc<dyn DeadLetterSink>>,
        shared: Arc<ListenerShared>,
    ) -> Self {
        let topic = endpoint.failing.dead_letter_topic.clone();
        Self {
            handler: endpoint.handler.clone(),
            contexts: ContextMaker::new(endpoint.id.clone(), endpoint.group.clone(), state),
            policy: FailurePolicy::of(endpoint),
            dead_letters: sink.map(|sink| DeadLetterRoute::new(sink, topic)),
            shared,
        }
    }

    /// Logs a line with the listener's id and group.
    pub(super) fn log(&self, line: impl FnOnce()) {
        self.shared.span.in_scope(line);
    }
}
