//! Configuration as the places deliver it where applications run: orchestrators, other tools'
//! addresses, secrets.

use super::*;
use crate::config::secret::{REDACTED, may_be_secret};

const PASSWORD: &str = "S3cr${et}Pw!";

fn loader() -> Loader {
    let mut loader = Loader::new();
    loader.rules.features = Features {
        tls: true,
        gssapi: true,
        actuator: true,
    };
    loader
}

/// What a Kubernetes service brings into every pod.
fn service(name: &str, port: &str) -> Vec<(String, String)> {
    [
        ("SERVICE_HOST", "10.0.0.7".to_owned()),
        ("SERVICE_PORT", port.to_owned()),
        ("SERVICE_PORT_CLIENT", port.to_owned()),
        ("PORT", format!("tcp://10.0.0.7:{port}")),
        (
            &format!("PORT_{port}_TCP"),
            format!("tcp://10.0.0.7:{port}"),
        ),
        (&format!("PORT_{port}_TCP_ADDR"), "10.0.0.7".to_owned()),
        (&format!("PORT_{port}_TCP_PORT"), port.to_owned()),
        (&format!("PORT_{port}_TCP_PROTO"), "tcp".to_owned()),
    ]
    .map(|(suffix, value)| (format!("{name}_{suffix}"), value))
    .to_vec()
}

#[test]
fn services_whose_names_begin_like_ours_are_no_settings() {
    let services = [
        "WELLSPRING_KAFKA",
        "WELLSPRING_APP",
        "WELLSPRING_ACTUATOR",
        "WELLSPRING_LISTENERS_X",
        "WELLSPRING",
    ];
    let variables = services.iter().flat_map(|name| service(name, "9092"));
    let written = crate::runtime::written::lines(tracing::Level::DEBUG, || {
        let config = loader().environment(variables).load().unwrap();
        assert_eq!(
            (config.actuator().port, config.listener_ids()),
            (None, vec![])
        );
        assert_eq!(
            config.get("port"),
            None,
            "not a value of the application's either"
        );
        let host = config.resolve("${WELLSPRING_KAFKA_SERVICE_HOST}").unwrap();
        assert_eq!(host, "10.0.0.7", "whoever asks for the variable has it");
        assert!(config.suspects().is_empty());
    });
    assert_eq!(written.len(), 1, "{written:?}");
}

#[test]
fn a_mistake_beside_a_service_is_still_told() {
    let mistake = (
        "WELLSPRING_KAFKA_BOOTSTRAP_SERVER".to_owned(),
        "a:1".to_owned(),
    );
    let variables = service("WELLSPRING_KAFKA", "9092")
        .into_iter()
        .chain([mistake]);
    let error = loader()
        .environment(variables)
        .load()
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("1 problem") && error.contains("did you mean kafka.bootstrap-servers?"),
        "{error}"
    );
    let port = loader()
        .environment([("WELLSPRING_KAFKA_PORT", "9092")])
        .load()
        .map(drop)
        .unwrap_err();
    assert!(port.to_string().contains("unknown key"), "{port}");
}

#[test]
fn a_security_protocol_in_front_of_the_addresses_is_that_of_every_client() {
    let config = loader()
        .set("kafka.bootstrap-servers", "SASL_SSL://a:9093, SASL_SSL://b")
        .set("kafka.properties.sasl.mechanism", "PLAIN")
        .set("kafka.consumer.properties.security.protocol", "sasl_ssl")
        .load()
        .unwrap();
    assert_eq!(config.bootstrap_servers(), "a:9093,b:9092");
    for properties in [
        config.producer_properties(),
        config.admin_properties(),
        config.consumer_properties("x"),
    ] {
        assert_eq!(properties.get("bootstrap.servers"), Some("a:9093,b:9092"));
        assert!(
            properties
                .get("security.protocol")
                .unwrap()
                .eq_ignore_ascii_case("SASL_SSL")
        );
    }
}

