//! Asks librdkafka about properties one by one, so that all it refuses is known before anything
//! starts.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

use crate::config::{ClientKind, ClientProperties, Config, Problem, Property};

/// The properties of one client, as librdkafka's own type.
pub(crate) fn client_config(properties: &ClientProperties) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (name, value) in properties.iter() {
        config.set(name, value);
    }
    config
}

/// Every property that librdkafka refuses, by itself or beside others, and every file that cannot
/// be read, as problems of the settings they came from.
pub(crate) fn refused_properties(
    config: &Config,
    kind: ClientKind,
    properties: &ClientProperties,
) -> Vec<Problem> {
    let refused = properties.iter().filter_map(|(name, value)| {
        let is_secret = properties.property(name).is_some_and(Property::is_secret);
        Some((
            name,
            refusal(name, value, is_secret).or_else(|| unreadable(name, value))?,
        ))
    });
    let refused = refused.map(|(name, reason)| config.refused(properties, name, &reason));
    refused.chain(Config::conflicts(kind, properties)).collect()
}

/// Returns librdkafka's objection to one property; `None` if it takes it.
fn refusal(name: &str, value: &str, is_secret: bool) -> Option<String> {
    let mut config = ClientConfig::new();
    config.set(name, value);
    let words = words(&config.create_native_config().err()?);
    // Its words may repeat a part of the value, unless they are about the property alone.
    let is_about_the_name = words.starts_with("No such configuration property")
        || words.contains("not supported in this build");
    Some(if is_secret && !is_about_the_name {
        "not a value of this property".to_owned()
    } else {
        words
    })
}

/// Returns librdkafka's words without the values of properties: one of them may be a secret.
pub(super) fn words(error: &KafkaError) -> String {
    if let KafkaError::ClientConfig(_, words, _, value) = error {
        return if value.is_empty() {
            words.clone()
        } else {
            words.replace(value, "…")
        };
    }
    if let KafkaError::ClientCreation(words) = error {
        words.clone()
    } else {
        error.to_string()
    }
}

