//! `server.properties` for a node on loopback.

use std::fmt::Write as _;
use std::path::Path;

use crate::target::single_node::SETTINGS;

/// Writes the settings of a node that is broker and controller at once.
///
/// `extra` comes last: Java reads properties in order, and the later one counts.
pub(crate) fn server_properties(
    folder: &Path,
    broker_port: u16,
    controller_port: u16,
    extra: &[(String, String)],
) -> String {
    let mut text = format!(
        "\
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{broker_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
",
        data = folder.join("data").display(),
    );
    let extra = extra
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    for (key, value) in SETTINGS.into_iter().chain(extra) {
        // Writing to a String cannot fail.
        _ = writeln!(text, "{key}={value}");
    }
    text
}

/// The role of a node in a cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// A broker, with its id and its port for clients.
    Broker { id: u16, port: u16 },
    /// The only controller, so that brokers can be killed and frozen without its majority.
    Controller,
}

/// The id of the controller of a cluster; brokers have 1 and up.
const CONTROLLER: u16 = 100;

impl Role {
    /// The id of the node.
    pub(crate) const fn id(self) -> u16 {
        match self {
            Self::Broker { id, .. } => id,
            Self::Controller => CONTROLLER,
        }
    }
}

/// Writes the settings of a node of a cluster with three brokers or more: Kafka's defaults, but for
/// internal topics of few partitions.
pub(crate) fn replicated_properties(
    folder: &Path,
    role: Role,
    controller_port: u16,
    extra: &[(String, String)],
) -> String {
    let listeners = match role {
        Role::Broker { port, .. } => format!(
            "process.roles=broker
listeners=PLAINTEXT://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}"
        ),
        Role::Controller => format!(
            "process.roles=controller
listeners=CONTROLLER://127.0.0.1:{controller_port}"
        ),
    };
    let mut text = format!(
        "\
{listeners}
node.id={id}
controller.listener.names=CONTROLLER
controller.quorum.voters={CONTROLLER}@127.0.0.1:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
offsets.topic.num.partitions=5
transaction.state.log.num.partitions=5
group.initial.rebalance.delay.ms=0
",
        id = role.id(),
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
        assert!(
            text.contains("advertised.listeners=PLAINTEXT://127.0.0.1:9092\n"),
            "{text}"
        );
        assert!(text.contains("log.dirs=/scratch/data\n"), "{text}");
    }

    #[test]
    fn a_broker_of_a_cluster_knows_the_controller_and_is_none() {
        let role = Role::Broker { id: 2, port: 9092 };
        let text = replicated_properties(Path::new("/scratch"), role, 9093, &[]);
        for line in [
            "process.roles=broker",
            "node.id=2",
            "controller.quorum.voters=100@127.0.0.1:9093",
            "advertised.listeners=PLAINTEXT://127.0.0.1:9092",
        ] {
            assert!(text.lines().any(|written| written == line), "{text}");
        }
    }
}
