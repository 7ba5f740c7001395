//! From an endpoint as written to one that can start: what the configuration says, then what the
//! endpoint says, then the default.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use super::error::StartProblem;
use crate::client::refused_properties;
use crate::config::{
    ClientKind, ClientProperties, Config, ListenerSection, Problem, Sourced, printable,
    property_complaint,
};
use crate::dead_letter::destination;
use crate::endpoint::checks::reads;
use crate::endpoint::{Endpoint, EndpointBuilder, Ordering, ResolvedEndpoint, Setting};
use crate::extract::ListenerId;
use crate::listener::{CANCEL_TIMEOUT, queue_kbytes};
use crate::runtime::{Bounded, MAX_SHOWN_VALUE};
use crate::types::{GroupId, TopicName};

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
    let Endpoint { options, handler } = endpoint;
    let id = options
        .id
        .clone()
        .or_else(|| name.map(str::to_owned))
        .unwrap_or_else(|| options.group.clone());
    let section = config.listener(&id);
    let mut resolver = Resolver {
        config,
        id: &id,
        problems: Vec::new(),
    };
    let topics = resolver.topics(&options);
    let group = resolver.group(&options, section.group.as_ref());
    let concurrency = resolver.count(
        "concurrency",
        options.concurrency.clone(),
        section.concurrency.as_ref(),
    );
    let workers = resolver.count("workers", options.workers.clone(), section.workers.as_ref());
    let ordering = resolver.parsed(
        "ordering",
        options.ordering.clone(),
        section.ordering.as_ref(),
    );
    let retry = resolver.parsed("retry", options.retry.clone(), section.retry.as_ref());
    let on_exhausted = resolver.parsed(
        "on_exhausted",
        options.on_exhausted.clone(),
        section.on_exhausted.as_ref(),
    );
    let dead_letter_topic = options
        .dead_letter_topic
        .as_deref()
        .and_then(|text| resolver.topic("dead_letter", text));
    resolver.check_dead_letters(&topics, dead_letter_topic.as_ref());
    let auto_startup = resolver.auto_startup(&options, &section);
    let properties = resolver.properties(&options, concurrency);
    let Resolver { problems, .. } = resolver;
    let (Some(group), true) = (group, problems.is_empty()) else {
        return Err(problems);
    };
    let by_default = if workers.get() > 1 {
        Ordering::Key
    } else {
        Ordering::Partition
    };
    let endpoint = ResolvedEndpoint {
        id: ListenerId::new(&id),
        topics,
        group,
        concurrency,
        workers,
        ordering: ordering.unwrap_or(by_default),
        retry: retry.unwrap_or_default(),
        on_exhausted: on_exhausted.unwrap_or_default(),
        dead_letter_topic,
        retry_panics: options.retry_panics,
        retry_rejections: options.retry_rejections,
        classifier: options.classifier,
        auto_startup,
        handler,
    };
    Ok(Planned {
        endpoint,
        properties,
    })
}

/// Resolves one endpoint, and collects what is wrong with it.
struct Resolver<'a> {
    config: &'a Config,
    id: &'a str,
    problems: Vec<StartProblem>,
}

