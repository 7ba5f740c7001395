//! Endpoints for the tests of this room.

use std::num::NonZeroUsize;

use crate::endpoint::{Ordering, ResolvedEndpoint};
use crate::extract::ListenerId;
use crate::handler::{BoxHandler, Handler};
use crate::retry::{Classifier, OnExhausted, RetryPolicy};
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
