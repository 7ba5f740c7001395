//! The observation around a handler: its span, and the trace that its record carries.

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::{Instrument, Span};

use super::Outcome;
use crate::extract::RecordContext;
use crate::observe::{self, TraceContext};

/// A delivery that somebody watches.
pub(super) struct Watched {
    span: Span,
    trace: Option<TraceContext>,
}

impl Watched {
    /// `None` when nobody listens to spans and the record carries no trace: the usual case, and a
    /// cheap one.
    pub(super) fn of(cx: &RecordContext) -> Option<Self> {
        let trace = TraceContext::of(cx.record().headers());
        let span = observe::process_span(cx.record(), cx.group(), cx.attempt());
        if let Some(trace) = &trace {
            span.record("trace.parent", tracing::field::display(trace));
        }
        (trace.is_some() || !span.is_disabled()).then_some(Self { span, trace })
    }

    /// Handles the record inside its span and its trace. `handle` runs the extractors and makes the
    /// future.
    pub(super) fn around(
        self,
        handle: impl FnOnce() -> BoxFuture<'static, Outcome>,
    ) -> BoxFuture<'static, Outcome> {
        let Self { span, trace } = self;
        let told = span.clone();
        let tell = move |outcome: &Outcome| {
            if !matches!(outcome, Outcome::Done) {
                observe::failed(&told, outcome);
            }
        };
        let handling = span.in_scope(handle).inspect(tell).instrument(span);
        match trace {
            Some(trace) => trace.scope(handling).boxed(),
            None => handling.boxed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Record, RecordBatch, RecordParts};
    use crate::extract::{ContextMaker, ListenerId, StateMap};
    use crate::handler::BoxHandler;
    use crate::types::{
        GroupId, Offset, PartitionId, Timestamp, TimestampType, TopicName, TopicPartition,
    };

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn record(parent: Option<&str>) -> Record {
        let source = TopicPartition::new(TopicName::new("t").unwrap(), PartitionId(0));
        let timestamp = (Timestamp::NONE, TimestampType::NotAvailable);
        let mut batch = RecordBatch::builder();
        assert!(batch.push(
            &source,
            RecordParts {
                offset: Offset(0),
                timestamp,
                key: None,
                payload: None
            }
        ));
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
            async move {
                tell.send(TraceContext::current().map(|trace| trace.to_string()))
                    .unwrap()
            }
        });
        let maker = ContextMaker::new(
            ListenerId::new("l"),
            GroupId::new("g").unwrap(),
            StateMap::new(),
        );
        let outcome = handler
            .call(maker.context(record(parent), 1))
            .now_or_never()
            .unwrap();
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
