//! Functions of up to eight extractors are handlers.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::observed::Watched;
use super::{IntoOutcome, Outcome};
use crate::extract::{FromRecord, RecordContext, Requirements};

/// An async function whose arguments are extractors and whose answer is an outcome.
///
/// ```
/// use wellspring::extract::RecordContext;
/// use wellspring::handler::{BoxHandler, Handler};
///
/// async fn print(cx: RecordContext) {
///     println!("{}", cx.record().offset());
/// }
///
/// let handler = BoxHandler::new(print);
/// ```
#[diagnostic::on_unimplemented(
    message = "this is not a handler of records",
    note = "a handler is an async function of at most eight extractors that answers `()`, `Outcome` or a `Result`",
    note = "its future is `Send`: it holds nothing over an `.await` that is not"
)]
pub trait Handler<Args>: Send + Sync + 'static {
    /// The topic its arguments name, when one of them names one.
    const TOPIC: Option<&'static str>;

    /// Reads the arguments and runs the function.
    fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome>;

    /// Notes what its arguments need before the first record.
    fn requires(&self, needs: &mut Requirements);

    /// The name of the error type it answers with, where it has one.
    fn error_type(&self) -> Option<&'static str>;
}

/// A handler of any type, shared.
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

    /// Runs the handler on one delivery.
    ///
    /// Dropping the future cancels the handler at its current `.await`.
    #[must_use]
    pub fn call(&self, cx: RecordContext) -> BoxFuture<'static, Outcome> {
        match Watched::of(&cx) {
            None => self.0.call(cx),
            Some(watched) => watched.around(|| self.0.call(cx)),
        }
    }

    /// The name of the error type it answers with, where it has one.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        self.0.error_type()
    }

    /// What its arguments need.
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
