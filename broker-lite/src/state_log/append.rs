//! Appending to an internal topic, and the outcome of it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::error::StateLogError;

/// The log in which a coordinator writes what must survive a crash.
pub(crate) trait StateLog<R>: fmt::Debug + Send + Sync + 'static {
    /// Creates the topic unless it exists.
    ///
    /// # Errors
    /// [`StateLogError`]; the coordinator can't serve requests then.
    fn prepare(&self) -> Result<(), StateLogError>;

    /// Appends all of these records, which are about one key, or none of them.
    ///
    /// Appends for one key are in the log in the order of the calls.
    fn append(&self, key: &str, records: &[R]) -> Acknowledgement;
}

/// The outcome of one append. No answer that depends on the records may leave before it is `Ok`.
///
/// With one broker the outcome is there at once. It is a future because a replicated topic
/// acknowledges an append only when its in-sync replicas have it.
#[must_use = "an answer may leave only after the append is acknowledged"]
pub(crate) struct Acknowledgement(Pin<Box<dyn Future<Output = Outcome> + Send>>);

type Outcome = Result<(), StateLogError>;

impl Acknowledgement {
    /// An append whose outcome is known.
    pub(crate) fn ready(outcome: Outcome) -> Self {
        Self::from(std::future::ready(outcome))
    }

    /// Waits for the outcome.
    ///
    /// # Cancel safety
    /// Nothing is lost: the append goes on, and a later call waits for the same outcome.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        self.0.as_mut().await
    }

    /// Returns the outcome if it is there. Not to be polled again after that.
    pub(crate) fn poll_now(&mut self) -> Option<Outcome> {
        match self
            .0
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }
}

impl<F: Future<Output = Outcome> + Send + 'static> From<F> for Acknowledgement {
    fn from(outcome: F) -> Self {
        Self(Box::pin(outcome))
    }
}

impl fmt::Debug for Acknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acknowledgement")
    }
}
