//! Writes a client's trouble with brokers into the log, with whose it is on every line.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::trouble::{Complaint, News, Scope, Trouble};
use crate::runtime::Clock;

/// The trouble of one client, or of all consumers of one listener, and who tells of it.
///
/// The lines carry what they are about themselves and are in no span: they say the same at every
/// level, whichever thread finds something to tell.
#[derive(Debug)]
pub(crate) struct TroubleLog {
    subject: Subject,
    clock: Clock,
    /// Guards the trouble; held for a note, never while a line is written.
    trouble: Mutex<Trouble>,
}

/// Whose trouble it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    Listener { listener: String, group: String },
    Client { client: &'static str },
}

impl TroubleLog {
    /// For the consumers of a listener.
    pub(crate) fn of_listener(listener: &dyn Display, group: &dyn Display, clock: Clock) -> Self {
        Self::new(
            Subject::Listener {
                listener: listener.to_string(),
                group: group.to_string(),
            },
            clock,
        )
    }

    /// For a client that belongs to no listener.
    pub(crate) fn of_client(client: &'static str, clock: Clock) -> Self {
        Self::new(Subject::Client { client }, clock)
    }

    fn new(subject: Subject, clock: Clock) -> Self {
        Self {
            subject,
            clock,
            trouble: Mutex::default(),
        }
    }

    /// Notes what the client says; the next [`tick`](Self::tick) tells it if there is something to
    /// tell. Answers with the trouble as it is known by now: how far it goes, and the reason,
    /// which may be an earlier one that says more.
    pub(crate) fn complain(&self, complaint: Complaint) -> (Scope, String) {
        self.trouble().complain(complaint, self.clock.now())
    }

    /// Tells what is due. `matters` is false while nobody waits for the client.
    pub(crate) fn tick(&self, matters: bool) {
        let news = self.trouble().tick(self.clock.now(), matters);
        self.tell(news);
    }

    /// A broker answered.
    pub(crate) fn answered(&self) {
        let news = self.trouble().answered(self.clock.now());
        self.tell(news);
    }

    /// The client does what it is for.
    pub(crate) fn over(&self) {
        let news = self.trouble().over(self.clock.now());
        self.tell(news);
    }

    /// The reason of the trouble that the client is in.
    pub(crate) fn reason(&self) -> Option<String> {
        self.trouble().reason().map(str::to_owned)
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, news: Option<News>) {
        let Some(news) = news else { return };
        let (listener, group, client) = match &self.subject {
            Subject::Listener { listener, group } => {
                (Some(listener.as_str()), Some(group.as_str()), None)
            }
            Subject::Client { client } => (None, None, Some(*client)),
        };
        match news {
            News::Begins { scope, reason } => {
                let what = begins(scope);
                tracing::warn!(parent: None, listener, group, client, reason, "{what}");
            }
            News::GoesOn {
                scope,
                reason,
                complaints,
                lasted,
            } => {
                let what = goes_on(scope);
                tracing::warn!(parent: None, listener, group, client, reason, complaints, ?lasted, "{what}");
            }
            // As loud as the begin: who has read that wants to read this.
            News::Over {
                scope,
                reason,
                complaints,
                lasted,
            } => {
                let what = over(scope);
                tracing::warn!(parent: None, listener, group, client, reason, complaints, ?lasted, "{what}");
            }
        }
    }
}

const fn begins(scope: Scope) -> &'static str {
    match scope {
        Scope::OneBroker => "a broker cannot be reached; trying again",
        Scope::All => "no broker can be reached; trying again",
    }
}

const fn goes_on(scope: Scope) -> &'static str {
    match scope {
        Scope::OneBroker => "a broker still cannot be reached; trying again",
        Scope::All => "still no broker can be reached; trying again",
    }
}

const fn over(scope: Scope) -> &'static str {
    match scope {
        Scope::OneBroker => "brokers can be reached again: no complaint for a minute",
        Scope::All => "brokers can be reached again",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::trouble::Weight;
    use super::*;
    use crate::runtime::ManualClock;
    use crate::runtime::written::lines;

    #[test]
    fn every_line_says_whose_trouble_it_is_whatever_the_level() {
        let time = ManualClock::new();
        let log = TroubleLog::of_listener(&"billing", &"invoices", time.clock());
        let reason = "connection refused".to_owned();
        let complaint = Complaint {
            scope: Scope::All,
            weight: Weight::Connection,
            reason,
        };
        let written = lines(tracing::Level::WARN, || {
            for _ in 0..100 {
                log.complain(complaint.clone());
                log.tick(true);
                time.advance(Duration::from_millis(400));
            }
            log.answered();
        });
        assert_eq!(written.len(), 3, "{written:?}");
        for line in written {
            assert!(
                line.contains(r#"listener="billing" group="invoices" reason="connection refused""#),
                "{line}"
            );
        }
    }
}
