//! Any Kafka: the one whose address the environment gives.

use super::Kafka;

const VARIABLE: &str = "WELLSPRING_TEST_BOOTSTRAP";

/// A Kafka that somebody else runs.
#[derive(Debug)]
pub struct Given {
    bootstrap: String,
}

impl Given {
    /// The Kafka at this address.
    pub(super) fn at(bootstrap: &str) -> Self {
        Self {
            bootstrap: bootstrap.to_owned(),
        }
    }

    /// Takes the address as it stands; the first scenario finds out whether anybody answers.
    pub(super) fn from_env() -> Result<Self, String> {
        match std::env::var(VARIABLE) {
            Ok(bootstrap) if !bootstrap.trim().is_empty() => Ok(Self { bootstrap }),
            Ok(_) | Err(_) => Err(format!("{VARIABLE} is not set")),
        }
    }
}

impl Kafka for Given {
    fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

pub(super) fn look() -> Result<(), String> {
    Given::from_env().map(drop)
}
