//! Asks librdkafka about properties one by one, so that all it refuses is known before anything starts.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;

use crate::config::{ClientProperties, Config, Problem};

/// The properties of one client, as librdkafka's own type.
pub(crate) fn client_config(properties: &ClientProperties) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (name, value) in properties.iter() {
        config.set(name, value);
    }
    config
}

/// Every property that librdkafka refuses, as problems of the settings they came from.
pub(crate) fn refused_properties(config: &Config, properties: &ClientProperties) -> Vec<Problem> {
    let refused = properties.iter().filter_map(|(name, value)| Some((name, refusal(name, value)?)));
    refused.map(|(name, reason)| config.refused(properties, name, &reason)).collect()
}

/// What librdkafka says against one property; `None` when it takes it.
fn refusal(name: &str, value: &str) -> Option<String> {
    let mut config = ClientConfig::new();
    config.set(name, value);
    match config.create_native_config() {
        Ok(_) => None,
        // Its words repeat the value, which may be a secret.
        Err(KafkaError::ClientConfig(_, words, _, _)) if value.is_empty() => Some(words),
        Err(KafkaError::ClientConfig(_, words, _, _)) => Some(words.replace(value, "…")),
        Err(other) => Some(other.to_string().replace(value, "…")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CONSUMER_DEFAULTS, Loader, PRODUCER_DEFAULTS};

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
        let problems = refused_properties(&config, &config.admin_properties());
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        kafka.properties.fetch.min.bites = "1" (environment variable WELLSPRING_KAFKA_PROPERTIES_FETCH_MIN_BITES): librdkafka refuses it: No such configuration property: "fetch.min.bites"; did you mean fetch.min.bytes?
        kafka.properties.socket.timeout.ms = "soon" (environment variable WELLSPRING_KAFKA_PROPERTIES_SOCKET_TIMEOUT_MS): librdkafka refuses it: Invalid value for configuration property "socket.timeout.ms"
        "#);
    }

    #[test]
    fn librdkafka_takes_our_defaults() {
        for default in CONSUMER_DEFAULTS.iter().chain(PRODUCER_DEFAULTS) {
            assert_eq!(refusal(default.name, default.value), None, "{}", default.name);
        }
    }
}
