//! Endpoints and listeners for the tests of this module.

use std::sync::Arc;

use super::shared::ListenerShared;
use crate::endpoint::{Consuming, Failing, Processing, ResolvedEndpoint};
use crate::extract::ListenerId;
use crate::handler::{BoxHandler, Handler};
use crate::retry::RetryPolicy;
use crate::runtime::Clock;
use crate::types::{GroupId, TopicName};

/// One worker, partition order, no retry, halt.
pub(super) fn endpoint<Args: 'static>(
    topic: &str,
    handler: impl Handler<Args>,
) -> ResolvedEndpoint {
    ResolvedEndpoint {
        id: ListenerId::new(format!("{topic}-listener")),
        topics: vec![TopicName::new(topic).unwrap()],
        group: GroupId::new(format!("{topic}-group")).unwrap(),
        consuming: Consuming::default(),
        processing: Processing::default(),
        failing: Failing {
            retry: RetryPolicy::NONE,
            ..Failing::default()
        },
        handler: BoxHandler::new(handler),
    }
}

/// Returns the shared part of a listener with one consumer.
pub(super) fn shared() -> Arc<ListenerShared> {
    let (id, group) = (ListenerId::new("orders"), GroupId::new("shop").unwrap());
    ListenerShared::new(id, &group, 1, Clock::system())
}
