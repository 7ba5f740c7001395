//! A cell of the grid: what is measured at once.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is measured at once: the settings of a listener, what its handler does, and its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// Partitions of the topic.
    pub partitions: u16,
    /// Consumers: the listener's `concurrency`.
    pub consumers: u16,
    /// Records that each consumer handles at the same time: the listener's `workers`.
    pub workers: u16,
    /// What the handler does.
    pub work: Work,
    /// How the keys are distributed.
    pub keys: Keys,
    /// Bytes of a payload.
    pub bytes: u32,
}

impl Cell {
    /// Which of the three models it is.
    #[must_use]
    pub const fn model(&self) -> Model {
        match (self.consumers, self.workers) {
            (1, 1) => Model::OneByOne,
            (_, 1) => Model::ConsumerPerThread,
            (1, _) => Model::ManyWorkers,
            (_, _) => Model::Both,
        }
    }

    /// Handlers that can run at the same time.
    #[must_use]
    pub fn handlers(&self) -> u64 {
        u64::from(self.consumers) * u64::from(self.workers)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "partitions={} consumers={} workers={} work={} keys={} bytes={}",
            self.partitions, self.consumers, self.workers, self.work, self.keys, self.bytes
        )
    }
}

/// A way to consume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Model {
    /// One consumer that handles one record at a time: what the three models improve on.
    OneByOne,
    /// Model 1: several consumers, each handles one record at a time.
    ConsumerPerThread,
    /// Model 2: one consumer with many workers.
    ManyWorkers,
    /// Model 3: several consumers, each with many workers.
    Both,
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneByOne => "one by one",
            Self::ConsumerPerThread => "a consumer per thread",
            Self::ManyWorkers => "one consumer with many workers",
            Self::Both => "both",
        })
    }
}

/// What a handler does with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Work {
    /// Waits for a timer so many microseconds; with 0 it is ready at once.
    Timer(u64),
    /// Calls a local HTTP server that takes so many microseconds to answer.
    Http(u64),
    /// Writes a row into SQLite, which takes as long as it takes.
    Sqlite,
    /// Computes for so many microseconds of processor time.
    Compute(u64),
}

impl Work {
    /// How long a handler takes at least. A row takes at least the time of none.
    #[must_use]
    pub const fn time(self) -> Duration {
        match self {
            Self::Timer(us) | Self::Http(us) | Self::Compute(us) => Duration::from_micros(us),
            Self::Sqlite => Duration::ZERO,
        }
    }

    /// Whether the handler waits for somebody else, and leaves its thread to others meanwhile.
    #[must_use]
    pub const fn waits(self) -> bool {
        match self {
            Self::Timer(us) => us > 0,
            Self::Http(_) | Self::Sqlite => true,
            Self::Compute(_) => false,
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Timer(_) => "timer",
            Self::Http(_) => "http",
            Self::Sqlite => return f.write_str("sqlite"),
            Self::Compute(_) => "compute",
        };
        write!(f, "{name}:{}", humantime::format_duration(self.time()))
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "sqlite" {
            return Ok(Self::Sqlite);
        }
        let expected = || {
            format!(
                "`{text}`: expected timer:TIME, http:TIME, compute:TIME (as in timer:10ms) or sqlite"
            )
        };
        let (name, time) = text.split_once(':').ok_or_else(expected)?;
        let time = humantime::parse_duration(time).map_err(|_| expected())?;
        let us = u64::try_from(time.as_micros()).map_err(|_| expected())?;
        match name {
            "timer" => Ok(Self::Timer(us)),
            "http" => Ok(Self::Http(us)),
            "compute" => Ok(Self::Compute(us)),
            _ => Err(expected()),
        }
    }
}

impl From<Work> for String {
    fn from(work: Work) -> Self {
        work.to_string()
    }
}

impl TryFrom<String> for Work {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// How the keys of the records are distributed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// 100 000 keys, each as often as the others.
    Uniform,
    /// 100 000 keys by Zipf's law with exponent 0.8: the most frequent one has 2.2 % of the records.
    Skewed,
    /// 16 keys, each as often as the others.
    Few,
}

impl Keys {
    /// How many keys there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        match self {
            Self::Uniform | Self::Skewed => 100_000,
            Self::Few => 16,
        }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uniform => "uniform",
            Self::Skewed => "skewed",
            Self::Few => "few",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_read_as_it_is_written() {
        for text in [
            "timer:0s",
            "timer:100us",
            "http:10ms",
            "sqlite",
            "compute:1ms",
        ] {
            let work: Work = text.parse().unwrap();
            assert_eq!(work.to_string().parse::<Work>().unwrap(), work, "{text}");
        }
        for text in ["timer", "timer:", "timer:10", "sleep:1ms", "sqlite:1ms"] {
            assert!(text.parse::<Work>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_model_is_told_by_consumers_and_workers() {
        let model = |consumers, workers| {
            let cell = Cell {
                partitions: 16,
                consumers,
                workers,
                work: Work::Timer(0),
                keys: Keys::Few,
                bytes: 100,
            };
            cell.model()
        };
        assert_eq!(model(1, 1), Model::OneByOne);
        assert_eq!(model(4, 1), Model::ConsumerPerThread);
        assert_eq!(model(1, 64), Model::ManyWorkers);
        assert_eq!(model(4, 16), Model::Both);
    }
}
