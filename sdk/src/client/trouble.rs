//! Trouble with brokers, as a client's complaints tell of it: when it begins, goes on, and is over.
//!
//! A client without a broker complains several times a second, and what it says grows less useful:
//! "connection refused" becomes "2/2 brokers are down". Here the complaints of one trouble become
//! one, with the first reason that says something. No clock, no log and no lock in here.

use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;

/// Interval at which a trouble that goes on is logged again.
pub(crate) const REPEAT_INTERVAL: Duration = Duration::from_secs(30);

/// A trouble with one of several brokers is told after this long: when all of them are out of
/// reach, the rest of the complaints has come by then.
const SETTLE_TIME: Duration = Duration::from_secs(5);

/// That all are down is told after this long, unless somebody says why before.
const REASON_WAIT: Duration = Duration::from_secs(1);

/// Without a complaint for this long a trouble is over that has no other end. librdkafka leaves out
/// what it said less than 30 s ago, and waits up to 10 s between two attempts.
const QUIET_TIME: Duration = Duration::from_secs(60);

/// The part of the cluster that a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// One broker; the client goes on with the others, if there are any.
    OneBroker,
    /// Nothing works any more.
    All,
}

/// The weight of a reason. A heavier one takes the place of a lighter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// A number of brokers is down; the reason is not known.
    Count,
    /// An event of a connection.
    Connection,
    /// A login that a broker refuses.
    Login,
    /// A reason to give up for good.
    Fatal,
}

/// A complaint of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) scope: Scope,
    pub(crate) weight: Weight,
    pub(crate) reason: String,
}

impl Complaint {
    /// Returns the scope and weight of an error with this code.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "librdkafka has some two hundred codes"
    )]
    pub(crate) fn of(code: RDKafkaErrorCode, reason: String) -> Self {
        use RDKafkaErrorCode as Code;
        let (scope, weight) = match code {
            Code::AllBrokersDown => (Scope::All, Weight::Count),
            Code::Authentication | Code::SaslAuthenticationFailed | Code::SSL => {
                (Scope::All, Weight::Login)
            }
            Code::Fatal => (Scope::All, Weight::Fatal),
            _ => (Scope::OneBroker, Weight::Connection),
        };
        Self {
            scope,
            weight,
            reason,
        }
    }
}

/// A change that is worth a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A trouble has begun, or has become another one.
    Begins { scope: Scope, reason: String },
    /// A trouble goes on: the number of complaints, and the time since it began.
    GoesOn {
        scope: Scope,
        reason: String,
        complaints: u64,
        lasted: Duration,
    },
    /// The trouble is over.
    Over {
        scope: Scope,
        reason: String,
        complaints: u64,
        lasted: Duration,
    },
}

/// The trouble a client is in, if it is in any.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Option<Current>);

#[derive(Debug)]
struct Current {
    scope: Scope,
    weight: Weight,
    reason: String,
    complaints: u64,
    since: Instant,
    last: Instant,
    told: Option<Told>,
}

/// The last line that was logged, and its time.
#[derive(Debug)]
struct Told {
    scope: Scope,
    weight: Weight,
    at: Instant,
}

impl Trouble {
    /// Notes what the client says, and answers with what is known of the trouble by now.
    pub(crate) fn complain(&mut self, complaint: Complaint, now: Instant) -> (Scope, String) {
        let Complaint {
            scope,
            weight,
            reason,
        } = complaint;
        let current = self.0.get_or_insert_with(|| Current {
            scope,
            weight,
            reason: reason.clone(),
            complaints: 0,
            since: now,
            last: now,
            told: None,
        });
        current.complaints += 1;
        current.last = now;
        current.scope = current.scope.max(scope);
        if weight > current.weight {
            (current.weight, current.reason) = (weight, reason);
        }
        (current.scope, current.reason.clone())
    }

