//! The broker's settings, checked and typed.

use std::time::Duration;

use super::checked::Checked;
use super::{BROKER_KEYS, ConfigError, Endpoint, Problem, Settings, TopicDefaults, listener};
use crate::types::NodeId;

/// The broker's settings after [`Config::resolve`]; everything in it has been checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// This broker. From `node.id`.
    pub(crate) node: NodeId,
    /// The address to listen on. From `listeners`.
    pub(crate) listen: Endpoint,
    /// The address that clients are told to connect to; `None` for the one they have connected to.
    /// From `advertised.listeners`.
    pub(crate) advertised: Option<Endpoint>,
    /// The data folder; `None` keeps everything in memory. From `log.dirs`.
    pub(crate) data_dir: Option<String>,
    /// Limits of connections and of their requests.
    pub(crate) network: NetworkSettings,
    /// Creation and deletion of topics, and the defaults of their settings.
    pub(crate) topics: TopicDefaults,
    /// Limits of groups.
    pub(crate) groups: GroupSettings,
    /// Kafka settings that were set and have no effect here.
    pub(crate) ignored: Vec<String>,
    /// The settings as written, for DescribeConfigs.
    pub(crate) written: Settings,
}

/// Limits of connections and of their requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NetworkSettings {
    /// Largest request in bytes. From `socket.request.max.bytes`.
    pub(crate) max_request: usize,
    /// The most open connections. From `max.connections`.
    pub(crate) max_connections: usize,
    /// Time without a request after which a connection is closed. From `connections.max.idle.ms`.
    pub(crate) max_idle: Duration,
    /// The most bytes that one fetch returns. From `fetch.max.bytes`.
    pub(crate) max_fetch: usize,
    /// The most fetch sessions. From `max.incremental.fetch.session.cache.slots`.
    pub(crate) fetch_sessions: usize,
}

/// Limits of groups and of their offsets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupSettings {
    /// Time that the first member of a group waits for others. From
    /// `group.initial.rebalance.delay.ms`.
    pub(crate) initial_rebalance_delay: Duration,
    /// Shortest session timeout. From `group.min.session.timeout.ms`.
    pub(crate) min_session_timeout: Duration,
    /// Longest session timeout. From `group.max.session.timeout.ms`.
    pub(crate) max_session_timeout: Duration,
    /// The most members. From `group.max.size`.
    pub(crate) max_size: usize,
    /// Partitions of `__consumer_offsets`. From `offsets.topic.num.partitions`.
    pub(crate) offsets_partitions: i32,
    /// Time that an empty group keeps its offsets. From `offsets.retention.minutes`.
    pub(crate) offsets_retention: Duration,
    /// Interval of the search for expired offsets. From `offsets.retention.check.interval.ms`.
    pub(crate) offsets_retention_check: Duration,
    /// Longest metadata of a committed offset, in UTF-16 units. From `offset.metadata.max.bytes`.
    pub(crate) max_offset_metadata: usize,
}

impl Config {
    /// Checks the settings and gives them their types.
    ///
    /// # Errors
    /// [`ConfigError`] with every unknown key, every value out of range and every contradiction.
    pub(crate) fn resolve(written: Settings) -> Result<Self, ConfigError> {
        let mut problems = written.broker_problems(&BROKER_KEYS);
        problems.extend(contradictions(&written));
        ConfigError::check(problems)?;
        let read = Checked(&written);
        Ok(Self {
            node: NodeId(read.count("node.id")),
            // A listener that is wrong is among the problems above, so this default is never used.
            listen: listener::listen(&read).unwrap_or(Endpoint {
                host: Some("127.0.0.1".into()),
                port: 9092,
            }),
            advertised: listener::advertised(&read).unwrap_or(None),
            data_dir: written.get("log.dirs").map(str::to_owned),
            network: NetworkSettings {
                max_request: read.size("socket.request.max.bytes"),
                max_connections: read.size("max.connections"),
                max_idle: read.millis("connections.max.idle.ms"),
                max_fetch: read.size("fetch.max.bytes"),
                fetch_sessions: read.size("max.incremental.fetch.session.cache.slots"),
            },
            topics: TopicDefaults::of(&read)?,
            groups: GroupSettings {
                initial_rebalance_delay: read.millis("group.initial.rebalance.delay.ms"),
                min_session_timeout: read.millis("group.min.session.timeout.ms"),
                max_session_timeout: read.millis("group.max.session.timeout.ms"),
                max_size: read.size("group.max.size"),
                offsets_partitions: read.count("offsets.topic.num.partitions"),
                offsets_retention: read.minutes("offsets.retention.minutes"),
                offsets_retention_check: read.millis("offsets.retention.check.interval.ms"),
                max_offset_metadata: read.size("offset.metadata.max.bytes"),
            },
            ignored: written.ignored(&BROKER_KEYS),
            written,
        })
    }
}

/// Returns the problems that several keys have together.
fn contradictions(written: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let read = Checked(written);
    let (key, other) = (
        "group.min.session.timeout.ms",
        "group.max.session.timeout.ms",
    );
    if read.millis(key) > read.millis(other) {
        problems.push(Problem::Contradiction {
            key,
            value: read.text(key).unwrap_or_default().into(),
            reason: format!("it is over {other}"),
        });
    }
    let refused = [
        ("listeners", listener::listen(&read).err()),
        ("advertised.listeners", listener::advertised(&read).err()),
    ];
    for (key, reason) in refused
        .into_iter()
        .filter_map(|(key, reason)| Some((key, reason?)))
    {
        let value = read.text(key).unwrap_or_default().into();
        problems.push(Problem::Contradiction { key, value, reason });
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::new();
        for (key, value) in pairs {
            settings.set(*key, *value);
        }
        settings
    }

    #[test]
    fn without_settings_everything_is_at_kafkas_default() {
        let config = Config::resolve(Settings::new()).unwrap();
        assert_eq!(config.node, NodeId(1));
        assert_eq!(config.network.max_request, 100 * 1024 * 1024);
        assert_eq!(
            config.topics.value(&Settings::new(), "retention.ms"),
            "604800000"
        );
        assert_eq!(config.groups.min_session_timeout, Duration::from_secs(6));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let written = settings(&[
            ("num.partitions", "0"),
            ("auto.create.topics.enable", "yes"),
            ("log.retension.ms", "1"),
            ("group.min.session.timeout.ms", "1900000"),
        ]);
        let error = Config::resolve(written).unwrap_err();
        assert_eq!(
            error.to_string(),
            "auto.create.topics.enable=yes is not possible: true or false is; \
             log.retension.ms is not a setting (is log.retention.ms meant?); \
             num.partitions=0 is not possible: a number from 1 up is; \
             group.min.session.timeout.ms=1900000 is not possible: it is over group.max.session.timeout.ms"
        );
    }
}
