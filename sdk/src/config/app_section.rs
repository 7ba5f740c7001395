//! Settings of the application as a whole, and of its health answer.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::addresses::Addresses;
use super::entry::canonical;
use super::value::{Value, Values};

/// `app.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppSection {
    /// The application's name, and the `client.id` of its Kafka clients. Default: `wellspring`.
    pub name: String,
    /// Longest wait at start, for topics and for partitions to be assigned. Default: 60 s.
    pub start_deadline: Duration,
    /// Longest wait at stop for running handlers to end. Default: 25 s.
    pub drain_deadline: Duration,
    /// Whether declared topics that are missing are created at start. Default: true.
    pub create_topics: bool,
    /// The reaction to a Kafka client that has failed for good. Default: heal.
    pub on_fatal_error: OnFatalError,
    /// The reaction to dead letters that their topic refuses for good. Default: the partition
    /// waits.
    pub on_refused_dead_letter: OnRefusedDeadLetter,
}

/// `app.on-fatal-error`: what an application does when one of its Kafka clients has failed for
/// good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFatalError {
    /// A new client takes over, after a wait that grows with each failure up to 30 s. A listener
    /// whose settings are the cause, or whose instance id another one has, stays as it is.
    #[default]
    Heal,
    /// The client stays as it is, and health is red and asks for a restart.
    Red,
    /// The application ends with an error.
    End,
}

impl fmt::Display for OnFatalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heal => "heal",
            Self::Red => "red",
            Self::End => "end",
        })
    }
}

/// `app.on-refused-dead-letter`: what becomes of a dead letter that its topic will never take, or
/// has not taken after ten offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRefusedDeadLetter {
    /// The partition waits at the record, and health is red with the reason and the size.
    #[default]
    Halt,
    /// The letter is appended to this file.
    File(PathBuf),
}

/// `kafka.producer.*`, without the properties of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerSection {
    /// Memory for records in flight, in bytes. Default: 32 MiB.
    pub buffer_memory: usize,
    /// Longest wait of a send for room. Default: 60 s.
    pub max_block: Duration,
}

impl ProducerSection {
    pub(crate) fn of(values: &Values) -> Self {
        let memory = count(values, "kafka.producer.buffer-memory")
            .and_then(|bytes| usize::try_from(bytes).ok());
        Self {
            buffer_memory: memory.unwrap_or(32 << 20),
            max_block: duration(values, "kafka.producer.max-block")
                .unwrap_or(Duration::from_secs(60)),
        }
    }
}

/// `actuator.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActuatorSection {
    /// The port that health is answered on over HTTP, 0 being a free one. Default: none, which is
    /// off.
    pub port: Option<u16>,
    /// The address it listens on. Default: `127.0.0.1`.
    pub host: String,
}

impl AppSection {
    pub(crate) fn of(values: &Values) -> Self {
        Self {
            name: text(values, "app.name").unwrap_or_else(|| "wellspring".to_owned()),
            start_deadline: duration(values, "app.start-deadline")
                .unwrap_or(Duration::from_secs(60)),
            drain_deadline: duration(values, "app.drain-deadline")
                .unwrap_or(Duration::from_secs(25)),
            create_topics: flag(values, "app.create-topics").unwrap_or(true),
            on_fatal_error: match text(values, "app.on-fatal-error").as_deref() {
                Some("red") => OnFatalError::Red,
                Some("end") => OnFatalError::End,
                _ => OnFatalError::Heal,
            },
            on_refused_dead_letter: match text(values, "app.on-refused-dead-letter").as_deref() {
                Some("file") => {
                    let file = text(values, "app.dead-letter-file");
                    OnRefusedDeadLetter::File(
                        file.unwrap_or_else(|| "dead-letters.jsonl".to_owned())
                            .into(),
                    )
                }
                _ => OnRefusedDeadLetter::Halt,
            },
        }
    }
}

impl ActuatorSection {
    pub(crate) fn of(values: &Values) -> Self {
        Self {
            port: count(values, "actuator.port").and_then(|port| u16::try_from(port).ok()),
            host: text(values, "actuator.host").unwrap_or_else(|| "127.0.0.1".to_owned()),
        }
    }
}

fn value<'a>(values: &'a Values, key: &str) -> Option<&'a Value> {
    values.get(&canonical(key)).map(|resolved| &resolved.value)
}

/// The addresses of the brokers, if any are set.
pub(crate) fn addresses(values: &Values) -> Option<&Addresses> {
    match value(values, "kafka.bootstrap-servers") {
        Some(Value::Addresses(addresses)) => Some(addresses),
        Some(Value::Text(_) | Value::Bool(_) | Value::Count(_) | Value::Duration(_)) | None => None,
    }
}

fn text(values: &Values, key: &str) -> Option<String> {
    if let Some(Value::Text(text)) = value(values, key) {
        Some(text.clone())
    } else {
        None
    }
}

fn duration(values: &Values, key: &str) -> Option<Duration> {
    if let Some(Value::Duration(duration)) = value(values, key) {
        Some(*duration)
    } else {
        None
    }
}

fn count(values: &Values, key: &str) -> Option<u64> {
    if let Some(Value::Count(count)) = value(values, key) {
        Some(*count)
    } else {
        None
    }
}

fn flag(values: &Values, key: &str) -> Option<bool> {
    if let Some(Value::Bool(flag)) = value(values, key) {
        Some(*flag)
    } else {
        None
    }
}
