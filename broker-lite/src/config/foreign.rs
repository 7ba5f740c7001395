//! Settings that Kafka has and this broker has not.
//!
//! A file that was written for Kafka should do here, as long as it means the same. What tunes
//! Kafka's own threads, replicas and internals promises nothing to anybody and is passed over. What
//! would protect or keep something is refused: to pass over it would break a promise in silence.

/// What becomes of a setting that only Kafka has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It has no effect, and nobody can tell.
    Ignored,
    /// It promises what cannot be kept; this is why.
    Refused(&'static str),
}

const NO_SECURITY: &str =
    "there is no TLS, SASL or delegation token yet, and every client is let in";
const NO_ACLS: &str = "there are no ACLs yet, and everybody may do everything";
const NO_CLASSES: &str = "classes of Java can't be loaded here";

/// Keys, or with a dot at the end the beginnings of keys, that are refused.
const REFUSED: &[(&str, &str)] = &[
    ("alter.config.policy.class.name", NO_CLASSES),
    ("authorizer.class.name", NO_ACLS),
    ("broker.id", "the number of this broker is node.id"),
    ("client.quota.callback.class", NO_CLASSES),
    ("config.providers", "values are taken as they are written"),
    ("connections.max.reauth.ms", NO_SECURITY),
    ("create.topic.policy.class.name", NO_CLASSES),
    ("delegation.token.secret.key", NO_SECURITY),
    ("listener.name.", NO_SECURITY),
    ("log.dir", "the data folder is log.dirs"),
    (
        "max.connection.creation.rate",
        "only max.connections bounds connections here",
    ),
    (
        "max.connections.per.ip",
        "only max.connections bounds connections here",
    ),
    (
        "max.connections.per.ip.overrides",
        "only max.connections bounds connections here",
    ),
    ("principal.builder.class", NO_CLASSES),
    ("sasl.", NO_SECURITY),
    ("security.", NO_SECURITY),
    ("ssl.", NO_SECURITY),
    ("super.users", NO_ACLS),
];

/// Values that say what is the case here anyhow.
const TRUE_HERE: &[(&str, &str)] = &[
    ("max.connections.per.ip", "2147483647"),
    ("max.connection.creation.rate", "2147483647"),
    ("security.inter.broker.protocol", "PLAINTEXT"),
];

/// Keys, or with a dot at the end the beginnings of keys, that are passed over.
const IGNORED: &[&str] = &[
    "add.partitions.to.txn.",
    "alter.log.dirs.replication.quota.",
    "auto.leader.rebalance.enable",
    "background.threads",
    "broker.heartbeat.interval.ms",
    "broker.rack",
    "broker.session.timeout.ms",
    "connection.failed.authentication.delay.ms",
    "controlled.shutdown.",
    "controller.",
    "delegation.token.",
    "delete.records.purgatory.purge.interval.requests",
    "early.start.listeners",
    "fetch.purgatory.purge.interval.requests",
    "follower.fetch.last.tiered.offset.enable",
    "group.consumer.",
    "group.coordinator.",
    "group.share.",
    "group.streams.",
    "initial.broker.registration.timeout.ms",
    "inter.broker.listener.name",
    "kafka.metrics.",
    "leader.imbalance.check.interval.seconds",
    "log.cleaner.backoff.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.enable",
    "log.cleaner.io.",
    "log.cleaner.threads",
    "log.dir.failure.timeout.ms",
    "log.flush.offset.checkpoint.interval.ms",
    "log.flush.scheduler.interval.ms",
    "log.flush.start.offset.checkpoint.interval.ms",
    "log.initial.task.delay.ms",
    "log.local.retention.",
    "log.roll.jitter.hours",
    "max.request.partition.size.limit",
    "metadata.",
    "metric.reporters",
    "metrics.",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.alter.log.dirs.threads",
    "num.replica.fetchers",
    "offsets.commit.timeout.ms",
    "offsets.load.buffer.size",
    "offsets.topic.compression.codec",
    "offsets.topic.segment.bytes",
    "process.roles",
    "producer.id.expiration.check.interval.ms",
    "producer.purgatory.purge.interval.requests",
    "queued.max.",
    "quota.window.",
    "replica.",
    "replication.quota.",
    "remote.",
    "request.timeout.ms",
    "server.max.startup.time.ms",
    "share.coordinator.",
    "share.fetch.purgatory.purge.interval.requests",
    "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms",
    "socket.listen.backlog.size",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "telemetry.max.bytes",
    "transaction.",
    "transactional.id.expiration.ms",
    "unclean.leader.election.interval.ms",
];

impl Foreign {
    /// What becomes of this setting; `None` if Kafka has none of this name either.
    pub(super) fn of(key: &str, value: &str) -> Option<Self> {
        let matches = |known: &str| key == known || known.ends_with('.') && key.starts_with(known);
        let value = value.trim();
        if TRUE_HERE
            .iter()
            .any(|(known, here)| key == *known && value.eq_ignore_ascii_case(here))
        {
            return Some(Self::Ignored);
        }
        // Remote storage that is switched on keeps records that would be deleted here.
        if key == "remote.log.storage.system.enable" && value.eq_ignore_ascii_case("true") {
            return Some(Self::Refused("there is no remote storage"));
        }
        let refused = REFUSED.iter().find(|(known, _)| matches(known));
        refused
            .map(|(_, reason)| Self::Refused(reason))
            .or_else(|| {
                IGNORED
                    .iter()
                    .any(|known| matches(known))
                    .then_some(Self::Ignored)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BROKER_KEYS;

    #[test]
    fn what_tunes_kafka_itself_is_passed_over_and_what_protects_is_refused() {
        for key in [
            "num.io.threads",
            "controller.quorum.voters",
            "transaction.state.log.min.isr",
        ] {
            assert_eq!(Foreign::of(key, "1"), Some(Foreign::Ignored), "{key}");
        }
        for key in [
            "authorizer.class.name",
            "ssl.keystore.location",
            "sasl.jaas.config",
            "log.dir",
        ] {
            assert!(
                matches!(Foreign::of(key, "x"), Some(Foreign::Refused(_))),
                "{key}"
            );
        }
        assert_eq!(
            Foreign::of("num.partitons", "4"),
            None,
            "a slip is no setting of Kafka's"
        );
        assert_eq!(
            Foreign::of("max.connections.per.ip", "2147483647"),
            Some(Foreign::Ignored)
        );
        assert_eq!(
            Foreign::of("remote.log.storage.system.enable", "false"),
            Some(Foreign::Ignored)
        );
        assert!(matches!(
            Foreign::of("remote.log.storage.system.enable", "true"),
            Some(Foreign::Refused(_))
        ));
    }

    #[test]
    fn no_setting_that_is_here_is_foreign_but_the_listeners_of_the_controller() {
        for key in BROKER_KEYS
            .iter()
            .filter(|key| key.name != "controller.listener.names")
        {
            assert_eq!(Foreign::of(key.name, ""), None, "{}", key.name);
        }
    }
}
