//! Endpoints and listeners for the tests of this module.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::shared::ListenerShared;
use crate::endpoint::{Ordering, ResolvedEndpoint};
use crate::extract::ListenerId;
use crate::handler::{BoxHandler, Handler};
use crate::retry::{Classifier, OnExhausted, RetryPolicy};
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
        concurrency: NonZeroUsize::MIN,
        workers: NonZeroUsize::MIN,
        ordering: Ordering::Partition,
        retry: RetryPolicy::NONE,
        on_exhausted: OnExhausted::Halt,
        dead_letter_topic: None,
        retry_panics: false,
        retry_rejections: false,
        classifier: Classifier::default(),
        auto_startup: true,
        handler: BoxHandler::new(handler),
    }
}

/// What the parts of a listener with one consumer share.
pub(super) fn shared() -> Arc<ListenerShared> {
    let (id, group) = (ListenerId::new("orders"), GroupId::new("shop").unwrap());
    ListenerShared::new(id, &group, 1, Clock::system())
}
