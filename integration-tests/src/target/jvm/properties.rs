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
}
