//! The addresses of brokers, in the ways that people and other tools write them.
//!
//! `kafka-1:9092, kafka-2` is the plain form. Kafka's own listeners put the security protocol in
//! front (`SASL_SSL://kafka:9093`), cloud platforms a scheme of theirs (`kafka+ssl://`),
//! orchestrators `tcp://`.

use std::fmt;
use std::net::Ipv6Addr;

/// Kafka's port unless another is given.
const DEFAULT_PORT: u16 = 9092;

/// A list of brokers, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// `host:port`, IPv6 in brackets.
    brokers: Vec<String>,
    /// The security protocol in front of them.
    pub(crate) protocol: Option<&'static str>,
}

/// The fault of a text that is no list of brokers. It repeats nothing of what may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("no address is there")]
    Empty,
    #[error("{0:?} is not a port")]
    Port(String),
    #[error("{0:?} is not the name of a host")]
    Host(String),
    #[error("{0} could end with a port or not: write [{1}]:{2}, or [{0}]:9092")]
    Ambiguous(String, String, String),
    #[error(
        "{0}:// is no way to Kafka: use a plain host:port, or PLAINTEXT://, SSL://, SASL_PLAINTEXT:// or SASL_SSL://"
    )]
    Scheme(String),
    #[error("an address has no user and no password in it: set sasl.username and sasl.password")]
    Credentials,
    #[error("an address ends with its port")]
    Path,
    #[error("{0}:// and {1}:// cannot be used at once")]
    TwoProtocols(&'static str, &'static str),
}

impl Addresses {
    /// Reads addresses separated by commas or spaces; empty ones are passed over.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let mut found = Self {
            brokers: Vec::new(),
            protocol: None,
        };
        let mut plain = false;
        for word in text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty())
        {
            let (protocol, broker) = broker(word)?;
            match (found.protocol, protocol) {
                (Some(one), Some(other)) if one != other => {
                    return Err(AddressError::TwoProtocols(one, other));
                }
                (_, Some(protocol)) => found.protocol = Some(protocol),
                (_, None) => plain = true,
            }
            found.brokers.push(broker);
        }
        if found.brokers.is_empty() {
            return Err(AddressError::Empty);
        }
        // `PLAINTEXT://a, b` says as much as the default; anything else should be said of all of
        // them.
        match found.protocol {
            Some(protocol) if plain && protocol != "PLAINTEXT" => {
                Err(AddressError::TwoProtocols(protocol, "PLAINTEXT"))
            }
            _ => Ok(found),
        }
    }
}

/// The addresses as librdkafka takes them.
impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.brokers.join(","))
    }
}

fn broker(word: &str) -> Result<(Option<&'static str>, String), AddressError> {
    let (scheme, rest) = word
        .split_once("://")
        .map_or((None, word), |(scheme, rest)| (Some(scheme), rest));
    if rest.contains('@') {
        return Err(AddressError::Credentials);
    }
    let protocol = scheme.map(protocol).transpose()?.flatten();
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#']) {
        return Err(AddressError::Path);
    }
    let (host, port) = host_and_port(rest)?;
    Ok((protocol, format!("{host}:{port}")))
}

/// The security protocol that a scheme stands for, if it stands for any.
fn protocol(scheme: &str) -> Result<Option<&'static str>, AddressError> {
    match scheme.to_ascii_uppercase().as_str() {
        "KAFKA" | "TCP" => Ok(None),
        "PLAINTEXT" => Ok(Some("PLAINTEXT")),
        "SSL" | "TLS" | "KAFKA+SSL" => Ok(Some("SSL")),
        "SASL_PLAINTEXT" => Ok(Some("SASL_PLAINTEXT")),
        "SASL_SSL" => Ok(Some("SASL_SSL")),
        _ => Err(AddressError::Scheme(scheme.to_owned())),
    }
}

fn host_and_port(text: &str) -> Result<(String, u16), AddressError> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest
            .split_once(']')
            .ok_or_else(|| AddressError::Host(text.to_owned()))?;
        let port = match rest.strip_prefix(':') {
            Some(digits) => port(digits)?,
            None if rest.is_empty() => DEFAULT_PORT,
            None => return Err(AddressError::Port(rest.to_owned())),
        };
        return is_ipv6(host)
            .then(|| (format!("[{host}]"), port))
            .ok_or_else(|| AddressError::Host(text.to_owned()));
    }
    if text.matches(':').count() > 1 {
        return bare_ipv6(text);
    }
    let (host, port) = match text.split_once(':') {
        Some((host, digits)) => (host, port(digits)?),
        None => (text, DEFAULT_PORT),
    };
    // Underscores are none in DNS, and many in the names of containers.
    let is_host = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    is_host
        .then(|| (host.to_owned(), port))
        .ok_or_else(|| AddressError::Host(host.to_owned()))
}

