//! Topics that the brokers do not have although records for them were sent. Pure.
//!
//! librdkafka keeps a record for a missing topic for 30 s (`topic.metadata.propagation.max.ms`),
//! because the topic may just be being made, and says nothing meanwhile. So the brokers are asked
//! for a topic that is new to a producer when its first records have had time to be sent.

use std::time::{Duration, Instant};

use crate::types::TopicName;

/// A topic that is new is asked for after this long. Auto-creation needs less.
const FIRST_CHECK_DELAY: Duration = Duration::from_millis(800);

/// Time from one look for the same topic to the next.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Most topics that are watched at a time. A program that makes up names does not fill the memory.
const MAX_TOPICS: usize = 100;

/// Topics that a producer sends to and that may be missing.
#[derive(Debug, Default)]
pub(crate) struct MissingTopics(Vec<Watched>);

#[derive(Debug)]
struct Watched {
    name: TopicName,
    next_look: Instant,
    is_missing: bool,
}

/// The change that an answer of the brokers has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TopicNews {
    /// The topic is missing.
    Missing,
    /// The topic was missing and is there now.
    Appeared,
}

impl MissingTopics {
    /// Notes that records for this topic are sent for the first time.
    pub(crate) fn sent_to(&mut self, topic: &TopicName, now: Instant) {
        let is_watched = self.0.iter().any(|watched| watched.name == *topic);
        if !is_watched && self.0.len() < MAX_TOPICS {
            self.0.push(Watched {
                name: topic.clone(),
                next_look: now + FIRST_CHECK_DELAY,
                is_missing: false,
            });
        }
    }

    /// Returns the topics to ask the brokers for now.
    ///
    /// While no record is in flight there is nothing to ask: the records for a new topic were
    /// answered. One that was missing is kept for the next records.
    pub(crate) fn due(&mut self, is_in_flight: bool, now: Instant) -> Vec<TopicName> {
        if !is_in_flight {
            self.0
                .retain(|watched| watched.is_missing || now < watched.next_look);
            return Vec::new();
        }
        let due = self.0.iter_mut().filter(|watched| now >= watched.next_look);
        due.map(|watched| {
            watched.next_look = now + CHECK_INTERVAL;
            watched.name.clone()
        })
        .collect()
    }

    /// Notes what the brokers answered. Returns what is new about the topic.
    pub(crate) fn answered(&mut self, topic: &TopicName, is_there: bool) -> Option<TopicNews> {
        let place = self.0.iter().position(|watched| watched.name == *topic)?;
        if is_there {
            let was_missing = self.0.swap_remove(place).is_missing;
            return was_missing.then_some(TopicNews::Appeared);
        }
        let watched = self.0.get_mut(place)?;
        let was_missing = std::mem::replace(&mut watched.is_missing, true);
        (!was_missing).then_some(TopicNews::Missing)
    }

    /// Returns the topics that are known to be missing.
    pub(crate) fn missing(&self) -> Vec<TopicName> {
        let missing = self.0.iter().filter(|watched| watched.is_missing);
        missing.map(|watched| watched.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Clock;

    const SECOND: Duration = Duration::from_secs(1);

    fn topic(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    fn sent_to(name: &str) -> (MissingTopics, Instant) {
        let (mut topics, now) = (MissingTopics::default(), Clock::system().now());
        topics.sent_to(&topic(name), now);
        (topics, now)
    }

    #[test]
    fn a_missing_topic_is_told_once_and_again_when_it_is_there() {
        let (mut topics, now) = sent_to("orders");
        assert_eq!(topics.due(true, now), []);
        assert_eq!(topics.due(true, now + SECOND), [topic("orders")]);
        assert_eq!(topics.due(true, now + SECOND), []);
        let mut answered = |is_there| topics.answered(&topic("orders"), is_there);
        assert_eq!(answered(false), Some(TopicNews::Missing));
        assert_eq!(answered(false), None);
        assert_eq!(topics.missing(), [topic("orders")]);
        assert_eq!(topics.due(true, now + 2 * SECOND), [topic("orders")]);
        let news = topics.answered(&topic("orders"), true);
        assert_eq!(news, Some(TopicNews::Appeared));
        assert_eq!(topics.missing(), []);
        assert_eq!(topics.due(true, now + 9 * SECOND), []);
    }

    #[test]
    fn a_topic_that_is_there_is_asked_for_once_at_most() {
        let (mut topics, now) = sent_to("orders");
        assert_eq!(topics.due(true, now + SECOND), [topic("orders")]);
        assert_eq!(topics.answered(&topic("orders"), true), None);
        assert_eq!(topics.due(true, now + 2 * SECOND), []);
        let (mut topics, now) = sent_to("orders");
        assert_eq!(topics.due(false, now), []);
        assert_eq!(topics.due(false, now + SECOND), []);
        assert_eq!(topics.due(true, now + 2 * SECOND), [], "it was answered");
    }

    #[test]
    fn a_missing_topic_that_nobody_waits_for_is_asked_for_with_the_next_records() {
        let (mut topics, now) = sent_to("orders");
        topics.due(true, now + SECOND);
        topics.answered(&topic("orders"), false);
        assert_eq!(topics.due(false, now + 60 * SECOND), []);
        assert_eq!(topics.due(true, now + 61 * SECOND), [topic("orders")]);
    }

    #[test]
    fn a_program_that_makes_up_names_is_watched_in_part() {
        let (mut topics, now) = sent_to("orders");
        for number in 0..2 * MAX_TOPICS {
            topics.sent_to(&topic(&format!("made-up-{number}")), now);
        }
        assert_eq!(topics.due(true, now + SECOND).len(), MAX_TOPICS);
    }
}
