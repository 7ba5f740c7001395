//! librdkafka's log lines as events of `tracing`, under the target `librdkafka`.

use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::statistics::Statistics;

use crate::client::trouble::{Complaint, Scope, Weight};
use crate::client::trouble_log::TroubleLog;
use crate::runtime::Clock;

/// Kinds of lines about connections, of which there are several a second while a broker is away: a
/// connection that failed, requests that got no answer, a producer id that could not be had. They
/// are for debugging, since a [`TroubleLog`] tells of the trouble itself.
const CONNECTIONS: &[&str] = &["FAIL", "REQTMOUT", "GETPID"];

/// Hands a line on. Lines carry addresses and topics, never payloads or passwords.
pub(super) fn forward(level: RDKafkaLogLevel, facility: &str, message: &str) {
    if CONNECTIONS.contains(&facility) {
        tracing::debug!(target: "librdkafka", facility, "{message}");
        return;
    }
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => {
            tracing::error!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
            tracing::info!(target: "librdkafka", facility, "{message}");
        }
        RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
    }
}

/// Hears the client of somebody who asks the cluster questions. Nobody serves its error events, so
/// its log lines are its complaints, and they are told while a question waits for its answer.
#[derive(Debug)]
pub(super) struct Asking {
    trouble: TroubleLog,
    questions: AtomicUsize,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub(super) struct Question<'a>(&'a Asking);

impl Asking {
    pub(super) fn client(name: &'static str) -> Self {
        Self {
            trouble: TroubleLog::of_client(name, Clock::system()),
            questions: AtomicUsize::new(0),
        }
    }

    /// A question is asked, until the guard is dropped.
    pub(super) fn question(&self) -> Question<'_> {
        self.questions.fetch_add(1, Ordering::AcqRel);
        // The client may have complained before, and says the same thing only twice a minute.
        self.trouble.tick(true);
        Question(self)
    }

    /// Returns the reason why requests get no answer.
    pub(super) fn reason(&self) -> Option<String> {
        self.trouble.reason()
    }

    fn complain(&self, reason: &str) {
        let reason = reason.to_owned();
        self.trouble.complain(Complaint {
            scope: Scope::All,
            weight: Weight::Connection,
            reason,
        });
        self.trouble
            .tick(self.questions.load(Ordering::Acquire) > 0);
    }
}

impl Question<'_> {
    /// The cluster answered.
    pub(super) fn answered(self) {
        self.0.trouble.answered();
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.questions.fetch_sub(1, Ordering::AcqRel);
    }
}

impl ClientContext for Asking {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        forward(level, facility, line);
        if facility == "FAIL" && level as i32 <= RDKafkaLogLevel::Error as i32 {
            self.complain(line);
        }
    }

    fn error(&self, _error: KafkaError, reason: &str) {
        self.complain(reason);
    }

    fn stats(&self, _statistics: Statistics) {}

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ConsumerContext for Asking {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::written::lines;

    fn fail(client: &Asking) {
        client.log(RDKafkaLogLevel::Error, "FAIL", "a:9092: connection refused");
    }

    #[test]
    fn trouble_with_a_broker_is_one_line_however_often_the_client_repeats_it() {
        let client = Asking::client("admin");
        let written = lines(tracing::Level::INFO, || {
            let question = client.question();
            (0..100).for_each(|_| fail(&client));
            question.answered();
        });
        assert_eq!(written.len(), 2, "{written:?}");
        assert!(
            written
                .iter()
                .all(|line| line.contains(r#"client="admin" reason="a:9092: connection refused""#))
        );
    }

    #[test]
    fn a_broker_that_nobody_asks_may_go_without_a_warning() {
        let client = Asking::client("admin");
        assert_eq!(lines(tracing::Level::INFO, || fail(&client)), [""; 0]);
        let of_a_question = lines(tracing::Level::INFO, || drop(client.question()));
        assert_eq!(of_a_question.len(), 1, "{of_a_question:?}");
    }

    #[test]
    fn what_is_no_trouble_with_brokers_keeps_its_level() {
        let written = lines(tracing::Level::WARN, || {
            forward(
                RDKafkaLogLevel::Warning,
                "CONFWARN",
                "a property is deprecated",
            );
            forward(
                RDKafkaLogLevel::Warning,
                "GETPID",
                "failed to acquire a producer id: retrying",
            );
            forward(RDKafkaLogLevel::Info, "FAIL", "disconnected");
        });
        assert_eq!(written.len(), 1, "{written:?}");
    }
}
