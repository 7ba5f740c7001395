//! Properties of one client that exclude each other.
//!
//! librdkafka looks at this when it makes the client, names no setting, and stops at the first. A
//! producer that only dead letters need is made with the first of them, hours after the start. So
//! the same rules are here, and are looked at before anything starts. From
//! `rd_kafka_conf_finalize`, `rd_kafka_topic_conf_finalize` and `rd_kafka_new` of librdkafka
//! 2.12.1; the rule on heartbeats is Kafka's own.

use super::properties::ClientProperties;

/// The kind of client that properties are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKind {
    Consumer,
    Producer,
    Admin,
}

/// A property that another one excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// The property to change.
    pub(crate) property: &'static str,
    /// The problem, and what to do.
    pub(crate) reason: String,
}

/// Everything that excludes each other in these properties.
pub(crate) fn conflicts(kind: ClientKind, properties: &ClientProperties) -> Vec<Conflict> {
    let mut rules = Rules {
        properties,
        found: Vec::new(),
    };
    rules.connection();
    rules.login();
    match kind {
        ClientKind::Consumer => {
            rules.group();
            rules.assignors();
            rules.sizes();
        }
        ClientKind::Producer => {
            rules.transactions();
            rules.idempotence();
            rules.time_to_deliver();
        }
        ClientKind::Admin => {}
    }
    rules.found
}

/// librdkafka's defaults of the properties that rules compare.
const DEFAULTS: &[(&str, f64)] = &[
    ("session.timeout.ms", 45_000.0),
    ("heartbeat.interval.ms", 3_000.0),
    ("max.poll.interval.ms", 300_000.0),
    ("message.max.bytes", 1_000_000.0),
    ("fetch.max.bytes", 52_428_800.0),
    ("queued.max.messages.kbytes", 65_536.0),
    ("reconnect.backoff.ms", 100.0),
    ("reconnect.backoff.max.ms", 10_000.0),
];

struct Rules<'a> {
    properties: &'a ClientProperties,
    found: Vec<Conflict>,
}

