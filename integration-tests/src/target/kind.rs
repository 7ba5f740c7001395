//! The kinds of Kafka, and how each is recognised as being there.

use std::fmt;

use super::{Kafka, broker_lite, container, external, jvm};

/// One way to have a Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// broker-lite in this process.
    BrokerLite,
    /// Real Kafka on the JVM, one KRaft node that we start.
    Jvm,
    /// Real Kafka in a container, through `testcontainers`.
    Container,
    /// The Kafka whose address `WELLSPRING_TEST_BOOTSTRAP` gives.
    External,
}

impl Kind {
    /// Every kind, in the order in which scenarios run on them.
    pub const ALL: [Self; 4] = [Self::BrokerLite, Self::Jvm, Self::Container, Self::External];

    /// The name in `WELLSPRING_TEST_TARGETS` and in test names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BrokerLite => "broker-lite",
            Self::Jvm => "jvm",
            Self::Container => "container",
            Self::External => "external",
        }
    }

    /// Whether it is there; nothing is started.
    ///
    /// # Errors
    ///
    /// Why it is not, in words for the person who wonders.
    pub(super) fn look(self) -> Result<(), String> {
        match self {
            Self::BrokerLite => Ok(()),
            Self::Jvm => jvm::Jars::check_programs().map_err(|missing| missing.to_string()),
            Self::Container => container::look(),
            Self::External => external::look(),
        }
    }

    /// Starts it. Blocks, must not be called inside a runtime.
    pub(super) fn start(self) -> Result<Box<dyn Kafka>, String> {
        match self {
            Self::BrokerLite => broker_lite::InProcess::start()
                .map(boxed)
                .map_err(|refusal| chain(&refusal)),
            Self::Jvm => jvm::Node::builder()
                .start()
                .map(boxed)
                .map_err(|refusal| chain(&refusal)),
            Self::Container => container::Container::start()
                .map(boxed)
                .map_err(|refusal| chain(&refusal)),
            Self::External => external::Given::from_env().map(boxed),
        }
    }

    /// True where every scenario has a Kafka of its own, since one costs milliseconds.
    pub(super) fn is_per_scenario(self) -> bool {
        match self {
            Self::BrokerLite => true,
            Self::Jvm | Self::Container | Self::External => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn boxed<K: Kafka + 'static>(kafka: K) -> Box<dyn Kafka> {
    Box::new(kafka)
}

/// An error with all its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        said = format!("{said}: {deeper}");
        cause = deeper.source();
    }
    said
}
