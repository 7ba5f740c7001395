//! Settings that only Kafka has.
//!
//! A file that was written for Kafka should work here, as long as it means the same. A setting that
//! tunes Kafka's threads, replicas or internals is ignored, since no client can tell. A setting
//! that protects data or access is refused: ignoring it would silently drop that protection.

/// The treatment of a setting that only Kafka has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// The key has no effect, and no client can tell.
    Ignored,
    /// The key asks for something that this broker cannot do, for this reason.
    Refused(&'static str),
}

const NO_SECURITY: &str =
    "there is no TLS, SASL or delegation token yet, and every client is let in";
const NO_ACLS: &str = "there are no ACLs yet, and everybody may do everything";
const NO_CLASSES: &str = "classes of Java can't be loaded here";

/// Keys that are refused, with the reason. One that ends with a dot is a prefix.
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

/// Values that describe what this broker does anyway.
const HARMLESS_VALUES: &[(&str, &str)] = &[
    ("max.connections.per.ip", "2147483647"),
    ("max.connection.creation.rate", "2147483647"),
    ("security.inter.broker.protocol", "PLAINTEXT"),
];

/// Keys that are ignored. One that ends with a dot is a prefix.
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
    /// Returns the treatment of a setting; `None` if Kafka does not have it either.
    pub(super) fn of(key: &str, value: &str) -> Option<Self> {
        let matches = |known: &str| key == known || known.ends_with('.') && key.starts_with(known);
        let value = value.trim();
        if HARMLESS_VALUES
            .iter()
            .any(|(known, here)| key == *known && value.eq_ignore_ascii_case(here))
        {
            return Some(Self::Ignored);
        }
        // With remote storage, Kafka keeps records that would be deleted here.
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
