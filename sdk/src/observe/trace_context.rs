//! The place of some work in a trace, as the W3C header `traceparent` carries it (Trace Context
//! level 1).

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};

use crate::client::{Headers, HeadersRef};

/// The header that carries a trace, on records as in HTTP.
pub const TRACEPARENT: &str = "traceparent";

/// The header with what tracing vendors add; handed on as it is.
pub const TRACESTATE: &str = "tracestate";

/// A trace, and the span in it that the work belongs to.
///
/// ```
/// use wellspring::observe::TraceContext;
///
/// let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let context: TraceContext = header.parse()?;
/// assert_eq!(context.to_string(), header);
/// assert!(context.is_sampled());
/// # Ok::<(), wellspring::observe::InvalidTraceParent>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    flags: u8,
    state: Option<String>,
}

/// A text is not a `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a traceparent: it should be 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, not all zero"
)]
pub struct InvalidTraceParent;

/// Work inside a trace; made by [`TraceContext::scope`].
#[derive(Debug)]
#[must_use = "work does nothing unless it is awaited"]
pub struct Traced<F> {
    context: Option<TraceContext>,
    work: Pin<Box<F>>,
}

thread_local! {
    /// The trace of the work that this thread is polling.
    static CURRENT: RefCell<Option<TraceContext>> = const { RefCell::new(None) };
}

impl TraceContext {
    /// The start of a new trace that is sampled.
    #[must_use]
    pub fn root() -> Self {
        // An id of all zeros is invalid; version and variant bits keep these from being that.
        Self {
            trace: uuid::Uuid::new_v4().as_u128(),
            span: span_id(),
            flags: 1,
            state: None,
        }
    }

    /// A new span in the same trace.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span: span_id(),
            ..self.clone()
        }
    }

    /// The trace that a record carries, if it carries a valid one.
    #[must_use]
    pub fn of(headers: HeadersRef<'_>) -> Option<Self> {
        let parent = std::str::from_utf8(headers.last(TRACEPARENT)??).ok()?;
        let mut context: Self = parent.parse().ok()?;
        let state = headers
            .last(TRACESTATE)
            .flatten()
            .and_then(|state| std::str::from_utf8(state).ok());
        context.state = state.map(str::to_owned);
        Some(context)
    }

    /// The trace of the work that is running: set by [`scope`](Self::scope), and around every
    /// handler.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Runs `work` inside this trace: what it sends carries it on.
    ///
    /// # Cancel safety
    /// As cancel-safe as `work`.
    pub fn scope<F: Future>(self, work: F) -> Traced<F> {
        Traced {
            context: Some(self),
            work: Box::pin(work),
        }
    }

    /// Whether somebody upstream decided to record this trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }
}

/// Adds the trace of the running work to the headers of a record, unless it carries one.
pub(crate) fn inject(headers: &mut Headers) {
    CURRENT.with_borrow(|current| {
        let Some(current) = current else { return };
        if headers.last(TRACEPARENT).is_some() {
            return;
        }
        headers.push(TRACEPARENT, current.child().to_string());
        if let Some(state) = &current.state {
            headers.push(TRACESTATE, state.as_str());
        }
    });
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _outer = Outer(CURRENT.replace(self.context.clone()));
        self.work.as_mut().poll(cx)
    }
}

/// Puts the outer trace back, also when the work panics.
struct Outer(Option<TraceContext>);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

fn span_id() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().1
}

impl FromStr for TraceContext {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = text.trim().split('-');
        let mut hex = |digits: usize| {
            let part = parts
                .next()
                .filter(|part| part.len() == digits)
                .ok_or(InvalidTraceParent)?;
            let lower = part
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if !lower {
                return Err(InvalidTraceParent);
            }
            u128::from_str_radix(part, 16).map_err(|_| InvalidTraceParent)
        };
        let (version, trace, span, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        // Later versions may append fields; this one may not, and 255 is forbidden.
        if version == 0xff || trace == 0 || span == 0 || (version == 0 && parts.next().is_some()) {
            return Err(InvalidTraceParent);
        }
        let span = u64::try_from(span).map_err(|_| InvalidTraceParent)?;
        let flags = u8::try_from(flags).map_err(|_| InvalidTraceParent)?;
        Ok(Self {
            trace,
            span,
            flags,
            state: None,
        })
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace, self.span, self.flags
        )
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_not_a_traceparent_is_refused() {
        for bad in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(
                bad.parse::<TraceContext>(),
                Err(InvalidTraceParent),
                "{bad}"
            );
        }
        assert!(
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more"
                .parse::<TraceContext>()
                .is_ok()
        );
    }

    #[test]
    fn work_in_a_trace_hands_it_on_and_leaves_nothing_behind() {
        let context: TraceContext = HEADER.parse().unwrap();
        let headers = context
            .clone()
            .scope(async {
                let mut headers = Headers::new();
                inject(&mut headers);
                headers
            })
            .now_or_never()
            .unwrap();
        let parent = std::str::from_utf8(headers.last(TRACEPARENT).unwrap().unwrap()).unwrap();
        let handed: TraceContext = parent.parse().unwrap();
        assert_eq!(handed.trace, context.trace);
        assert_ne!(handed.span, context.span, "a send is a span of its own");
        assert_eq!(TraceContext::current(), None);
    }

    #[test]
    fn a_record_that_carries_a_trace_keeps_it() {
        let mut headers = Headers::new().with(TRACEPARENT, HEADER);
        let before = headers.clone();
        TraceContext::root()
            .scope(async { inject(&mut headers) })
            .now_or_never()
            .unwrap();
        assert_eq!(headers, before);
    }

    #[test]
    fn a_panic_takes_the_trace_down_with_it() {
        let work = TraceContext::root().scope(async { panic!("on purpose") });
        assert!(
            std::panic::AssertUnwindSafe(work)
                .catch_unwind()
                .now_or_never()
                .unwrap()
                .is_err()
        );
        assert_eq!(TraceContext::current(), None);
    }

    proptest! {
        #[test]
        fn every_context_comes_back(trace in 1_u128.., span in 1_u64.., flags: u8) {
            let context = TraceContext { trace, span, flags, state: None };
            prop_assert_eq!(context.to_string().parse::<TraceContext>(), Ok(context));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            drop(text.parse::<TraceContext>());
        }
    }
}
