//! The words of every complaint, all at once.

use insta::assert_snapshot;

use super::*;

#[test]
fn all_mistakes_are_reported_at_once() {
    let directory = directory(&[
        (
            "wellspring.toml",
            "[kafka]\nbootstrap-servers = \"localhost:\"\n\n[listeners.credit]\nwrokers = 16\n",
        ),
        ("wellspring-dev.toml", "[app]\ndrain-deadline = 25\n"),
    ]);
    let loader = Loader::new().directory(directory.path()).environment([
        ("WELLSPRING_PROFILE", "dev"),
        ("WELLSPRING_LISTENERS_CREDIT_CONCURRENCY", "0"),
    ]);
    assert_snapshot!(report(loader, Some(&directory)), @r#"
    4 problems in the configuration:
      app.drain-deadline = "25" (wellspring-dev.toml:2): expected a duration with its unit, such as 500ms or 25s, from 0s to 1h; the default is 25s
      kafka.bootstrap-servers = "localhost:" (wellspring.toml:2): "" is not a port
      listeners.credit.concurrency = "0" (environment variable WELLSPRING_LISTENERS_CREDIT_CONCURRENCY): expected a whole number from 1 to 10000; the default is 1
      listeners.credit.wrokers = "16" (wellspring.toml:5): unknown key; did you mean listeners.credit.workers?
    "#);
}

#[test]
fn a_broken_file() {
    assert_snapshot!(report_on("[kafka\nx = 1\n"), @r"
    1 problem in the configuration:
      wellspring.toml:1: not TOML: unclosed table, expected `]`
    ");
}

#[test]
fn a_list_of_tables() {
    assert_snapshot!(report_on("[[listeners]]\nid = \"a\"\n"), @r"
    1 problem in the configuration:
      wellspring.toml:1: listeners must be a text, a number, true or false, or a list of those
    ");
}

#[test]
fn an_unreadable_file() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("wellspring.toml")).unwrap();
    assert_snapshot!(report(Loader::new().directory(directory.path()), Some(&directory)), @r"
    1 problem in the configuration:
      wellspring.toml cannot be read: Is a directory (os error 21)
    ");
}

#[test]
fn a_profile_without_a_file() {
    let directory = directory(&[]);
    assert_snapshot!(report(Loader::new().directory(directory.path()).profile("prod"), Some(&directory)), @r#"
    1 problem in the configuration:
      the profile "prod" has no file: expected wellspring-prod.toml
    "#);
}

#[test]
fn a_profile_that_leads_out_of_the_directory() {
    let directory = directory(&[]);
    let loader = Loader::new().directory(directory.path()).profile("../prod");
    assert_snapshot!(report(loader, Some(&directory)), @r#"
    1 problem in the configuration:
      "../prod" is not the name of a profile: use a-z, A-Z, 0-9, '-' and '_'
    "#);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(vec![0xff]);
    let loader =
        Loader::new().environment([(std::ffi::OsString::from("WELLSPRING_APP_NAME"), value)]);
    assert_snapshot!(report(loader, None), @r"
    1 problem in the configuration:
      the environment variable WELLSPRING_APP_NAME is not Unicode text
    ");
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(report_on("kafka.botstrap-servers = \"a:1\"\n"), @r#"
    1 problem in the configuration:
      kafka.botstrap-servers = "a:1" (wellspring.toml:1): unknown key; did you mean kafka.bootstrap-servers?
    "#);
    assert_snapshot!(report_on("[listeners.credit]\nthrottle = 1\n"), @r#"
    1 problem in the configuration:
      listeners.credit.throttle = "1" (wellspring.toml:2): unknown key
    "#);
}

#[test]
fn values_of_the_wrong_type_or_range() {
    let text = r#"
        kafka.bootstrap-servers = []
        app.name = ""
        app.create-topics = "yes"
        app.drain-deadline = "2h"
        actuator.port = 70000
        listeners.credit.workers = -1
        listeners.credit.ordering = "random"
        listeners.credit.on-exhausted = "drop"
    "#;
    assert_snapshot!(report_on(text), @r#"
    8 problems in the configuration:
      actuator.port = "70000" (wellspring.toml:6): expected a whole number from 0 to 65535
      app.create-topics = "yes" (wellspring.toml:4): expected true or false; the default is true
      app.drain-deadline = "2h" (wellspring.toml:5): expected a duration with its unit, such as 500ms or 25s, from 0s to 1h; the default is 25s
      app.name = "" (wellspring.toml:3): expected a text that is not empty; the default is wellspring
      kafka.bootstrap-servers = "" (wellspring.toml:2): expected host:port, or several of them separated by commas; the port is 9092 if there is none; the default is localhost:9092
      listeners.credit.on-exhausted = "drop" (wellspring.toml:9): expected one of halt, dead_letter, skip, stop; the default is halt
      listeners.credit.ordering = "random" (wellspring.toml:8): expected one of key, partition, none; the default is partition, and key with more than one worker
      listeners.credit.workers = "-1" (wellspring.toml:7): expected a whole number from 1 to 10000; the default is 1
    "#);
}

#[test]
fn a_retry_policy_that_is_none() {
    let loader = Loader::new()
        .retry_rule(|text| Err(format!("{text:?} is not a retry policy")))
        .environment([("WELLSPRING_LISTENERS_CREDIT_RETRY", "often")]);
    assert_snapshot!(report(loader, None), @r#"
    1 problem in the configuration:
      listeners.credit.retry = "often" (environment variable WELLSPRING_LISTENERS_CREDIT_RETRY): "often" is not a retry policy
    "#);
}

#[test]
fn a_key_written_twice() {
    assert_snapshot!(report_on("[app]\ndrain-deadline = \"1s\"\ndrain_deadline = \"2s\"\n"), @r#"
    1 problem in the configuration:
      app.drain_deadline = "2s" (wellspring.toml:3): written twice with different values: also as app.drain-deadline (wellspring.toml:2)
    "#);
}

#[test]
fn placeholders_that_do_not_resolve() {
    let text = r#"
        topups.topic = "card.topups"
        a.missing = "${topups.topics}"
        a.circle = "${b.circle}"
        b.circle = "${a.circle}"
        a.open = "${topups"
        a.empty = "${}"
    "#;
    assert_snapshot!(report_on(text), @r#"
    5 problems in the configuration:
      a.circle = "${b.circle}" (wellspring.toml:4): placeholders run in a circle: a.circle -> b.circle -> a.circle
      a.empty = "${}" (wellspring.toml:7): a placeholder has no key: write ${key} or ${key:default}, and $${ for a literal ${
      a.missing = "${topups.topics}" (wellspring.toml:3): nothing sets ${topups.topics}: set topups.topics in wellspring.toml, or WELLSPRING_TOPUPS_TOPICS in the environment, or write ${topups.topics:a default}; did you mean topups.topic?
      a.open = "${topups" (wellspring.toml:6): a placeholder is not closed: write ${key} or ${key:default}, and $${ for a literal ${
      b.circle = "${a.circle}" (wellspring.toml:5): placeholders run in a circle: b.circle -> a.circle -> b.circle
    "#);
    let config = Loader::new().load().unwrap();
    assert_snapshot!(config.resolve("${topic}").unwrap_err(), @r#"
    1 problem in the configuration:
      text = "${topic}": nothing sets ${topic}: set topic in wellspring.toml, or WELLSPRING_TOPIC in the environment, or write ${topic:a default}
    "#);
}

#[test]
fn settings_that_this_build_cannot_do() {
    let mut loader = Loader::new().environment([
        ("WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SASL_SSL"),
        (
            "WELLSPRING_KAFKA_PRODUCER_PROPERTIES_SASL_MECHANISM",
            "SCRAM-SHA-512",
        ),
        (
            "WELLSPRING_KAFKA_CONSUMER_PROPERTIES_SASL_MECHANISM",
            "GSSAPI",
        ),
        ("WELLSPRING_KAFKA_PROPERTIES_SSL_CA_LOCATION", "ca.pem"),
        (
            "WELLSPRING_KAFKA_PROPERTIES_SASL_OAUTHBEARER_METHOD",
            "oidc",
        ),
        ("WELLSPRING_ACTUATOR_PORT", "8081"),
    ]);
    loader.rules.features = Features {
        tls: false,
        gssapi: false,
        actuator: false,
    };
    assert_snapshot!(report(loader, None), @r#"
    6 problems in the configuration:
      actuator.port = "8081" (environment variable WELLSPRING_ACTUATOR_PORT): this build cannot do that: health over HTTP needs the cargo feature `actuator` of wellspring
      kafka.consumer.properties.sasl.mechanism = "GSSAPI" (environment variable WELLSPRING_KAFKA_CONSUMER_PROPERTIES_SASL_MECHANISM): this build cannot do that: GSSAPI needs the cargo feature `gssapi` of wellspring
      kafka.producer.properties.sasl.mechanism = "SCRAM-SHA-512" (environment variable WELLSPRING_KAFKA_PRODUCER_PROPERTIES_SASL_MECHANISM): this build cannot do that: SCRAM-SHA-512 needs the cargo feature `tls` (or `tls-system`) of wellspring
      kafka.properties.sasl.oauthbearer.method = "oidc" (environment variable WELLSPRING_KAFKA_PROPERTIES_SASL_OAUTHBEARER_METHOD): this build cannot do that: oidc needs libcurl, which no feature of wellspring brings; use an OAUTHBEARER token instead
      kafka.properties.security.protocol = "SASL_SSL" (environment variable WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL): this build cannot do that: SASL_SSL needs the cargo feature `tls` (or `tls-system`) of wellspring
      kafka.properties.ssl.ca.location = "ca.pem" (environment variable WELLSPRING_KAFKA_PROPERTIES_SSL_CA_LOCATION): this build cannot do that: ssl.ca.location needs the cargo feature `tls` (or `tls-system`) of wellspring
    "#);
}

#[test]
fn sasl_without_a_mechanism() {
    let mut loader = Loader::new().environment([(
        "WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL",
        "sasl_plaintext",
    )]);
    loader.rules.features = Features {
        tls: true,
        gssapi: false,
        actuator: true,
    };
    assert_snapshot!(report(loader, None), @r#"
    1 problem in the configuration:
      kafka.properties.security.protocol = "sasl_plaintext" (environment variable WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL): this build cannot do that: SASL with no sasl.mechanism set, which is GSSAPI, needs the cargo feature `gssapi` of wellspring
    "#);
}

#[test]
fn properties_that_are_ours_to_set() {
    let loader = Loader::new().environment([
        (
            "WELLSPRING_KAFKA_CONSUMER_PROPERTIES_ENABLE_AUTO_COMMIT",
            "true",
        ),
        ("WELLSPRING_KAFKA_PROPERTIES_BOOTSTRAP_SERVERS", "a:1"),
        ("WELLSPRING_LISTENERS_CREDIT_PROPERTIES_GROUP_ID", "g"),
    ]);
    assert_snapshot!(report(loader, None), @r#"
    3 problems in the configuration:
      kafka.consumer.properties.enable.auto.commit = "true" (environment variable WELLSPRING_KAFKA_CONSUMER_PROPERTIES_ENABLE_AUTO_COMMIT): Wellspring sets this property itself: offsets are committed once the records before them are handled
      kafka.properties.bootstrap.servers = "a:1" (environment variable WELLSPRING_KAFKA_PROPERTIES_BOOTSTRAP_SERVERS): Wellspring sets this property itself: set kafka.bootstrap-servers in the configuration
      listeners.credit.properties.group.id = "g" (environment variable WELLSPRING_LISTENERS_CREDIT_PROPERTIES_GROUP_ID): Wellspring sets this property itself: write `group = "…"` on the listener, or set listeners.<id>.group
    "#);
}

#[test]
fn properties_that_the_consumer_protocol_forbids() {
    let loader = Loader::new().environment([
        (
            "WELLSPRING_KAFKA_CONSUMER_PROPERTIES_GROUP_PROTOCOL",
            "consumer",
        ),
        (
            "WELLSPRING_LISTENERS_CREDIT_PROPERTIES_SESSION_TIMEOUT_MS",
            "6000",
        ),
        (
            "WELLSPRING_KAFKA_PROPERTIES_PARTITION_ASSIGNMENT_STRATEGY",
            "range",
        ),
    ]);
    assert_snapshot!(report(loader, None), @r#"
    2 problems in the configuration:
      kafka.properties.partition.assignment.strategy = "range" (environment variable WELLSPRING_KAFKA_PROPERTIES_PARTITION_ASSIGNMENT_STRATEGY): cannot be set together with group.protocol=consumer (KIP-848): the broker assigns the partitions; see group.remote.assignor
      listeners.credit.properties.session.timeout.ms = "6000" (environment variable WELLSPRING_LISTENERS_CREDIT_PROPERTIES_SESSION_TIMEOUT_MS): cannot be set together with group.protocol=consumer (KIP-848): the broker sets it: group.consumer.session.timeout.ms
    "#);
}

#[test]
fn a_property_that_librdkafka_refuses() {
    let config = Loader::new()
        .environment([("WELLSPRING_KAFKA_PROPERTIES_FETCH_MIN_BITES", "1")])
        .load()
        .unwrap();
    let problem = config.refused(
        &config.admin_properties(),
        "fetch.min.bites",
        "No such configuration property",
    );
    assert_snapshot!(problem, @r#"kafka.properties.fetch.min.bites = "1" (environment variable WELLSPRING_KAFKA_PROPERTIES_FETCH_MIN_BITES): librdkafka refuses it: No such configuration property; did you mean fetch.min.bytes?"#);
}

#[test]
fn a_free_key_that_looks_like_one_of_ours_is_suspect() {
    let variables = [
        ("WELLSPRING_KAFAK_BOOTSTRAP_SERVERS", "a:1"),
        ("WELLSPRING_BOOTSTRAP_SERVER", "a:1"),
        ("WELLSPRING_TOPUPS_TOPIC", "topups"),
    ];
    let config = Loader::new().environment(variables).load().unwrap();
    let suspects: Vec<String> = config.suspects().iter().map(ToString::to_string).collect();
    assert_snapshot!(suspects.join("\n"), @r#"
    bootstrap.server = "a:1" (environment variable WELLSPRING_BOOTSTRAP_SERVER): unknown key; did you mean kafka.bootstrap-servers?
    kafak.bootstrap.servers = "a:1" (environment variable WELLSPRING_KAFAK_BOOTSTRAP_SERVERS): unknown key; did you mean kafka.bootstrap-servers?
    "#);
}
