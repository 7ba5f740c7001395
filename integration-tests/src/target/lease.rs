//! Starting a target when it is first wanted, and keeping it while anybody uses it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::external::Given;
use super::kafka::Kafka;
use super::kind::Kind;

/// The use of a running Kafka by one scenario.
#[derive(Clone)]
pub struct Lease {
    kind: Kind,
    kafka: Arc<dyn Kafka>,
}

/// A kind of Kafka on this machine, at this moment.
#[derive(Debug)]
pub enum Target {
    /// The target is there and starts when it is leased.
    Available(Kind, Shared),
    /// The target is not there.
    Absent(Kind, String),
}

/// The state that the scenarios of one target share: the running Kafka, or the reason why it did
/// not start.
#[derive(Default)]
pub struct Shared(OnceLock<Result<Arc<dyn Kafka>, String>>);

impl Target {
    /// Looks whether this kind of Kafka is there.
    #[must_use]
    pub fn find(kind: Kind) -> Self {
        match kind.look() {
            Ok(()) => Self::Available(kind, Shared::default()),
            Err(reason) => Self::Absent(kind, reason),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Available(kind, _) | Self::Absent(kind, _) => *kind,
        }
    }

    /// A running Kafka: the first call starts it, later ones share it where a start is dear.
    ///
    /// Blocks, and must not be called from inside a runtime.
    ///
    /// # Errors
    ///
    /// Why it is absent, or why it did not start. A failed start is not tried again.
    pub fn lease(&self) -> Result<Lease, String> {
        let (kind, shared) = match self {
            Self::Available(kind, shared) => (*kind, shared),
            Self::Absent(_, reason) => return Err(reason.clone()),
        };
        let kafka = if kind.is_per_scenario() {
            kind.start().map(Arc::from)
        } else {
            shared.0.get_or_init(|| kind.start().map(Arc::from)).clone()
        };
        Ok(Lease {
            kind,
            kafka: kafka?,
        })
    }
}

impl Lease {
    /// The use of a Kafka that the scenario itself starts and stops.
    pub(crate) fn own(kind: Kind, bootstrap: &str) -> Self {
        Self {
            kind,
            kafka: Arc::new(Given::at(bootstrap)),
        }
    }

    /// Returns the kind of Kafka.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the addresses for clients.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        self.kafka.bootstrap()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("kind", &self.kind)
            .field("bootstrap", &self.bootstrap())
            .finish()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.0.get() {
            None => "not started",
            Some(Ok(kafka)) => kafka.bootstrap(),
            Some(Err(reason)) => reason,
        };
        f.debug_tuple("Shared").field(&state).finish()
    }
}
