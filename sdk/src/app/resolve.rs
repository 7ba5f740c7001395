//! The parts that a listener needs to start: its endpoint, merged with the configuration, and the
//! properties of its clients.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::error::StartProblem;
use crate::client::refused_properties;
use crate::config::{ClientKind, ClientProperties, Config, printable, property_complaint};
use crate::dead_letter::destination;
use crate::endpoint::{Endpoint, EndpointProblem, Merged, ResolvedEndpoint};
use crate::listener::{CANCEL_TIMEOUT, queue_kbytes};
use crate::runtime::{BoundedText, MAX_SHOWN_VALUE};
use crate::types::TopicName;

/// librdkafka's default of `max.poll.interval.ms`, as Kafka's.
const MAX_POLL_INTERVAL: Duration = Duration::from_mins(5);

/// A listener that is ready to start.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) endpoint: ResolvedEndpoint,
    pub(super) properties: ClientProperties,
}

/// Resolves an endpoint; `name` is its function's, which is its id unless it has one of its own.
pub(super) fn resolve(
    config: &Config,
    endpoint: Endpoint,
    name: Option<&str>,
) -> Result<Planned, Vec<StartProblem>> {
    let mut merged = Merged::new(config, endpoint, name);
    let found = std::mem::take(&mut merged.problems);
    let mut resolver = Resolver {
        config,
        id: &merged.id,
        problems: found
            .into_iter()
            .map(|problem| start_problem(&merged.id, problem))
            .collect(),
    };
    resolver.check_dead_letters(&merged.topics, merged.failing.dead_letter_topic.as_ref());
    let properties = resolver.properties(&merged.properties, merged.consuming.concurrency);
    let Resolver { problems, .. } = resolver;
    match merged.into_endpoint() {
        Some(endpoint) if problems.is_empty() => Ok(Planned {
            endpoint,
            properties,
        }),
        _ => Err(problems),
    }
}

fn start_problem(id: &str, problem: EndpointProblem) -> StartProblem {
    let listener = id.to_owned();
    match problem {
        EndpointProblem::Option { what, text, reason } => {
            let mut bounded = BoundedText::new(MAX_SHOWN_VALUE);
            bounded.push(&text);
            StartProblem::Listener {
                listener,
                what,
                text: bounded.in_lines(),
                reason,
            }
        }
        EndpointProblem::Setting(problem) => problem.into(),
        EndpointProblem::TopicMismatch { event, text, topic } => StartProblem::TopicMismatch {
            listener,
            event,
            text,
            topic,
        },
    }
}

/// Checks what an endpoint needs of other modules, and collects what is wrong with it.
struct Resolver<'a> {
    config: &'a Config,
    id: &'a str,
    problems: Vec<StartProblem>,
}

impl Resolver<'_> {
    fn complain(&mut self, what: impl Into<String>, text: &str, reason: impl ToString) {
        let problem = EndpointProblem::Option {
            what: what.into(),
            text: text.to_owned(),
            reason: reason.to_string(),
        };
        self.problems.push(start_problem(self.id, problem));
    }

    /// A dead-letter topic must be another one than the topic itself.
    fn check_dead_letters(&mut self, topics: &[TopicName], named: Option<&TopicName>) {
        let Some(named) = named else { return };
        for topic in topics {
            if let Err(error) = destination(topic, Some(named)) {
                self.complain("dead_letter", named.as_str(), error);
            }
        }
    }

    /// The endpoint's own properties lie between those of all consumers and those of
    /// `listeners.<id>`.
    fn properties(
        &mut self,
        written: &[(String, String)],
        consumers: NonZeroUsize,
    ) -> ClientProperties {
        let mut properties = self.config.consumer_properties(self.id);
        for (name, text) in written {
            let what = format!("property {name}");
            let shown = printable(name, text);
            match self.config.expand_value(name, text) {
                Err(complaint) => self.complain(what, &shown, complaint),
                Ok(value) => match property_complaint(name, &value) {
                    Some(complaint) => self.complain(what, &shown, complaint),
                    None => properties.set_unless_listeners_own(name, value),
                },
            }
        }
        properties.fit_group_defaults();
        let mut checked = properties.clone();
        checked.set_default(
            "queued.max.messages.kbytes",
            queue_kbytes(consumers.get()).to_string(),
        );
        let refused = refused_properties(self.config, ClientKind::Consumer, &checked);
        self.problems
            .extend(refused.into_iter().map(StartProblem::from));
        self.check_drain(&properties);
        properties
    }

    /// A member that gives partitions back does not poll. One that takes too long for that is put
    /// out of its group in the middle of it, and its last commit is refused.
    fn check_drain(&mut self, properties: &ClientProperties) {
        let longest = properties.get("max.poll.interval.ms").map(str::parse);
        let longest = longest
            .and_then(Result::ok)
            .map_or(MAX_POLL_INTERVAL, Duration::from_millis);
        let drain = self.config.app().drain_deadline;
        if drain + CANCEL_TIMEOUT >= longest {
            let reason = format!(
                "it must be shorter than max.poll.interval.ms ({longest:?}) by more than a second: partitions that are \
                 given back would be taken away before their running records have ended"
            );
            self.complain("app.drain-deadline", &format!("{drain:?}"), reason);
        }
    }
}
