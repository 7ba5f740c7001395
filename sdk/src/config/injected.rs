//! Variables that orchestrators put into every process, and that look like settings of ours by
//! accident.
//!
//! Kubernetes tells each pod of each service in its namespace, and Docker each container of its
//! links, in variables that begin with the service's own name. A service called `wellspring-kafka`
//! so brings `WELLSPRING_KAFKA_PORT`, with an address in it where we would expect a number. They
//! are known by what they hold, since their names alone could be settings.

use std::collections::BTreeSet;

/// The names of the variables that an orchestrator put there.
pub(crate) fn injected(variables: &[(String, String)]) -> BTreeSet<&str> {
    let services: BTreeSet<&str> = variables
        .iter()
        .filter_map(|(name, value)| service(variables, name, value))
        .collect();
    let of_a_service = |name: &str, value: &str| {
        services.iter().any(|service| {
            let rest = name
                .strip_prefix(service)
                .and_then(|rest| rest.strip_prefix('_'));
            rest.is_some_and(|rest| is_about_a_service(rest, value))
        })
    };
    variables
        .iter()
        .filter(|(name, value)| of_a_service(name, value))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The service that a variable proves to be there.
fn service<'a>(variables: &[(String, String)], name: &'a str, value: &str) -> Option<&'a str> {
    if let Some(service) = name.strip_suffix("_SERVICE_HOST") {
        let port = format!("{service}_SERVICE_PORT");
        return variables
            .iter()
            .any(|(name, value)| *name == port && is_port(value))
            .then_some(service);
    }
    if !is_endpoint(value) {
        return None;
    }
    if let Some(service) = name.strip_suffix("_PORT") {
        return Some(service);
    }
    // `<service>_PORT_9092_TCP`
    let (rest, protocol) = name.rsplit_once('_')?;
    let (service, port) = rest.rsplit_once("_PORT_")?;
    (is_protocol(protocol) && is_port(port)).then_some(service)
}

/// Whether a variable of a service, named by what follows the service's name, is one that
/// orchestrators make.
fn is_about_a_service(rest: &str, value: &str) -> bool {
    match rest {
        "SERVICE_HOST" => true,
        // The name that a Docker link goes by: `/this/that`.
        "NAME" => value.starts_with('/'),
        "SERVICE_PORT" => is_port(value),
        "PORT" => is_endpoint(value),
        _ => {
            // A named port is a number; what a linked container had in its environment is anything.
            let named = rest
                .strip_prefix("SERVICE_PORT_")
                .is_some_and(|_| is_port(value));
            named || rest.starts_with("ENV_") || is_about_a_port(rest)
        }
    }
}

/// `PORT_9092_TCP`, and `_ADDR`, `_PORT`, `_PROTO`, `_START`, `_END` behind it.
fn is_about_a_port(rest: &str) -> bool {
    let mut words = rest.split('_');
    let head = (words.next(), words.next(), words.next());
    let (Some("PORT"), Some(port), Some(protocol)) = head else {
        return false;
    };
    let tail: Vec<&str> = words.collect();
    let is_tail = matches!(
        tail.as_slice(),
        [] | ["ADDR"] | ["PORT"] | ["PROTO"] | ["START" | "END"] | ["PORT", "START" | "END"]
    );
    is_port(port) && is_protocol(protocol) && is_tail
}

/// `tcp://10.0.0.7:9092`
fn is_endpoint(value: &str) -> bool {
    let Some((protocol, address)) = value.split_once("://") else {
        return false;
    };
    let Some((_, port)) = address.rsplit_once(':') else {
        return false;
    };
    protocol.chars().all(|c| c.is_ascii_lowercase())
        && is_protocol(&protocol.to_uppercase())
        && is_port(port)
}

