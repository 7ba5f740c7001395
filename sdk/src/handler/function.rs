//! Functions of up to eight extractors are handlers.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::observed::Watched;
use super::{IntoOutcome, Outcome};
use crate::extract::{FromRecord, RecordContext, Requirements};

/// Handles one record.
///
/// Every async function of at most eight [extractors](FromRecord) is a handler, and so is a
/// closure that returns a future. It returns `()`, an [`Outcome`], or a `Result` of either, as
/// [`IntoOutcome`] tells. `Args` is the tuple of its arguments: it keeps the implementations for
/// functions of different arguments apart, and is inferred wherever a handler is passed.
///
/// ```
/// use wellspring::endpoint::Endpoint;
/// use wellspring::extract::{Key, Metadata};
/// use wellspring::prelude::*;
///
/// async fn credit(Key(card): Key<String>, Text(cents): Text<u64>) -> Result<(), BoxError> {
///     println!("{card} gets {cents}");
///     Ok(())
/// }
///
/// // A function …
/// let credits = Endpoint::builder("topups", "cards").handler(credit);
///
/// // … or a closure, which may own what it needs.
/// let name = "audit".to_owned();
/// let audit = Endpoint::builder("topups", name.clone()).handler(move |meta: Metadata| {
///     let name = name.clone();
///     async move { println!("{name}: {}", meta.offset) }
/// });
/// # use wellspring::BoxError;
/// ```
///
/// # Implementing it
///
/// Hardly anyone has to. It is worth it for a handler that is a value of its own rather than a
/// function, such as one that wraps another handler:
///
/// ```
/// use std::future::Future;
/// use std::pin::Pin;
/// use std::time::Duration;
///
/// use wellspring::extract::{RecordContext, Requirements};
/// use wellspring::handler::{BoxHandler, Handler, Outcome};
/// use wellspring::runtime::Clock;
///
/// /// Gives up an attempt that takes too long. The record is then tried again.
/// struct TimeLimit {
///     handler: BoxHandler,
///     limit: Duration,
/// }
///
/// impl Handler<RecordContext> for TimeLimit {
///     fn call(&self, cx: RecordContext) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
///         let (handling, limit) = (self.handler.call(cx), self.limit);
///         Box::pin(async move {
///             match Clock::system().timeout(limit, handling).await {
///                 Ok(outcome) => outcome,
///                 Err(_) => Outcome::Retry(format!("not done within {limit:?}").into()),
///             }
///         })
///     }
///
///     // What the inner handler needs is still checked before the first record.
///     fn requires(&self, needs: &mut Requirements) {
///         needs.extend(self.handler.requirements());
///     }
/// }
///
/// async fn slow() {
///     std::future::pending().await
/// }
///
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # use wellspring::testing;
/// let limit = Duration::from_millis(10);
/// let handler = TimeLimit { handler: BoxHandler::new(slow), limit };
/// let record = testing::record("topups").build();
/// let outcome = testing::context(record).call(handler).await;
/// assert!(matches!(outcome, Outcome::Retry(_)));
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a handler of records",
    note = "a handler is an async function of at most eight extractors that answers `()`, `Outcome` or a `Result`",
    note = "its future is `Send`: it holds nothing over an `.await` that is not"
)]
pub trait Handler<Args>: Send + Sync + 'static {
    /// The topic that an argument names. An endpoint without a topic of its own listens to it.
    /// Default: none.
    const TOPIC: Option<&'static str> = None;

    /// Handles one delivery of a record.
    ///
    /// The listener polls the future inside the lane of the record's key. It drops the future at an
    /// `.await` when the partition is revoked and its deadline has passed; the record is then
    /// delivered again. A panic counts as a failure of the record.
    fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome>;

    /// Adds what must be there before the first record, so that a missing state fails the start.
    /// Default: nothing.
    fn requires(&self, needs: &mut Requirements) {
        let _ = needs;
    }

    /// Returns the name of the error type that the handler returns, for the headers of dead
    /// letters. Default: none.
    fn error_type(&self) -> Option<&'static str> {
        None
    }
}

/// A handler whose type is erased. Cloning shares it.
#[derive(Clone)]
pub struct BoxHandler(Arc<dyn Erased>);

/// [`Handler`] without its argument types.
trait Erased: Send + Sync {
    fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome>;
    fn requires(&self, needs: &mut Requirements);
    fn error_type(&self) -> Option<&'static str>;
}

struct Typed<H, Args>(H, std::marker::PhantomData<fn(Args)>);

impl BoxHandler {
    /// Shares a handler.
    pub fn new<Args: 'static>(handler: impl Handler<Args>) -> Self {
        Self(Arc::new(Typed(handler, std::marker::PhantomData)))
    }

    /// Runs the handler on one delivery, inside its span and the trace that the record carries.
    ///
    /// Dropping the future cancels the handler at its current `.await`.
    #[must_use]
    pub fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome> {
        match Watched::of(&cx) {
            None => self.0.call(cx),
            Some(watched) => watched.around(|| self.0.call(cx)),
        }
    }

    /// Returns the name of the handler's error type, where it has one.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        self.0.error_type()
    }

    /// Returns what the handler needs before its first record.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        let mut needs = Requirements::default();
        self.0.requires(&mut needs);
        needs
    }
}

impl fmt::Debug for BoxHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxHandler")
    }
}

impl<H: Handler<Args>, Args: 'static> Erased for Typed<H, Args> {
    fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome> {
        self.0.call(cx)
    }

    fn requires(&self, needs: &mut Requirements) {
        self.0.requires(needs);
    }

    fn error_type(&self) -> Option<&'static str> {
        self.0.error_type()
    }
}

/// The first topic that an argument names.
const fn first(a: Option<&'static str>, b: Option<&'static str>) -> Option<&'static str> {
    if a.is_some() { a } else { b }
}

macro_rules! impl_handler {
    ($($arg:ident),*) => {
        impl<Fun, Fut, Answer, $($arg),*> Handler<($($arg,)*)> for Fun
        where
            Fun: Fn($($arg),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Answer> + Send + 'static,
            Answer: IntoOutcome + 'static,
            $($arg: FromRecord,)*
        {
            const TOPIC: Option<&'static str> = {
                #[allow(unused_mut, reason = "a function without arguments names no topic")]
                let mut topic = None;
                $(topic = first(topic, $arg::TOPIC);)*
                topic
            };

            #[allow(non_snake_case, unused_variables, reason = "argument types double as variable names")]
            fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome> {
                $(
                    let $arg = match $arg::from_record(&cx) {
                        Ok(argument) => argument,
                        Err(rejection) => return std::future::ready(Outcome::Rejected(rejection.into())).boxed(),
                    };
                )*
                self($($arg),*).map(IntoOutcome::into_outcome).boxed()
            }

            #[allow(unused_variables, reason = "a function without arguments needs nothing")]
            fn requires(&self, needs: &mut Requirements) {
                $($arg::requires(needs);)*
            }

            fn error_type(&self) -> Option<&'static str> {
                Answer::error_type()
            }
        }
    };
}

impl_handler!();
impl_handler!(A1);
impl_handler!(A1, A2);
impl_handler!(A1, A2, A3);
impl_handler!(A1, A2, A3, A4);
impl_handler!(A1, A2, A3, A4, A5);
impl_handler!(A1, A2, A3, A4, A5, A6);
impl_handler!(A1, A2, A3, A4, A5, A6, A7);
impl_handler!(A1, A2, A3, A4, A5, A6, A7, A8);