    /// Lets time pass: what there is to tell by now. `matters` is false while nobody waits for the
    /// client; then nothing is told, and an old trouble is forgotten.
    pub(crate) fn tick(&mut self, now: Instant, matters: bool) -> Option<News> {
        let current = self.0.as_mut()?;
        let is_quiet = now.duration_since(current.last) >= QUIET_TIME;
        if is_quiet && (current.scope == Scope::OneBroker || current.told.is_none()) {
            return self.over(now);
        }
        if !matters {
            return None;
        }
        let (scope, reason) = (current.scope, current.reason.clone());
        let news = match &current.told {
            None if scope == Scope::OneBroker
                && now.duration_since(current.since) < SETTLE_TIME =>
            {
                return None;
            }
            None if current.weight == Weight::Count
                && now.duration_since(current.since) < REASON_WAIT =>
            {
                return None;
            }
            None => News::Begins { scope, reason },
            Some(told)
                if scope > told.scope || current.weight > told.weight.max(Weight::Connection) =>
            {
                News::Begins { scope, reason }
            }
            Some(told) if now.duration_since(told.at) < REPEAT_INTERVAL => return None,
            Some(_) => {
                let (complaints, lasted) = (current.complaints, now.duration_since(current.since));
                News::GoesOn {
                    scope,
                    reason,
                    complaints,
                    lasted,
                }
            }
        };
        current.told = Some(Told {
            scope,
            weight: current.weight,
            at: now,
        });
        Some(news)
    }

    /// The client works: ends the trouble. There is nothing to tell of one that was not told.
    pub(crate) fn over(&mut self, now: Instant) -> Option<News> {
        let Current {
            scope,
            reason,
            complaints,
            since,
            told,
            ..
        } = self.0.take()?;
        told?;
        Some(News::Over {
            scope,
            reason,
            complaints,
            lasted: now.duration_since(since),
        })
    }

    /// A broker answered: ends a trouble with all of them. One of several may still be out of
    /// reach.
    pub(crate) fn answered(&mut self, now: Instant) -> Option<News> {
        if self.0.as_ref()?.scope == Scope::OneBroker {
            None
        } else {
            self.over(now)
        }
    }

    /// The reason of the trouble the client is in.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.0.as_ref().map(|current| current.reason.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Clock;

    fn refused() -> Complaint {
        let reason = "a:9092: connection refused".to_owned();
        Complaint {
            scope: Scope::OneBroker,
            weight: Weight::Connection,
            reason,
        }
    }

    fn all_down() -> Complaint {
        let reason = "2/2 brokers are down".to_owned();
        Complaint {
            scope: Scope::All,
            weight: Weight::Count,
            reason,
        }
    }

    fn login() -> Complaint {
        Complaint {
            scope: Scope::All,
            weight: Weight::Login,
            reason: "wrong password".to_owned(),
        }
    }

    fn said(news: Option<News>) -> String {
        match news {
            None => "-".to_owned(),
            Some(News::Begins { scope, reason }) => format!("begins {scope:?}: {reason}"),
            Some(News::GoesOn {
                reason,
                complaints,
                lasted,
                ..
            }) => {
                format!("goes on {complaints} {}s: {reason}", lasted.as_secs())
            }
            Some(News::Over {
                reason,
                complaints,
                lasted,
                ..
            }) => {
                format!("over {complaints} {}s: {reason}", lasted.as_secs())
            }
        }
    }

    /// Ten complaints a second from `from` to `to`, a tick after each: all that is told.
    fn flood(trouble: &mut Trouble, start: Instant, from: u64, to: u64) -> Vec<String> {
        let mut told = Vec::new();
        for tenth in from * 10..to * 10 {
            let now = start + Duration::from_millis(tenth * 100);
            trouble.complain(all_down(), now);
            told.extend(trouble.tick(now, true).map(|news| said(Some(news))));
        }
        told
    }