/// Returns the reason why the file that a property names cannot be read. librdkafka opens it when
/// the client is made.
fn unreadable(name: &str, value: &str) -> Option<String> {
    const FILES: &[&str] = &[
        "ssl.ca.location",
        "ssl.certificate.location",
        "ssl.crl.location",
        "ssl.key.location",
        "ssl.keystore.location",
    ];
    if !FILES.contains(&name) || value == "probe" {
        return None;
    }
    let error = std::fs::metadata(value).err()?;
    Some(format!("the file cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use rdkafka::consumer::BaseConsumer;
    use rdkafka::producer::BaseProducer;

    use super::*;
    use crate::config::{CONSUMER_DEFAULTS, ClientDefault, Loader, PRODUCER_DEFAULTS};

    #[test]
    fn everything_librdkafka_refuses_is_reported_under_its_setting() {
        let config = Loader::new()
            .environment([
                ("WELLSPRING_KAFKA_PROPERTIES_FETCH_MIN_BITES", "1"),
                ("WELLSPRING_KAFKA_PROPERTIES_SOCKET_TIMEOUT_MS", "soon"),
                ("WELLSPRING_KAFKA_PROPERTIES_CLIENT_RACK", "r1"),
            ])
            .load()
            .unwrap();
        let problems = refused_properties(&config, ClientKind::Admin, &config.admin_properties());
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        kafka.properties.fetch.min.bites = "1" (environment variable WELLSPRING_KAFKA_PROPERTIES_FETCH_MIN_BITES): librdkafka refuses it: No such configuration property: "fetch.min.bites"; did you mean fetch.min.bytes?
        kafka.properties.socket.timeout.ms = "soon" (environment variable WELLSPRING_KAFKA_PROPERTIES_SOCKET_TIMEOUT_MS): librdkafka refuses it: Invalid value for configuration property "socket.timeout.ms"
        "#);
    }

    /// What librdkafka says when it makes a client of all these together.
    fn made(kind: ClientKind, properties: &ClientProperties) -> Result<(), String> {
        let config = client_config(properties);
        let made = match kind {
            ClientKind::Consumer => config.create::<BaseConsumer>().map(drop),
            ClientKind::Producer | ClientKind::Admin => config.create::<BaseProducer>().map(drop),
        };
        made.map_err(|error| words(&error))
    }

    fn properties(kind: ClientKind, written: &[(&str, &str)]) -> ClientProperties {
        let mut properties = ClientProperties::new();
        let defaults: &[ClientDefault] = match kind {
            ClientKind::Consumer => CONSUMER_DEFAULTS,
            ClientKind::Producer => PRODUCER_DEFAULTS,
            ClientKind::Admin => &[],
        };
        defaults
            .iter()
            .for_each(|default| properties.set(default.name, default.value));
        properties.set("group.id", "g");
        written
            .iter()
            .for_each(|(name, value)| properties.set(name, *value));
        properties
    }

    #[test]
    fn what_librdkafka_refuses_together_is_known_before() {
        use ClientKind::{Consumer, Producer};
        let off = ("enable.idempotence", "false");
        for (kind, written) in [
            (Producer, &[("acks", "1")][..]),
            (Producer, &[("request.required.acks", "0")]),
            (Producer, &[("retries", "0")]),
            (Producer, &[("message.send.max.retries", "0")]),
            (Producer, &[("max.in.flight", "6")]),
            (Producer, &[("queue.buffering.backpressure.threshold", "2")]),
            (Producer, &[("queuing.strategy", "lifo")]),
            (Producer, &[off, ("enable.gapless.guarantee", "true")]),
            (
                Producer,
                &[("delivery.timeout.ms", "5"), ("linger.ms", "5")],
            ),
            (Producer, &[("queue.buffering.max.ms", "120000")]),
            (Producer, &[("reconnect.backoff.ms", "20000")]),
            (Producer, &[("reconnect.backoff.max.ms", "5")]),
            (
                Producer,
                &[
                    ("security.protocol", "sasl_plaintext"),
                    ("sasl.mechanism", "PLAIN"),
                ],
            ),
            (
                Producer,
                &[
                    ("security.protocol", "SASL_PLAINTEXT"),
                    ("sasl.mechanism", "plain"),
                ],
            ),
            (Consumer, &[("session.timeout.ms", "300001")]),
            (Consumer, &[("max.poll.interval.ms", "44999")]),
            (
                Consumer,
                &[
                    ("group.protocol", "consumer"),
                    ("session.timeout.ms", "9000"),
                ],
            ),
            (
                Consumer,
                &[
                    ("group.protocol", "consumer"),
                    ("heartbeat.interval.ms", "900"),
                ],
            ),
            (
                Consumer,
                &[
                    ("group.protocol", "consumer"),
                    ("group.protocol.type", "consumer"),
                ],
            ),
            (Consumer, &[("fetch.max.bytes", "999999")]),
            (
                Consumer,
                &[
                    ("fetch.max.bytes", "2000000"),
                    ("message.max.bytes", "2000001"),
                ],
            ),
            (Consumer, &[("receive.message.max.bytes", "52429311")]),
            (
                Consumer,
                &[
                    ("receive.message.max.bytes", "1000000"),
                    ("queued.max.messages.kbytes", "1"),
                ],
            ),
            (
                Consumer,
                &[("partition.assignment.strategy", "range,cooperative-sticky")],
            ),
            (Consumer, &[("partition.assignment.strategy", "sticky")]),
        ] {
            let properties = properties(kind, written);
            assert!(
                !Config::conflicts(kind, &properties).is_empty(),
                "{written:?}"
            );
            assert!(
                made(kind, &properties).is_err(),
                "librdkafka takes {written:?}"
            );
        }
    }

    #[test]
    fn what_librdkafka_takes_together_is_not_refused() {
        use ClientKind::{Admin, Consumer, Producer};
        let off = ("enable.idempotence", "false");
        for (kind, written) in [
            (Producer, &[][..]),
            (
                Producer,
                &[("acks", "-1"), ("retries", "1"), ("max.in.flight", "5")],
            ),
            (
                Producer,
                &[
                    off,
                    ("acks", "1"),
                    ("retries", "0"),
                    ("max.in.flight", "100"),
                ],
            ),
            (
                Producer,
                &[("delivery.timeout.ms", "0"), ("linger.ms", "100")],
            ),
            (Consumer, &[("session.timeout.ms", "300000")]),
            (
                Consumer,
                &[("partition.assignment.strategy", "range, roundrobin")],
            ),
            (Consumer, &[("receive.message.max.bytes", "52429312")]),
            (
                Consumer,
                &[
                    ("receive.message.max.bytes", "1000512"),
                    ("queued.max.messages.kbytes", "1"),
                ],
            ),
            (Consumer, &[("message.max.bytes", "60000000")]),
            (Admin, &[("reconnect.backoff.ms", "10000")]),
        ] {
            let properties = properties(kind, written);
            assert_eq!(Config::conflicts(kind, &properties), [], "{written:?}");
            assert_eq!(made(kind, &properties), Ok(()), "{written:?}");
        }
    }

    #[test]
    fn what_would_never_work_is_refused_though_librdkafka_takes_it() {
        use ClientKind::{Consumer, Producer};
        let oauth = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "OAUTHBEARER"),
        ];
        for (kind, written) in [
            (Producer, &[("transactional.id", "t")][..]),
            (
                Consumer,
                &[
                    ("heartbeat.interval.ms", "6000"),
                    ("session.timeout.ms", "6000"),
                ],
            ),
            (Producer, &oauth),
        ] {
            assert_eq!(
                Config::conflicts(kind, &properties(kind, written)).len(),
                1,
                "{written:?}"
            );
        }
    }

    #[test]
    fn a_file_that_a_client_would_miss_later_is_missed_at_once() {
        let missing = unreadable("ssl.ca.location", "/nowhere/ca.pem");
        assert!(missing.is_some_and(|reason| reason.contains("No such file")));
        assert_eq!(unreadable("ssl.ca.location", "probe"), None);
    }

    #[test]
    fn librdkafka_takes_our_defaults() {
        for default in CONSUMER_DEFAULTS.iter().chain(PRODUCER_DEFAULTS) {
            assert_eq!(
                refusal(default.name, default.value, false),
                None,
                "{}",
                default.name
            );
        }
    }
}
