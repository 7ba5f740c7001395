//! The settings that make one Kafka node take everything a test asks for.
//!
//! The same for a node on the JVM, which reads them from a file, and for one in a container, which
//! takes them as `KAFKA_*` variables.

/// Settings by Kafka's own names, apart from addresses and folders.
pub(crate) const SETTINGS: [(&str, &str); 11] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.listener.names", "CONTROLLER"),
    // One node cannot replicate to others.
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    // Fifty partitions of each internal topic only cost start-up time here.
    ("offsets.topic.num.partitions", "5"),
    ("transaction.state.log.num.partitions", "5"),
    // A group is there as soon as its first member is, as on broker-lite.
    ("group.initial.rebalance.delay.ms", "0"),
];

/// The variable that stands for a setting in the environment of Kafka's container image.
pub(crate) fn variable(setting: &str) -> String {
    format!(
        "KAFKA_{}",
        setting
            .to_uppercase()
            .replace('_', "__")
            .replace('-', "___")
            .replace('.', "_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_becomes_a_variable_as_the_image_reads_it() {
        assert_eq!(
            variable("controller.quorum.voters"),
            "KAFKA_CONTROLLER_QUORUM_VOTERS"
        );
        assert_eq!(variable("a_b-c"), "KAFKA_A__B___C");
    }
}
