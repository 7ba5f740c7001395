//! A topic as an application declares it.

/// A topic that the application wants to be there. Texts may hold placeholders.
///
/// ```
/// use wellspring::admin::Topic;
///
/// let topic = Topic::new("${topups.topic:card.topups}", 4)
///     .replication(3)
///     .setting("retention.ms", "604800000");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: u16,
    pub(crate) replication: Option<u16>,
    pub(crate) settings: Vec<(String, String)>,
}

impl Topic {
    /// A topic with this many partitions, the broker's replication and the broker's settings.
    pub fn new(name: impl Into<String>, partitions: u16) -> Self {
        Self {
            name: name.into(),
            partitions,
            replication: None,
            settings: Vec::new(),
        }
    }

    /// Copies of each partition. Default: the broker's `default.replication.factor`.
    pub const fn replication(mut self, copies: u16) -> Self {
        self.replication = Some(copies);
        self
    }

    /// A setting of the topic, by Kafka's name (`retention.ms`, `cleanup.policy`, …).
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }
}
