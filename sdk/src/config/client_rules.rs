//! Features that a build lacks, and Wellspring's own rules for librdkafka's properties, applied
//! before librdkafka sees them.
//!
//! Some are ours to set, some need a build that has them, and some exclude each other. librdkafka
//! says such things late, in its log, or in words that name no remedy.

use wellspring_grammar::properties::instead_of;

use super::error::{Problem, PropertyComplaint};
use super::value::{Resolved, Value, Values};

/// The features of this build of the Kafka client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) tls: bool,
    pub(crate) gssapi: bool,
    pub(crate) actuator: bool,
}

impl Features {
    pub(crate) const COMPILED: Self = Self {
        // librdkafka's Kerberos support is built together with OpenSSL.
        tls: cfg!(any(
            feature = "tls",
            feature = "tls-system",
            feature = "gssapi"
        )),
        gssapi: cfg!(feature = "gssapi"),
        actuator: cfg!(feature = "actuator"),
    };
}

const NEEDS_TLS: &str = "the cargo feature `tls` (or `tls-system`) of wellspring";
const NEEDS_GSSAPI: &str = "the cargo feature `gssapi` of wellspring";
const NEEDS_ACTUATOR: &str = "the cargo feature `actuator` of wellspring";
const NEEDS_CURL: &str =
    "libcurl, which no feature of wellspring brings; use an OAUTHBEARER token instead";

/// Properties that the group protocol of KIP-848 leaves to the broker.
const NOT_WITH_CONSUMER_PROTOCOL: &[(&str, &str)] = &[
    (
        "partition.assignment.strategy",
        "the broker assigns the partitions; see group.remote.assignor",
    ),
    (
        "session.timeout.ms",
        "the broker sets it: group.consumer.session.timeout.ms",
    ),
    (
        "heartbeat.interval.ms",
        "the broker sets it: group.consumer.heartbeat.interval.ms",
    ),
    ("group.protocol.type", "it belongs to the classic protocol"),
];

/// Every property that cannot be set so.
pub(crate) fn check(values: &Values, features: Features) -> Vec<Problem> {
    let mut problems = Vec::new();
    for resolved in values.values() {
        if !features.actuator
            && resolved
                .found
                .as_ref()
                .is_some_and(|found| found.key.name == "actuator.port")
        {
            let what = "health over HTTP".to_owned();
            let complaint = PropertyComplaint::NeedsFeature {
                what,
                needs: NEEDS_ACTUATOR,
            };
            problems.push(resolved.problem(complaint.into()));
        }
        if let Some(protocol) = protocol_of(resolved) {
            let complaint = needs_feature("security.protocol", protocol, features)
                .or_else(|| without_mechanism(values, protocol, features));
            problems.extend(complaint.map(|complaint| resolved.problem(complaint.into())));
        }
        let Some(property) = property_of(resolved) else {
            continue;
        };
        let complaint = owned(property)
            .or_else(|| needs_feature(property, &resolved.text(), features))
            .or_else(|| not_the_addresses(values, resolved))
            .or_else(|| {
                let protocol = (property == "security.protocol").then(|| resolved.text())?;
                without_mechanism(values, &protocol, features)
            })
            .or_else(|| not_with_consumer_protocol(values, resolved));
        problems.extend(complaint.map(|complaint| resolved.problem(complaint.into())));
    }
    problems
}

/// Returns the fault of a property that an endpoint sets in code.
pub(crate) fn property_complaint(property: &str, value: &str) -> Option<PropertyComplaint> {
    owned(property).or_else(|| needs_feature(property, value, Features::COMPILED))
}

/// The librdkafka property that a setting sets.
fn property_of(resolved: &Resolved) -> Option<&str> {
    resolved.found.as_ref()?.property.as_deref()
}

fn owned(property: &str) -> Option<PropertyComplaint> {
    instead_of(property).map(|instead| PropertyComplaint::Owned { instead })
}

fn needs_feature(property: &str, value: &str, features: Features) -> Option<PropertyComplaint> {
    let written = value;
    let value = written.to_uppercase().replace('-', "_");
    let needs = match property {
        "security.protocol" if matches!(value.as_str(), "SSL" | "SASL_SSL") => {
            (!features.tls).then_some(NEEDS_TLS)
        }
        "sasl.mechanism" | "sasl.mechanisms"
            if value.starts_with("SCRAM_") || value == "OAUTHBEARER" =>
        {
            (!features.tls).then_some(NEEDS_TLS)
        }
        "sasl.mechanism" | "sasl.mechanisms" if value == "GSSAPI" => {
            (!features.gssapi).then_some(NEEDS_GSSAPI)
        }
        "sasl.oauthbearer.method" if value == "OIDC" => Some(NEEDS_CURL),
        name if name.starts_with("ssl.") => (!features.tls).then_some(NEEDS_TLS),
        name if name.starts_with("sasl.kerberos.") => (!features.gssapi).then_some(NEEDS_GSSAPI),
        _ => None,
    }?;
    let what = if property.starts_with("ssl.") || property.starts_with("sasl.kerberos.") {
        property
    } else {
        written
    };
    let what = what.to_owned();
    Some(PropertyComplaint::NeedsFeature { what, needs })
}

/// The security protocol that the addresses of the brokers have in front.
fn protocol_of(resolved: &Resolved) -> Option<&'static str> {
    if let Value::Addresses(addresses) = &resolved.value {
        addresses.protocol
    } else {
        None
    }
}

/// The addresses may say the protocol as well, and must say the same.
fn not_the_addresses(values: &Values, resolved: &Resolved) -> Option<PropertyComplaint> {
    if property_of(resolved) != Some("security.protocol") {
        return None;
    }
    let protocol = values.values().find_map(protocol_of)?;
    let agrees = resolved
        .text()
        .replace('-', "_")
        .eq_ignore_ascii_case(protocol);
    (!agrees).then_some(PropertyComplaint::NotTheAddresses { protocol })
}

/// SASL without a mechanism is Kerberos to librdkafka.
fn without_mechanism(
    values: &Values,
    protocol: &str,
    features: Features,
) -> Option<PropertyComplaint> {
    let sasl = protocol.to_uppercase().starts_with("SASL");
    let named = values.values().any(|other| {
        matches!(
            property_of(other),
            Some("sasl.mechanism" | "sasl.mechanisms")
        )
    });
    (sasl && !named && !features.gssapi).then(|| PropertyComplaint::NeedsFeature {
        what: "SASL with no sasl.mechanism set, which is GSSAPI,".to_owned(),
        needs: NEEDS_GSSAPI,
    })
}

fn not_with_consumer_protocol(values: &Values, resolved: &Resolved) -> Option<PropertyComplaint> {
    let property = property_of(resolved)?;
    let (_, reason) = NOT_WITH_CONSUMER_PROTOCOL
        .iter()
        .find(|(name, _)| *name == property)?;
    let asked = values.values().any(|other| {
        property_of(other) == Some("group.protocol")
            && other.text().eq_ignore_ascii_case("consumer")
            && meet(other, resolved)
    });
    asked.then_some(PropertyComplaint::NotWithConsumerProtocol { reason })
}

/// Whether two settings reach the same consumers: they do, unless each is of another listener.
fn meet(a: &Resolved, b: &Resolved) -> bool {
    let id = |resolved: &Resolved| resolved.found.as_ref().and_then(|found| found.id.clone());
    match (id(a), id(b)) {
        (Some(a), Some(b)) => a == b,
        (None, _) | (_, None) => true,
    }
}
