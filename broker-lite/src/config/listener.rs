//! Listeners as Kafka spells them: `NAME://HOST:PORT`, several with commas between them.
//!
//! One listener for clients is opened, and its protocol is PLAINTEXT. The other settings of
//! listeners are read as far as they concern it: listeners of the controller are ignored, and a
//! protocol map may give the one for clients another name.

use super::checked::Checked;

/// Kafka's protocols, which are also the names of its usual listeners.
const PROTOCOLS: &[&str] = &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
/// The one protocol that is supported.
const SUPPORTED: &str = "PLAINTEXT";

/// An address to listen on, or to advertise to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A name or an address, without brackets. `None` listens on all interfaces, and advertises the
    /// address that the client has connected to.
    pub(crate) host: Option<String>,
    /// 0 for any free port.
    pub(crate) port: u16,
}

/// The reason why a listener cannot be used, in one sentence for a user.
type Refusal = String;

/// Returns the listener for clients, from `listeners`.
pub(super) fn listen(read: &Checked<'_>) -> Result<Endpoint, Refusal> {
    one(read, "listeners").map(|(_, endpoint)| endpoint)
}

/// Returns the address that is advertised to clients, from `advertised.listeners`; `None` if it is
/// not set.
pub(super) fn advertised(read: &Checked<'_>) -> Result<Option<Endpoint>, Refusal> {
    const KEY: &str = "advertised.listeners";
    if read.text(KEY).is_none() {
        return Ok(None);
    }
    let (name, endpoint) = one(read, KEY)?;
    if endpoint.port == 0 {
        return Err("nobody can connect to port 0".into());
    }
    if matches!(endpoint.host.as_deref(), Some("0.0.0.0" | "::")) {
        return Err(
            "nobody can connect to all interfaces at once: leave the host out, or name one".into(),
        );
    }
    match one(read, "listeners") {
        Ok((listened, _)) if listened != name => {
            Err(format!("there is no listener {name}, but {listened}"))
        }
        // A problem of `listeners` is reported for that key.
        Ok(_) | Err(_) => Ok(Some(endpoint)),
    }
}

/// Returns the one listener of a key that is not the controller's, with its name.
fn one(read: &Checked<'_>, key: &str) -> Result<(String, Endpoint), Refusal> {
    let controllers: Vec<String> = words(read.text("controller.listener.names"))
        .map(name)
        .collect();
    let all: Vec<(String, Endpoint)> =
        words(read.text(key)).map(parse).collect::<Result<_, _>>()?;
    let mut ours = all
        .into_iter()
        .filter(|(name, _)| !controllers.contains(name));
    let (name, endpoint) = ours.next().ok_or("no listener for clients is among them")?;
    if let Some((other, _)) = ours.next() {
        return Err(format!(
            "{name} and {other} are two, and more than one listener is not there yet"
        ));
    }
    match protocol(read, &name)?.as_str() {
        SUPPORTED => Ok((name, endpoint)),
        other => Err(format!(
            "{name} speaks {other}, which is not there yet: only {SUPPORTED} is, without TLS and SASL"
        )),
    }
}

fn parse(text: &str) -> Result<(String, Endpoint), Refusal> {
    let (listener, address) = match text.split_once("://") {
        Some((listener, address)) => (name(listener), address),
        None => (SUPPORTED.to_owned(), text),
    };
    let wrong = || format!("{text:?} is not HOST:PORT, with or without {SUPPORTED}:// in front");
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if listener.is_empty()
        || host.contains(|c: char| !c.is_ascii_alphanumeric() && !"-._:%".contains(c))
    {
        return Err(wrong());
    }
    let port = port.parse().map_err(|_| wrong())?;
    Ok((
        listener,
        Endpoint {
            host: Some(host.to_owned()).filter(|host| !host.is_empty()),
            port,
        },
    ))
}

/// Returns the protocol of a listener, from `listener.security.protocol.map` or from its name.
fn protocol(read: &Checked<'_>, listener: &str) -> Result<String, Refusal> {
    const KEY: &str = "listener.security.protocol.map";
    let mut known = words(read.text(KEY)).filter_map(|pair| pair.split_once(':'));
    let mapped = known
        .find(|(mapped, _)| name(mapped) == listener)
        .map(|(_, protocol)| name(protocol));
    let protocol = mapped.unwrap_or_else(|| listener.to_owned());
    if PROTOCOLS.contains(&protocol.as_str()) {
        return Ok(protocol);
    }
    Err(format!(
        "it is not known what {protocol} is: {KEY} gives names to {}",
        PROTOCOLS.join(", ")
    ))
}