impl Resolver<'_> {
    fn complain(&mut self, what: impl Into<String>, text: &str, reason: impl ToString) {
        let listener = self.id.to_owned();
        let mut bounded = Bounded::new(MAX_SHOWN_VALUE);
        bounded.say(&text);
        let (what, text, reason) = (what.into(), bounded.in_lines(), reason.to_string());
        self.problems.push(StartProblem::Listener {
            listener,
            what,
            text,
            reason,
        });
    }

    /// A text with its placeholders replaced; `None` when one of them does not resolve.
    fn expand(&mut self, what: &str, text: &str) -> Option<String> {
        match self.config.expand(text) {
            Ok(expanded) => Some(expanded),
            Err(complaint) => {
                self.complain(what, text, complaint);
                None
            }
        }
    }

    fn topic(&mut self, what: &str, text: &str) -> Option<TopicName> {
        match TopicName::new(self.expand(what, text)?) {
            Ok(topic) => Some(topic),
            Err(invalid) => {
                self.complain(what, text, invalid);
                None
            }
        }
    }

    fn topics(&mut self, options: &EndpointBuilder) -> Vec<TopicName> {
        let Some(event) = options.event_topic else {
            if options.topics.is_empty() {
                self.complain(
                    "topic",
                    "",
                    "a listener without an Event argument needs a topic",
                );
            }
            return self.listed(&options.topics);
        };
        let Some(event) = self.topic("topic", event) else {
            return Vec::new();
        };
        let (mut topics, mut is_configured) = (Vec::new(), false);
        for text in &options.topics {
            match self.topic("topic", text) {
                Some(topic) if topics.contains(&topic) => {}
                Some(topic) if reads(topic.as_str(), event.as_str()) => topics.push(topic),
                // Who configures a topic means it; what only stands in the code contradicts the
                // type.
                Some(topic) if self.config.configures(text) && !is_configured => {
                    is_configured = true;
                    topics.push(topic);
                }
                Some(topic) => {
                    let (listener, event) = (self.id.to_owned(), event.to_string());
                    let (text, topic) = (text.clone(), topic.to_string());
                    self.problems.push(StartProblem::TopicMismatch {
                        listener,
                        event,
                        text,
                        topic,
                    });
                }
                None => {}
            }
        }
        if options.topics.is_empty() {
            vec![event]
        } else {
            topics
        }
    }

    /// The topics of these texts. A placeholder may stand for a list of them, as a file has it.
    fn listed(&mut self, texts: &[String]) -> Vec<TopicName> {
        let mut topics: Vec<TopicName> = Vec::new();
        for text in texts {
            let Some(expanded) = self.expand("topic", text) else {
                continue;
            };
            let is_list = expanded != *text;
            let names = expanded
                .split(',')
                .filter(|_| is_list)
                .map(str::trim)
                .filter(|name| !name.is_empty());
            let mut names: Vec<&str> = names.collect();
            if names.is_empty() {
                names.push(&expanded);
            }
            for name in names {
                match TopicName::new(name) {
                    Ok(topic) if topics.contains(&topic) => {}
                    Ok(topic) => topics.push(topic),
                    Err(invalid) => self.complain("topic", text, invalid),
                }
            }
        }
        topics
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

    fn group(
        &mut self,
        options: &EndpointBuilder,
        written: Option<&Sourced<String>>,
    ) -> Option<GroupId> {
        let text = written.map_or(options.group.as_str(), |sourced| sourced.value.as_str());
        let text = if text.is_empty() { self.id } else { text };
        let group = self.expand("group", text)?;
        let invalid = match GroupId::new(group) {
            Ok(group) => return Some(group),
            Err(invalid) => invalid,
        };
        match written {
            Some(sourced) => self.problems.push(Problem::about(sourced, &invalid).into()),
            None => self.complain("group", text, invalid),
        }
        None
    }

    fn count(
        &mut self,
        what: &'static str,
        setting: Option<Setting<usize>>,
        written: Option<&Sourced<usize>>,
    ) -> NonZeroUsize {
        let count = match (written, setting) {
            (Some(sourced), _) => Some(sourced.value),
            (None, setting) => self.value(what, setting, |text| {
                text.parse()
                    .map_err(|_| "a whole number from 1 is needed".to_owned())
            }),
        };
        match count.map(NonZeroUsize::new) {
            Some(Some(count)) => count,
            Some(None) => {
                self.complain(what, "0", "at least 1 is needed");
                NonZeroUsize::MIN
            }
            None => NonZeroUsize::MIN,
        }
    }

    /// A value that a file writes as text and code as itself.
    fn parsed<T>(
        &mut self,
        what: &'static str,
        setting: Option<Setting<T>>,
        written: Option<&Sourced<String>>,
    ) -> Option<T>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        match written {
            Some(sourced) => match sourced.value.parse() {
                Ok(value) => Some(value),
                Err(invalid) => {
                    self.problems.push(Problem::about(sourced, &invalid).into());
                    None
                }
            },
            None => self.value(what, setting, |text| {
                text.parse().map_err(|invalid: T::Err| invalid.to_string())
            }),
        }
    }

    fn auto_startup(&mut self, options: &EndpointBuilder, section: &ListenerSection) -> bool {
        match &section.auto_startup {
            Some(sourced) => sourced.value,
            None => {
                let flag = |text: &str| {
                    text.parse()
                        .map_err(|_| "true or false is needed".to_owned())
                };
                self.value("auto_startup", options.auto_startup.clone(), flag)
                    .unwrap_or(true)
            }
        }
    }

    fn value<T>(
        &mut self,
        what: &'static str,
        setting: Option<Setting<T>>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match setting? {
            Setting::Value(value) => Some(value),
            Setting::Text(text) => match parse(self.expand(what, &text)?.trim()) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.complain(what, &text, reason);
                    None
                }
            },
        }
    }

    /// The endpoint's own properties lie between those of all consumers and those of
    /// `listeners.<id>`.
    fn properties(
        &mut self,
        options: &EndpointBuilder,
        consumers: NonZeroUsize,
    ) -> ClientProperties {
        let mut properties = self.config.consumer_properties(self.id);
        for (name, text) in &options.properties {
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
