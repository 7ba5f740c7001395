//! The options for records that cannot be handled.

use crate::endpoint::Setting;
use crate::endpoint::merge::Merge;
use crate::retry::{Classifier, OnExhausted, RetryPolicy};
use crate::types::TopicName;

/// The options for records that cannot be handled.
#[derive(Debug, Clone, Default)]
pub struct Failing {
    /// Retries in place. Default: three, from 500 ms, doubling.
    pub retry: RetryPolicy,
    /// The end of a record whose attempts are used up. Default: [`OnExhausted::Halt`].
    pub on_exhausted: OnExhausted,
    /// The topic for dead letters; `None` is `<topic>-dlt`.
    pub dead_letter_topic: Option<TopicName>,
    /// Whether a panic is retried. Default: false.
    pub retry_panics: bool,
    /// Whether a record that does not decode is retried. Default: false.
    pub retry_rejections: bool,
    /// The classifier of errors. Default: every error is retried.
    pub classifier: Classifier,
}

/// The options as code sets them.
#[derive(Debug, Clone, Default)]
pub(in crate::endpoint) struct FailingSettings {
    pub(in crate::endpoint) retry: Option<Setting<RetryPolicy>>,
    pub(in crate::endpoint) on_exhausted: Option<Setting<OnExhausted>>,
    pub(in crate::endpoint) dead_letter_topic: Option<String>,
    pub(in crate::endpoint) retry_panics: bool,
    pub(in crate::endpoint) retry_rejections: bool,
    pub(in crate::endpoint) classifier: Classifier,
}

impl FailingSettings {
    pub(in crate::endpoint) fn resolve(self, merge: &mut Merge<'_>) -> Failing {
        let topic = self.dead_letter_topic;
        Failing {
            retry: merge.parsed("retry", self.retry).unwrap_or_default(),
            on_exhausted: merge
                .parsed("on_exhausted", self.on_exhausted)
                .unwrap_or_default(),
            dead_letter_topic: topic.and_then(|text| merge.topic("dead_letter", &text)),
            retry_panics: self.retry_panics,
            retry_rejections: self.retry_rejections,
            classifier: self.classifier,
        }
    }
}
