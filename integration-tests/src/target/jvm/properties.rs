//! The settings of a single node that takes everything a test asks for.

use std::fmt::Write as _;
use std::path::Path;

/// Writes `server.properties` for a node that is broker and controller at once.
///
/// `extra` comes last: Java reads properties in order, and the later one counts.
pub(super) fn server_properties(
    folder: &Path,
    broker_port: u16,
    controller_port: u16,
    extra: &[(String, String)],
) -> String {
    let mut text = format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# One node cannot replicate to others.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# Fifty partitions of each internal topic only cost start-up time here.
offsets.topic.num.partitions=5
transaction.state.log.num.partitions=5

# A group is there as soon as its first member is, as on broker-lite.
group.initial.rebalance.delay.ms=0
",
        data = folder.join("data").display(),
    );
    for (key, value) in extra {
        // Writing to a String cannot fail.
        _ = writeln!(text, "{key}={value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_the_caller_comes_after_ours() {
        let extra = [("offsets.topic.num.partitions".to_owned(), "50".to_owned())];
        let text = server_properties(Path::new("/scratch"), 9092, 9093, &extra);
        let ours = text.find("offsets.topic.num.partitions=5\n").unwrap();
        let theirs = text.find("offsets.topic.num.partitions=50\n").unwrap();
        assert!(ours < theirs, "{text}");
    }

    #[test]
    fn clients_are_sent_to_the_broker_port() {
        let text = server_properties(Path::new("/scratch"), 9092, 9093, &[]);
        assert!(text.contains("advertised.listeners=PLAINTEXT://127.0.0.1:9092\n"), "{text}");
        assert!(text.contains("log.dirs=/scratch/data\n"), "{text}");
    }
}
