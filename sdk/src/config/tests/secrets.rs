//! No text that a person can see has a secret in it.

use super::*;

#[test]
fn no_print_shows_a_secret() {
    let config = Loader::new()
        .environment([("KAFKA_PASSWORD", "hunter2")])
        .set("kafka.properties.sasl.password", "${KAFKA_PASSWORD}")
        .set("kafka.properties.ssl.key.pem", "hunter2")
        .set("my.url", "pg://u:${my.secret}@h")
        .set("my.secret", "hunter2");
    let mut loader = config;
    loader.rules.features = Features {
        tls: true,
        gssapi: true,
        actuator: true,
    };
    let config = loader.load().unwrap();
    let properties = config.producer_properties();
    assert_eq!(properties.get("sasl.password"), Some("hunter2"));
    let refused = config.refused(&properties, "sasl.password", "no such thing");
    for print in [
        format!("{config}"),
        format!("{config:?}"),
        format!("{properties:?}"),
        format!("{refused} {refused:?}"),
    ] {
        assert!(!print.contains("hunter2"), "{print}");
    }
}

#[test]
fn no_error_shows_a_secret() {
    let error = Loader::new()
        .set("kafka.bootstrap-servers", "${my.password}")
        .set("my.password", "hunter2${")
        .set("kafka.properties.ssl.key.password", "hunter2")
        .load();
    let error = error.map(|_| ()).unwrap_err();
    assert!(
        !format!("{error} {error:?} {:?}", error.problems()).contains("hunter2"),
        "{error}"
    );
}
