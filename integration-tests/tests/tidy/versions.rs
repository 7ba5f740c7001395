//! Versions that are written in several places agree.

use std::fs;

use crate::sources::workspace;

#[test]
fn every_kafka_of_the_tests_has_one_version() {
    let found = [
        ("integration-tests/kafka/pom.xml", "<kafka.version>", "<"),
        (
            "integration-tests/interop/clients/java/pom.xml",
            "<version>4",
            "<",
        ),
        (
            "integration-tests/kafka/image/build.sh",
            "apache/kafka:",
            " ",
        ),
        (
            "integration-tests/src/target/container.rs",
            "TAG: &str = \"",
            "\"",
        ),
    ];
    let versions = found.map(|(file, before, after)| {
        let text = fs::read_to_string(workspace().join(file)).unwrap();
        let (_, rest) = text
            .split_once(before)
            .unwrap_or_else(|| panic!("no {before:?} in {file}"));
        let version = rest.split(after).next().unwrap();
        if before.ends_with('4') {
            format!("4{version}")
        } else {
            version.to_owned()
        }
    });
    assert!(
        versions.iter().all(|version| *version == versions[0]),
        "{versions:?} in {found:?}"
    );
}