impl Rules<'_> {
    fn refuse(&mut self, property: &'static str, reason: impl Into<String>) {
        self.found.push(Conflict {
            property,
            reason: reason.into(),
        });
    }

    /// Refuses `property` unless it is at least `least`, which is what `other` says.
    fn at_least(&mut self, property: &'static str, least: f64, other: &'static str) {
        if self.number(property).is_some_and(|value| value < least) {
            // The one that was written is the one to look at.
            let is_written = |name| self.properties.property(name).is_some();
            let (at, reason) = if is_written(property) || !is_written(other) {
                (
                    property,
                    format!("it must be at least {least}, for {other}"),
                )
            } else {
                (
                    other,
                    format!("{property} must be at least {least} for that, and is not"),
                )
            };
            self.refuse(at, reason);
        }
    }

    /// The number that is set, or librdkafka's default. What is no number is refused elsewhere.
    fn number(&self, name: &str) -> Option<f64> {
        match self.properties.get(name) {
            Some(text) => text.trim().parse().ok(),
            None => DEFAULTS
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value),
        }
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.properties
            .get(name)
            .is_some_and(|text| text.trim().eq_ignore_ascii_case(value))
    }

    fn is_true(&self, name: &str) -> bool {
        ["true", "t", "1"].iter().any(|word| self.is(name, word))
    }

    fn connection(&mut self) {
        if let Some(least) = self.number("reconnect.backoff.ms") {
            self.at_least("reconnect.backoff.max.ms", least, "reconnect.backoff.ms");
        }
        let missing = |name| self.properties.get(name).is_none();
        if !missing("ssl.keystore.location") && missing("ssl.keystore.password") {
            self.refuse("ssl.keystore.location", "it needs ssl.keystore.password");
        }
    }

    fn login(&mut self) {
        const MECHANISMS: &[&str] = &[
            "GSSAPI",
            "PLAIN",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "SCRAM-SHA-512",
            "OAUTHBEARER",
        ];
        let protocol = self.properties.get("security.protocol").unwrap_or_default();
        if !protocol.to_uppercase().starts_with("SASL") {
            return;
        }
        let Some(mechanism) = self.properties.get("sasl.mechanism") else {
            return;
        };
        if !MECHANISMS.contains(&mechanism) {
            return self.refuse(
                "sasl.mechanism",
                format!("it is one of {}, in capitals", MECHANISMS.join(", ")),
            );
        }
        let missing = |name| self.properties.get(name).is_none();
        if (mechanism == "PLAIN" || mechanism.starts_with("SCRAM"))
            && (missing("sasl.username") || missing("sasl.password"))
        {
            self.refuse("sasl.mechanism", "it needs sasl.username and sasl.password");
        }
        if mechanism == "OAUTHBEARER" && !self.is_true("enable.sasl.oauthbearer.unsecure.jwt") {
            let reason = "a token cannot be given yet; the only one there is comes from enable.sasl.oauthbearer.unsecure.jwt";
            self.refuse("sasl.mechanism", reason);
        }
    }

    fn group(&mut self) {
        if self.is("group.protocol", "consumer") {
            for property in [
                "session.timeout.ms",
                "heartbeat.interval.ms",
                "group.protocol.type",
            ] {
                if self.properties.get(property).is_some() {
                    self.refuse(
                        property,
                        "with group.protocol=consumer (KIP-848) the broker sets it",
                    );
                }
            }
            return;
        }
        let (session, heartbeat) = (
            self.number("session.timeout.ms"),
            self.number("heartbeat.interval.ms"),
        );
        if let Some(session) = session {
            self.at_least("max.poll.interval.ms", session, "session.timeout.ms");
        }
        if let Some(heartbeat) = heartbeat {
            self.at_least(
                "session.timeout.ms",
                heartbeat + 1.0,
                "heartbeat.interval.ms",
            );
        }
    }

    fn assignors(&mut self) {
        const COOPERATIVE: &str = "cooperative-sticky";
        const PROPERTY: &str = "partition.assignment.strategy";
        let Some(text) = self.properties.get(PROPERTY) else {
            return;
        };
        if self.is("group.protocol", "consumer") {
            return;
        }
        let names: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        let cooperative = names.iter().filter(|name| **name == COOPERATIVE).count();
        if names
            .iter()
            .any(|name| !matches!(*name, COOPERATIVE | "range" | "roundrobin"))
        {
            self.refuse(
                PROPERTY,
                "it is one of cooperative-sticky, range, roundrobin",
            );
        } else if cooperative > 0 && cooperative < names.len() {
            self.refuse(
                PROPERTY,
                "cooperative-sticky cannot be mixed with range and roundrobin",
            );
        }
    }

    fn sizes(&mut self) {
        let set = |name| self.properties.get(name).is_some();
        let (is_fetch_set, is_receive_set) =
            (set("fetch.max.bytes"), set("receive.message.max.bytes"));
        let fetch = self.number("fetch.max.bytes");
        let (Some(fetch), Some(message)) = (fetch, self.number("message.max.bytes")) else {
            return;
        };
        if is_fetch_set {
            self.at_least("fetch.max.bytes", message, "message.max.bytes");
        }
        if !is_receive_set {
            return;
        }
        let queued = self
            .number("queued.max.messages.kbytes")
            .unwrap_or(f64::MAX)
            * 1024.0;
        let fetch = if is_fetch_set {
            fetch
        } else {
            fetch.min(queued).max(message)
        };
        self.at_least(
            "receive.message.max.bytes",
            fetch + 512.0,
            "fetch.max.bytes and 512 bytes around it",
        );
    }

    fn transactions(&mut self) {
        if self.properties.get("transactional.id").is_some() {
            let reason =
                "the template sends outside of transactions, which a producer with an id refuses";
            self.refuse("transactional.id", reason);
        }
    }

    fn idempotence(&mut self) {
        const REMEDY: &str =
            "with enable.idempotence=true; set that to false as well if you mean it";
        if !self.is_true("enable.idempotence") {
            if self.is_true("enable.gapless.guarantee") {
                self.refuse(
                    "enable.gapless.guarantee",
                    "it needs enable.idempotence=true",
                );
            }
            return;
        }
        if self
            .properties
            .get("acks")
            .is_some_and(|acks| !matches!(acks.trim(), "all" | "-1"))
        {
            self.refuse("acks", format!("it must be all {REMEDY}"));
        }
        if self.number("retries").is_some_and(|retries| retries < 1.0) {
            self.refuse("retries", format!("it must be at least 1 {REMEDY}"));
        }
        let in_flight = "max.in.flight.requests.per.connection";
        if self
            .number(in_flight)
            .is_some_and(|requests| requests > 5.0)
        {
            self.refuse(in_flight, format!("it must be at most 5 {REMEDY}"));
        }
        let threshold = "queue.buffering.backpressure.threshold";
        if self
            .number(threshold)
            .is_some_and(|requests| requests > 1.0)
        {
            self.refuse(threshold, format!("it must be 1 {REMEDY}"));
        }
        if self.properties.get("queuing.strategy").is_some() && !self.is("queuing.strategy", "fifo")
        {
            self.refuse("queuing.strategy", format!("it must be fifo {REMEDY}"));
        }
    }

    fn time_to_deliver(&mut self) {
        // 0 is for ever, and a linger that nobody set gives way.
        if let (Some(deadline), Some(linger)) =
            (self.number("delivery.timeout.ms"), self.number("linger.ms"))
            && deadline > 0.0
            && deadline <= linger
        {
            self.refuse(
                "delivery.timeout.ms",
                format!("it must be longer than linger.ms ({linger})"),
            );
        }
    }
}