    #[test]
    fn a_flood_is_told_at_its_begin_every_half_minute_and_at_its_end_with_its_first_reason() {
        let (mut trouble, start) = (Trouble::default(), Clock::system().now());
        trouble.complain(refused(), start);
        assert_eq!(
            said(trouble.tick(start, true)),
            "-",
            "whether all are down shows in a moment"
        );
        let told = flood(&mut trouble, start, 0, 70);
        assert_eq!(
            told,
            [
                "begins All: a:9092: connection refused",
                "goes on 302 30s: a:9092: connection refused",
                "goes on 602 60s: a:9092: connection refused"
            ]
        );
        let end = start + Duration::from_secs(70);
        assert_eq!(
            said(trouble.answered(end)),
            "over 701 70s: a:9092: connection refused"
        );
        assert_eq!(said(trouble.answered(end)), "-");
        assert_eq!(trouble.reason(), None);
    }

    #[test]
    fn one_broker_of_several_is_told_once_it_stays_away_and_over_once_nobody_complains() {
        let (mut trouble, start) = (Trouble::default(), Clock::system().now());
        let after = |seconds| start + Duration::from_secs(seconds);
        trouble.complain(refused(), start);
        assert_eq!(
            said(trouble.answered(start)),
            "-",
            "the others answer all the while"
        );
        assert_eq!(
            said(trouble.tick(after(5), true)),
            "begins OneBroker: a:9092: connection refused"
        );
        trouble.complain(all_down(), after(6));
        assert_eq!(
            said(trouble.tick(after(6), true)),
            "begins All: a:9092: connection refused"
        );
        assert_eq!(
            said(trouble.answered(after(7))),
            "over 2 7s: a:9092: connection refused"
        );
        trouble.complain(refused(), after(10));
        assert_eq!(
            said(trouble.tick(after(15), true)),
            "begins OneBroker: a:9092: connection refused"
        );
        assert_eq!(
            said(trouble.tick(after(70), true)),
            "over 1 60s: a:9092: connection refused"
        );
    }

    #[test]
    fn a_reason_that_says_more_is_told_at_once() {
        let (mut trouble, start) = (Trouble::default(), Clock::system().now());
        let later = start + REASON_WAIT;
        trouble.complain(all_down(), start);
        assert_eq!(said(trouble.tick(start, true)), "-", "somebody may say why");
        assert_eq!(
            said(trouble.tick(later, true)),
            "begins All: 2/2 brokers are down"
        );
        let known = trouble.complain(refused(), later);
        assert_eq!(known, (Scope::All, "a:9092: connection refused".to_owned()));
        assert_eq!(
            said(trouble.tick(later, true)),
            "-",
            "the same trouble, known better"
        );
        trouble.complain(login(), later);
        assert_eq!(
            said(trouble.tick(later, true)),
            "begins All: wrong password"
        );
        trouble.complain(refused(), later);
        assert_eq!(trouble.reason(), Some("wrong password"));
    }

    #[test]
    fn a_reason_that_follows_at_once_is_the_one_that_is_told() {
        let (mut trouble, start) = (Trouble::default(), Clock::system().now());
        trouble.complain(all_down(), start);
        assert_eq!(said(trouble.tick(start, true)), "-");
        trouble.complain(refused(), start);
        assert_eq!(
            said(trouble.tick(start, true)),
            "begins All: a:9092: connection refused"
        );
    }

    #[test]
    fn what_nobody_waits_for_is_not_told_and_does_not_last() {
        let (mut trouble, start) = (Trouble::default(), Clock::system().now());
        trouble.complain(all_down(), start);
        assert_eq!(
            said(trouble.tick(start + Duration::from_secs(40), false)),
            "-"
        );
        assert_eq!(
            said(trouble.tick(start + Duration::from_secs(50), true)),
            "begins All: 2/2 brokers are down"
        );
        let mut trouble = Trouble::default();
        trouble.complain(all_down(), start);
        assert_eq!(
            said(trouble.tick(start + Duration::from_secs(60), false)),
            "-"
        );
        assert_eq!(trouble.reason(), None);
    }
}