/// An IPv6 address without brackets has no port: what looks like one may be its last group.
fn bare_ipv6(text: &str) -> Result<(String, u16), AddressError> {
    if !is_ipv6(text) {
        return Err(AddressError::Host(text.to_owned()));
    }
    if let Some((host, last)) = text.rsplit_once(':')
        && last.len() >= 4
        && last.chars().all(|c| c.is_ascii_digit())
        && is_ipv6(host)
    {
        return Err(AddressError::Ambiguous(
            text.to_owned(),
            host.to_owned(),
            last.to_owned(),
        ));
    }
    Ok((format!("[{text}]"), DEFAULT_PORT))
}

/// Whether it is an IPv6 address, with or without the zone of a link-local one.
fn is_ipv6(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<Ipv6Addr>().is_ok()
}

fn port(digits: &str) -> Result<u16, AddressError> {
    let port = digits.parse().ok().filter(|port| *port != 0);
    port.ok_or_else(|| AddressError::Port(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Addresses::parse(text) {
            Ok(Addresses {
                protocol: None,
                brokers,
            }) => brokers.join(","),
            Ok(Addresses {
                protocol: Some(protocol),
                brokers,
            }) => {
                format!("{protocol} {}", brokers.join(","))
            }
            Err(error) => format!("! {error}"),
        }
    }

    #[test]
    fn addresses_are_read_as_other_tools_write_them() {
        for (written, expected) in [
            ("kafka-1:9092", "kafka-1:9092"),
            ("kafka", "kafka:9092"),
            (" a:1 , b:2,\n c ,", "a:1,b:2,c:9092"),
            ("a:1 b:2", "a:1,b:2"),
            ("kafka_1:9092", "kafka_1:9092"),
            ("PLAINTEXT://a:9092", "PLAINTEXT a:9092"),
            ("plaintext://a:9092,b:9093", "PLAINTEXT a:9092,b:9093"),
            (
                "SASL_SSL://a:9093,SASL_SSL://b:9093",
                "SASL_SSL a:9093,b:9093",
            ),
            ("ssl://a", "SSL a:9092"),
            ("kafka+ssl://a:9096", "SSL a:9096"),
            ("kafka://a:9092/", "a:9092"),
            ("tcp://10.0.0.7:9092", "10.0.0.7:9092"),
            ("[::1]:9093", "[::1]:9093"),
            ("[2001:db8::7]", "[2001:db8::7]:9092"),
            ("::1", "[::1]:9092"),
            ("fe80::1%eth0", "[fe80::1%eth0]:9092"),
            ("PLAINTEXT://[::1]:9093", "PLAINTEXT [::1]:9093"),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (written, expected) in [
            ("", "! no address is there"),
            (" , ", "! no address is there"),
            ("a:", r#"! "" is not a port"#),
            ("a:0", r#"! "0" is not a port"#),
            ("a:99999", r#"! "99999" is not a port"#),
            (":9092", r#"! "" is not the name of a host"#),
            ("[::1", r#"! "[::1" is not the name of a host"#),
            ("a:1:2", r#"! "a:1:2" is not the name of a host"#),
            (
                "::1:9092",
                "! ::1:9092 could end with a port or not: write [::1]:9092, or [::1:9092]:9092",
            ),
            ("a:9092/topic", "! an address ends with its port"),
            (
                "SSL://a,PLAINTEXT://b",
                "! SSL:// and PLAINTEXT:// cannot be used at once",
            ),
            (
                "SSL://a,b",
                "! SSL:// and PLAINTEXT:// cannot be used at once",
            ),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
        assert!(read("http://a:8080").starts_with("! http:// is no way to Kafka"));
        assert!(read("EXTERNAL://a:9092").starts_with("! EXTERNAL:// is no way to Kafka"));
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let said = read("SASL_SSL://user:hunter2@a:9093");
        assert!(
            said.contains("sasl.password") && !said.contains("hunter2"),
            "{said}"
        );
    }
}
