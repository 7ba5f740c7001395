//! The properties of one Kafka client, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;

use super::defaults::CONSUMER_DEFAULTS;
use super::librdkafka::main_name;
use super::origin::Origin;
use super::secret::{REDACTED, may_be_secret};

/// The librdkafka properties of one client. Printing them prints no secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientProperties {
    map: BTreeMap<String, Property>,
}

/// The value of a property.
#[derive(Clone, PartialEq, Eq)]
pub struct Property {
    value: String,
    written: Option<(String, Origin)>,
    secret: bool,
}

impl ClientProperties {
    /// No property: librdkafka's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property. One that librdkafka knows by two names is set under the name that Kafka
    /// uses, so that the last word counts whichever name it used.
    pub fn set(&mut self, name: impl AsRef<str>, value: impl Into<String>) {
        let name = main_name(name.as_ref());
        let value = value.into();
        let secret = may_be_secret(name, &value);
        let property = Property {
            value,
            written: None,
            secret,
        };
        self.map.insert(name.to_owned(), property);
    }

    /// Sets a property, unless it is set.
    pub fn set_default(&mut self, name: &str, value: impl Into<String>) {
        if !self.map.contains_key(main_name(name)) {
            self.set(name, value);
        }
    }

    /// Sets a property, unless `listeners.<id>.properties` says something else about it.
    pub(crate) fn set_unless_listeners_own(&mut self, name: &str, value: impl Into<String>) {
        let written = self.property(name).and_then(Property::written);
        if !written.is_some_and(|(key, _)| key.to_lowercase().starts_with("listeners")) {
            self.set(name, value);
        }
    }

    /// Removes a property.
    pub fn remove(&mut self, name: &str) {
        self.map.remove(main_name(name));
    }

    /// Fits our own defaults of a group member to what was set beside them.
    ///
    /// With the protocol of KIP-848 the broker assigns partitions and sets the pace of heartbeats,
    /// and librdkafka takes neither from the client. A short session wants at least three
    /// heartbeats.
    pub(crate) fn fit_group_defaults(&mut self) {
        if self
            .get("group.protocol")
            .is_some_and(|protocol| protocol.eq_ignore_ascii_case("consumer"))
        {
            self.remove("partition.assignment.strategy");
            if self.is_our_default("heartbeat.interval.ms") {
                self.remove("heartbeat.interval.ms");
            }
            return;
        }
        let session = self
            .get("session.timeout.ms")
            .and_then(|session| session.parse::<u64>().ok());
        if let Some(session) = session
            && self.is_our_default("heartbeat.interval.ms")
        {
            let pace = self
                .get("heartbeat.interval.ms")
                .and_then(|pace| pace.parse::<u64>().ok());
            let fitting = pace.unwrap_or(1).min(session / 3).max(1);
            self.set("heartbeat.interval.ms", fitting.to_string());
        }
    }

    /// Whether a consumer's property has the value that Wellspring gives it.
    fn is_our_default(&self, name: &str) -> bool {
        let ours = CONSUMER_DEFAULTS
            .iter()
            .find(|default| default.name == name);
        self.property(name).is_some_and(|property| {
            property.written.is_none()
                && ours.is_some_and(|default| property.value == default.value)
        })
    }

    pub(crate) fn set_written(
        &mut self,
        name: &str,
        value: String,
        secret: bool,
        key: &str,
        origin: &Origin,
    ) {
        let written = Some((key.to_owned(), origin.clone()));
        let secret = secret || may_be_secret(name, &value);
        self.map.insert(
            main_name(name).to_owned(),
            Property {
                value,
                written,
                secret,
            },
        );
    }

    /// The value of a property. Keep those of secrets out of logs.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.property(name).map(Property::value)
    }

    /// The property with its origin.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.map.get(main_name(name))
    }

    /// Names and values, by name. Keep the values of secrets out of logs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.map
            .iter()
            .map(|(name, property)| (name.as_str(), property.value.as_str()))
    }
}

impl Property {
    /// The value. Keep it out of logs when [`Property::is_secret`].
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The setting it came from, and where that was written; `None` when Wellspring set it.
    #[must_use]
    pub fn written(&self) -> Option<(&str, &Origin)> {
        self.written
            .as_ref()
            .map(|(key, origin)| (key.as_str(), origin))
    }

    /// Whether the value may not be printed.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.secret
    }
}

impl fmt::Debug for ClientProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.map.iter()).finish()
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret {
            f.write_str(REDACTED)
        } else {
            fmt::Debug::fmt(&self.value, f)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_heartbeats_fit_the_session_and_leave_those_of_the_user_alone() {
        let of = |written: &[(&str, &str)]| {
            let mut properties = ClientProperties::new();
            CONSUMER_DEFAULTS
                .iter()
                .for_each(|default| properties.set(default.name, default.value));
            written
                .iter()
                .for_each(|(name, value)| properties.set(*name, *value));
            properties.fit_group_defaults();
            properties.get("heartbeat.interval.ms").map(str::to_owned)
        };
        assert_eq!(of(&[]).as_deref(), Some("500"));
        assert_eq!(of(&[("session.timeout.ms", "900")]).as_deref(), Some("300"));
        assert_eq!(
            of(&[("session.timeout.ms", "45000")]).as_deref(),
            Some("500")
        );
        let written = [
            ("session.timeout.ms", "1500"),
            ("heartbeat.interval.ms", "700"),
        ];
        assert_eq!(of(&written).as_deref(), Some("700"));
        assert_eq!(of(&[("group.protocol", "consumer")]), None);
    }

    #[test]
    fn the_last_word_on_a_property_counts_whichever_of_its_names_it_used() {
        let mut properties = ClientProperties::new();
        properties.set("message.timeout.ms", "5000");
        properties.set_default("delivery.timeout.ms", "120000");
        assert_eq!(
            properties.iter().collect::<Vec<_>>(),
            [("delivery.timeout.ms", "5000")]
        );
        properties.set("delivery.timeout.ms", "7000");
        assert_eq!(properties.get("message.timeout.ms"), Some("7000"));
        properties.remove("message.timeout.ms");
        assert_eq!(properties.iter().count(), 0);
    }
}