fn words(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// Returns the name of a listener in capital letters: names are case-insensitive.
fn name(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::new();
        for (key, value) in pairs {
            settings.set(*key, *value);
        }
        settings
    }

    fn listen_on(text: &str) -> Result<(Option<String>, u16), String> {
        listen(&Checked(&settings(&[("listeners", text)])))
            .map(|Endpoint { host, port }| (host, port))
    }

    #[test]
    fn a_listener_is_a_host_and_a_port_or_a_port_alone() {
        for (text, host, port) in [
            ("127.0.0.1:9092", Some("127.0.0.1"), 9092),
            ("PLAINTEXT://kafka.local:0", Some("kafka.local"), 0),
            ("plaintext://:9092", None, 9092),
            (":9092", None, 9092),
            (" PLAINTEXT://0.0.0.0:9092 ", Some("0.0.0.0"), 9092),
            ("PLAINTEXT://[::1]:9092", Some("::1"), 9092),
            ("[::]:9092", Some("::"), 9092),
        ] {
            assert_eq!(
                listen_on(text),
                Ok((host.map(str::to_owned), port)),
                "{text}"
            );
        }
        for bad in [
            "",
            "localhost",
            "host:port",
            "host:70000",
            "://host:1",
            "a/b:1",
            "a b:1",
        ] {
            assert!(listen_on(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_there_yet_is_called_by_its_name() {
        for (text, reason) in [
            ("SSL://host:1", "TLS"),
            ("sasl_plaintext://host:1", "SASL_PLAINTEXT"),
            ("PLAINTEXT://a:1, SSL://b:2", "PLAINTEXT and SSL are two"),
            ("INTERNAL://:1", "listener.security.protocol.map"),
        ] {
            let refusal = listen_on(text).unwrap_err();
            assert!(refusal.contains(reason), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_map_may_give_the_listener_another_name() {
        let with = |map: &str| {
            let pairs = [
                ("listeners", "Internal://:1"),
                ("listener.security.protocol.map", map),
            ];
            listen(&Checked(&settings(&pairs)))
        };
        assert!(with("CONTROLLER:PLAINTEXT, internal:plaintext").is_ok());
        assert!(
            with("INTERNAL:SASL_SSL")
                .unwrap_err()
                .contains("INTERNAL speaks SASL_SSL")
        );
        assert!(with("EXTERNAL:PLAINTEXT").is_err());
    }

    #[test]
    fn the_listener_of_the_controller_is_passed_over() {
        let pairs = [
            ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            (
                "advertised.listeners",
                "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            ),
            ("controller.listener.names", "CONTROLLER"),
        ];
        let read = settings(&pairs);
        assert_eq!(
            listen(&Checked(&read)),
            Ok(Endpoint {
                host: None,
                port: 9092
            })
        );
        let told = Endpoint {
            host: Some("localhost".into()),
            port: 9092,
        };
        assert_eq!(advertised(&Checked(&read)), Ok(Some(told)));
        assert!(
            listen(&Checked(&settings(&pairs[..1]))).is_err(),
            "two, if nobody says which is whose"
        );
    }

    #[test]
    fn clients_are_told_only_what_they_can_reach() {
        let told = |text| advertised(&Checked(&settings(&[("advertised.listeners", text)])));
        assert_eq!(
            told("PLAINTEXT://:9094"),
            Ok(Some(Endpoint {
                host: None,
                port: 9094
            }))
        );
        assert_eq!(
            told("plaintext://[::1]:1"),
            Ok(Some(Endpoint {
                host: Some("::1".into()),
                port: 1
            }))
        );
        for bad in [
            "PLAINTEXT://a:0",
            "0.0.0.0:9092",
            "[::]:9092",
            "EXTERNAL://a:1",
            "a:1,b:2",
        ] {
            assert!(told(bad).is_err(), "{bad}");
        }
        assert_eq!(advertised(&Checked(&Settings::new())), Ok(None));
    }
}
