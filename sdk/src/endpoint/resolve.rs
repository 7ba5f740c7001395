//! From an endpoint as written to one that can start.

use super::checks::reads;
use super::merge::{EndpointProblem, Merge};
use super::{Consuming, Endpoint, EndpointBuilder, Failing, Processing, ResolvedEndpoint};
use crate::config::{Config, Problem};
use crate::extract::ListenerId;
use crate::handler::BoxHandler;
use crate::types::{GroupId, TopicName};

/// An endpoint with its options merged, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) id: String,
    pub(crate) topics: Vec<TopicName>,
    group: Option<GroupId>,
    pub(crate) consuming: Consuming,
    processing: Processing,
    pub(crate) failing: Failing,
    handler: BoxHandler,
    /// The librdkafka properties that code sets, as written.
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) problems: Vec<EndpointProblem>,
}

impl Merged {
    /// Merges an endpoint with `listeners.<id>` and the defaults. `name` is its function's, which
    /// is its id unless it has one of its own.
    pub(crate) fn new(config: &Config, endpoint: Endpoint, name: Option<&str>) -> Self {
        let Endpoint { options, handler } = endpoint;
        let id = options
            .id
            .clone()
            .or_else(|| name.map(str::to_owned))
            .unwrap_or_else(|| options.group.clone());
        let mut merge = Merge {
            config,
            section: config.listener(&id),
            problems: Vec::new(),
        };
        let topics = merge.topics(&options);
        let group = merge.group(&options, &id);
        Self {
            topics,
            group,
            consuming: options.consuming.resolve(&mut merge),
            processing: options.processing.resolve(&mut merge),
            failing: options.failing.resolve(&mut merge),
            handler,
            properties: options.properties,
            problems: merge.problems,
            id,
        }
    }

    /// Returns the endpoint; `None` when it has no group, which is one of its problems.
    pub(crate) fn into_endpoint(self) -> Option<ResolvedEndpoint> {
        Some(ResolvedEndpoint {
            id: ListenerId::new(&self.id),
            topics: self.topics,
            group: self.group?,
            consuming: self.consuming,
            processing: self.processing,
            failing: self.failing,
            handler: self.handler,
        })
    }
}

impl Merge<'_> {
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
                // A topic that is configured is meant; one that only stands in the code contradicts
                // the type.
                Some(topic) if self.config.configures(text) && !is_configured => {
                    is_configured = true;
                    topics.push(topic);
                }
                Some(topic) => {
                    self.problems.push(EndpointProblem::TopicMismatch {
                        event: event.to_string(),
                        text: text.clone(),
                        topic: topic.to_string(),
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

    /// Returns the topics of these texts. A placeholder may stand for a list of them, as a file has it.
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

    fn group(&mut self, options: &EndpointBuilder, id: &str) -> Option<GroupId> {
        let written = self.section.text("group");
        let text = written
            .as_ref()
            .map_or(&options.group, |sourced| &sourced.value);
        let text = if text.is_empty() { id } else { text };
        let invalid = match GroupId::new(self.expand("group", text)?) {
            Ok(group) => return Some(group),
            Err(invalid) => invalid,
        };
        match &written {
            Some(sourced) => {
                let problem = Problem::about(sourced, &invalid);
                self.problems.push(EndpointProblem::Setting(problem));
            }
            None => self.complain("group", text, invalid),
        }
        None
    }
}