fn is_protocol(word: &str) -> bool {
    matches!(word, "TCP" | "UDP" | "SCTP")
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of the variables that are not put there by an orchestrator.
    fn left(variables: &[(&str, &str)]) -> Vec<String> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let injected = injected(&variables);
        variables
            .iter()
            .filter(|(name, _)| !injected.contains(name.as_str()))
            .map(|(name, _)| name.clone())
            .collect()
    }

    #[test]
    fn a_kubernetes_service_is_known_whatever_its_name() {
        for service in [
            "WELLSPRING_KAFKA",
            "WELLSPRING",
            "WELLSPRING_APP",
            "WELLSPRING_ACTUATOR",
            "WELLSPRING_LISTENERS_X",
            "WELLSPRING_KAFKA_PROPERTIES_SSL",
        ] {
            let name = |suffix: &str| format!("{service}{suffix}");
            let variables = [
                (name("_SERVICE_HOST"), "10.0.0.7"),
                (name("_SERVICE_PORT"), "9092"),
                (name("_SERVICE_PORT_CLIENT"), "9092"),
                (name("_SERVICE_PORT_GROUP"), "9093"),
                (name("_PORT"), "tcp://10.0.0.7:9092"),
                (name("_PORT_9092_TCP"), "tcp://10.0.0.7:9092"),
                (name("_PORT_9092_TCP_PROTO"), "tcp"),
                (name("_PORT_9092_TCP_PORT"), "9092"),
                (name("_PORT_9092_TCP_ADDR"), "10.0.0.7"),
                (name("_PORT_53_UDP"), "udp://10.0.0.7:53"),
                (name("_PORT_53_UDP_ADDR"), "10.0.0.7"),
                (name("_PORT_7_SCTP_ADDR"), "10.0.0.7"),
            ];
            let variables: Vec<(&str, &str)> = variables
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            assert_eq!(left(&variables), [""; 0], "{service}");
        }
    }

    #[test]
    fn a_docker_link_is_known_with_what_it_copies() {
        let variables = [
            ("WELLSPRING_KAFKA_NAME", "/shop/wellspring_kafka"),
            ("WELLSPRING_KAFKA_PORT", "tcp://172.17.0.5:9092"),
            (
                "WELLSPRING_KAFKA_PORT_9092_TCP_START",
                "tcp://172.17.0.5:9092",
            ),
            ("WELLSPRING_KAFKA_PORT_9092_TCP_PORT_END", "9095"),
            ("WELLSPRING_KAFKA_ENV_KAFKA_HEAP_OPTS", "-Xmx1g"),
        ];
        assert_eq!(left(&variables), [""; 0]);
        let ipv6 = [
            ("WELLSPRING_KAFKA_PORT", "tcp://fd00::7:9092"),
            ("WELLSPRING_KAFKA_SERVICE_HOST", "fd00::7"),
        ];
        assert_eq!(left(&ipv6), [""; 0]);
    }

    #[test]
    fn a_setting_beside_a_service_is_a_setting() {
        let variables = [
            ("WELLSPRING_ACTUATOR_SERVICE_HOST", "10.0.0.7"),
            ("WELLSPRING_ACTUATOR_SERVICE_PORT", "8081"),
            ("WELLSPRING_ACTUATOR_PORT", "8081"),
            ("WELLSPRING_ACTUATOR_HOST", "0.0.0.0"),
            ("WELLSPRING_KAFKA_PORT", "tcp://10.0.0.7:9092"),
            ("WELLSPRING_KAFKA_BOOTSTRAP_SERVERS", "tcp://10.0.0.7:9092"),
            ("WELLSPRING_KAFKA_NAME", "orders"),
        ];
        assert_eq!(
            left(&variables),
            [
                "WELLSPRING_ACTUATOR_PORT",
                "WELLSPRING_ACTUATOR_HOST",
                "WELLSPRING_KAFKA_BOOTSTRAP_SERVERS",
                "WELLSPRING_KAFKA_NAME"
            ]
        );
    }

    #[test]
    fn a_mistake_is_not_taken_for_a_service() {
        let mistakes = [
            ("WELLSPRING_KAFKA_PORT", "9092"),
            ("WELLSPRING_KAFKA_SERVICE_HOST", "kafka-1"),
            ("WELLSPRING_KAFKA_PORT_NUMBER", "tcp://10.0.0.7:9092"),
            ("WELLSPRING_LISTENERS_CREDIT_SERVICE_PORT", "9092"),
        ];
        assert_eq!(left(&mistakes).len(), mistakes.len());
    }
}