#[test]
fn addresses_and_settings_that_disagree_are_told_with_their_places() {
    let error = loader()
        .set("kafka.bootstrap-servers", "PLAINTEXT://a:9092")
        .environment([("WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SSL")])
        .load();
    insta::assert_snapshot!(error.map(drop).unwrap_err(), @r#"
    1 problem in the configuration:
      kafka.properties.security.protocol = "SSL" (environment variable WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL): kafka.bootstrap-servers says PLAINTEXT://
    "#);
    let error = Loader::new()
        .environment([("WELLSPRING_BOOTSTRAP_SERVERS", "a:9092,http://b")])
        .load();
    insta::assert_snapshot!(error.map(drop).unwrap_err(), @r#"
    1 problem in the configuration:
      kafka.bootstrap-servers = "a:9092,http://b" (environment variable WELLSPRING_BOOTSTRAP_SERVERS): http:// is no way to Kafka: use a plain host:port, or PLAINTEXT://, SSL://, SASL_PLAINTEXT:// or SASL_SSL://
    "#);
}

#[test]
fn a_build_without_tls_says_so_of_an_address_too() {
    let mut loader = loader().set("kafka.bootstrap-servers", "SSL://a:9093");
    loader.rules.features.tls = false;
    let error = loader.load().map(drop).unwrap_err().to_string();
    assert!(error.contains("cargo feature `tls`"), "{error}");
}

#[test]
fn a_secret_arrives_unchanged_from_every_layer() {
    let directory = tempfile::tempdir().unwrap();
    let file = format!("[kafka.properties]\n\"sasl.password\" = '{PASSWORD}'\n");
    std::fs::write(directory.path().join("wellspring.toml"), &file).unwrap();
    std::fs::write(directory.path().join("wellspring-dev.toml"), &file).unwrap();
    let key = "kafka.properties.sasl.password";
    let variable = "WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD";
    for loader in [
        loader().directory(directory.path()),
        loader().directory(directory.path()).profile("dev"),
        loader().environment([(variable, PASSWORD)]),
        loader().set(key, PASSWORD),
        loader()
            .set(key, "${DB_SECRET}")
            .environment([("DB_SECRET", PASSWORD)]),
        loader()
            .set(key, "${vault}")
            .set("vault", "${DB_SECRET}")
            .environment([("DB_SECRET", PASSWORD)]),
    ] {
        let config = loader.load().unwrap();
        assert_eq!(
            config.producer_properties().get("sasl.password"),
            Some(PASSWORD)
        );
        assert_eq!(config.get(key).as_deref(), Some(PASSWORD));
    }
}

#[test]
fn a_secret_may_be_in_a_file_that_a_variable_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    std::fs::write(&path, format!("{PASSWORD}\n")).unwrap();
    let variable = "WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD_FILE";
    let config = loader()
        .environment([(variable, path.to_str().unwrap())])
        .load()
        .unwrap();
    assert_eq!(
        config.producer_properties().get("sasl.password"),
        Some(PASSWORD)
    );
    assert!(!format!("{config} {config:?}").contains("S3cr"));
    let missing = loader()
        .environment([(variable, "hunter2")])
        .load()
        .map(drop)
        .unwrap_err();
    insta::assert_snapshot!(missing, @r"
    1 problem in the configuration:
      the file that WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD_FILE names cannot be read: entity not found
    ");
    let both = [
        (variable, path.to_str().unwrap()),
        ("WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD", "other"),
    ];
    let both = loader()
        .environment(both)
        .load()
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(both.contains("written twice"), "{both}");
}

#[test]
fn spaces_around_a_password_belong_to_it() {
    let config = loader()
        .set("kafka.properties.sasl.password", " pw ")
        .load()
        .unwrap();
    assert_eq!(
        config.producer_properties().get("sasl.password"),
        Some(" pw ")
    );
}

#[test]
fn no_part_of_a_secret_is_in_any_print() {
    let parts = ["S3cr", "Pw!", "hunter2"];
    let loader = loader()
        .environment([
            ("OTHER", PASSWORD),
            ("WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD", PASSWORD),
        ])
        .set(
            "kafka.properties.sasl.jaas.config",
            "x required password=\"hunter2\";",
        )
        .set("kafka.properties.ssl.key.password", "hunter2")
        .set(
            "kafka.properties.ssl.certificate.pem",
            "-----BEGIN RSA PRIVATE KEY-----\nhunter2",
        )
        .set("kafka.properties.sasl.pasword", PASSWORD)
        .set("my.url", format!("pg://app:{}@db", "hunter2"));
    let printed = format!("{loader:?}");
    let config = loader.load().unwrap();
    let properties = config.producer_properties();
    let refused = config.refused(&properties, "sasl.pasword", "no such property");
    for print in [
        printed,
        format!("{config} {config:?} {properties:?} {refused} {refused:?}"),
    ] {
        assert!(parts.iter().all(|part| !print.contains(part)), "{print}");
    }
}

#[test]
fn no_part_of_a_secret_is_in_any_complaint() {
    let error = loader()
        .environment([("WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD", "${hunter2}")])
        .set("kafka.bootstrap-servers", "SASL_SSL://app:hunter2@a:9092")
        .set("my.url", "pg://app:S3cr${hunter2}Pw!@db")
        .set("listeners.x.workers", "${my.secret}")
        .set("my.secret", "hunter2")
        .set("listeners.x.retry", "${my.secret}")
        .retry_rule(|text| Err(format!("{text} is no policy")))
        .load()
        .map(drop)
        .unwrap_err();
    assert_eq!(error.problems().len(), 5, "{error}");
    let print = format!("{error} {error:?} {:?}", error.problems());
    assert!(
        ["S3cr", "Pw!", "hunter2"]
            .iter()
            .all(|part| !print.contains(part)),
        "{print}"
    );
    assert!(
        print.contains(REDACTED) && print.contains("sasl.password"),
        "{print}"
    );
}

#[test]
fn settings_that_hold_no_secret_are_printed() {
    let known = KEYS.iter().map(|key| key.name);
    let properties = librdkafka::names().filter(|name| !is_secret(name));
    for name in known.chain(properties) {
        assert!(!may_be_secret(name, "1"), "{name}");
    }
}
