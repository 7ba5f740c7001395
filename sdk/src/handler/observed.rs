//! What is put around a handler for those who watch: its span, and the trace its record carries.

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use super::Outcome;
use crate::extract::RecordContext;
use crate::observe::{self, TraceContext};

/// Runs `handle`, inside a span when somebody listens, and inside the record's trace when it carries one.
///
/// Otherwise this is `handle(cx)` and nothing else.
pub(super) fn observed(
    cx: RecordContext,
    handle: impl FnOnce(RecordContext) -> BoxFuture<'static, Outcome>,
) -> BoxFuture<'static, Outcome> {
    let trace = TraceContext::of(cx.record().headers());
    let span = observe::process_span(cx.record(), cx.group(), cx.attempt());
    if span.is_disabled() {
        return match trace {
            Some(trace) => trace.scope(handle(cx)).boxed(),
            None => handle(cx),
        };
    }
    if let Some(trace) = &trace {
        span.record("trace.parent", tracing::field::display(trace));
    }
    // The extractors run in `handle`, before the future is polled.
    let handling = span.in_scope(|| handle(cx));
    let told = span.clone();
    let tell = move |outcome: &Outcome| {
        if !matches!(outcome, Outcome::Done) {
            observe::failed(&told, outcome);
        }
    };
    let handling = handling.inspect(tell).instrument(span);
    match trace {
        Some(trace) => trace.scope(handling).boxed(),
        None => handling.boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Record, RecordBatch, RecordParts};
    use crate::extract::{ContextMaker, ListenerId, StateMap};
    use crate::handler::BoxHandler;
    use crate::types::{GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition};

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn record(parent: Option<&str>) -> Record {
        let source = TopicPartition::new(TopicName::new("t").unwrap(), PartitionId(0));
        let timestamp = (Timestamp::NONE, TimestampType::NotAvailable);
        let mut batch = RecordBatch::builder();
        assert!(batch.push(&source, RecordParts { offset: Offset(0), timestamp, key: None, payload: None }));
        if let Some(parent) = parent {
            assert!(batch.header(b"traceparent", Some(parent.as_bytes())));
        }
        batch.build().record(0).unwrap()
    }

    /// What a handler sees of the trace of its record.
    fn seen(parent: Option<&str>) -> Option<String> {
        let (tell, told) = std::sync::mpsc::channel();
        let handler = BoxHandler::new(move || {
            let tell = tell.clone();
            async move { tell.send(TraceContext::current().map(|trace| trace.to_string())).unwrap() }
        });
        let maker = ContextMaker::new(ListenerId::new("l"), GroupId::new("g").unwrap(), StateMap::new());
        let outcome = handler.call(maker.context(record(parent), 1)).now_or_never().unwrap();
        assert!(matches!(outcome, Outcome::Done));
        told.recv().unwrap()
    }

    #[test]
    fn a_handler_runs_in_the_trace_of_its_record() {
        assert_eq!(seen(Some(PARENT)).as_deref(), Some(PARENT));
        assert_eq!(seen(Some("garbage")), None);
        assert_eq!(seen(None), None);
        assert_eq!(TraceContext::current(), None);
    }
}
