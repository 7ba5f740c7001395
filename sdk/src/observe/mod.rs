//! Observation of one record: spans with OpenTelemetry's messaging names, and W3C trace headers.
//!
//! Spans have the target `wellspring::record` and the level `trace`: a filter such as
//! `info,wellspring::record=trace` turns them on. While they are off they cost a look at one
//! static. No span and no event carries a payload; the words of an error may, where the error
//! quotes what it did not like (`invalid type: string "x", expected u64`).
//!
//! Trace headers need no collector: a handler's [`TraceContext`] is read from the record's
//! `traceparent`, and what the handler sends carries it on.

mod spans;
mod trace_context;

pub use spans::process_span;
pub(crate) use spans::{failed, listener_span, send_span, sent};
pub(crate) use trace_context::inject;
pub use trace_context::{InvalidTraceParent, TRACEPARENT, TRACESTATE, TraceContext, Traced};
