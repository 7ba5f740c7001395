//! The configuration once it is read and checked.

use std::fmt;

use wellspring_grammar::nearest::distance;

use super::app_section::{ActuatorSection, AppSection, ProducerSection, addresses};
use super::check::{Rules, check, nearest_key};
use super::conflicts::{ClientKind, Conflict, conflicts};
use super::defaults::{ADMIN_DEFAULTS, CONSUMER_DEFAULTS, ClientDefault, PRODUCER_DEFAULTS};
use super::entry::{Entry, canonical};
use super::environment::{ALIASES, Environment, PREFIX};
use super::error::{Complaint, ConfigError, Problem, PropertyComplaint};
use super::keys::KEYS;
use super::librdkafka::{self, Scope};
use super::listener_section::ListenerSection;
use super::origin::Origin;
use super::placeholder::Resolver;
use super::properties::ClientProperties;
use super::raw::Raw;
use super::value::{Resolved, Values};

/// A configuration that is right in itself: every value has the type and range its key asks for.
///
/// Printing it (`Display`) lists what is set and where it was written, without secrets.
#[derive(Clone)]
pub struct Config {
    rules: Rules,
    environment: Environment,
    raw: Raw,
    values: Values,
}

impl Config {
    pub(crate) const fn new(
        rules: Rules,
        environment: Environment,
        raw: Raw,
        values: Values,
    ) -> Self {
        Self {
            rules,
            environment,
            raw,
            values,
        }
    }

    /// The same with these settings from code on top, and all of it checked again.
    pub(crate) fn and_set(mut self, settings: Vec<Entry>) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        for entry in settings {
            problems.extend(self.raw.push(entry).err().map(|problem| *problem));
        }
        let (values, found) = check(self.rules, &self.raw, &self.environment);
        problems.extend(found);
        ConfigError::check(problems)?;
        Ok(Self { values, ..self })
    }

    /// Replaces the `${placeholders}` of a text.
    ///
    /// # Errors
    /// When one of them does not resolve.
    pub fn resolve(&self, text: &str) -> Result<String, ConfigError> {
        self.expand(text)
            .map_err(|complaint| ConfigError::of(Problem::with_value("text", text, complaint)))
    }

    /// The same for the value of `key`: a secret is taken as it is.
    pub(crate) fn expand_value(&self, key: &str, text: &str) -> Result<String, Complaint> {
        let resolver = Resolver {
            raw: &self.raw,
            environment: &self.environment,
        };
        Ok(resolver.expand_value(key, text)?.text)
    }

    /// Whether a setting goes into this text, and not the defaults of its placeholders alone.
    pub(crate) fn configures(&self, text: &str) -> bool {
        let resolver = Resolver {
            raw: &self.raw,
            environment: &self.environment,
        };
        resolver
            .expand(text)
            .is_ok_and(|expanded| expanded.configured)
    }

    pub(crate) fn expand(&self, text: &str) -> Result<String, Complaint> {
        let resolver = Resolver {
            raw: &self.raw,
            environment: &self.environment,
        };
        Ok(resolver.expand(text)?.text)
    }

    /// The value of a key in any spelling, placeholders replaced; `None` when nothing sets it.
    /// Defaults are in the sections.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.values.get(&canonical(key)).map(Resolved::text)
    }

    /// Returns the place where the value of a key was written; `None` if nothing sets it.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.values
            .get(&canonical(key))
            .map(|resolved| &resolved.origin)
    }

    /// Whether any layer sets this key.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        self.values.contains_key(&canonical(key))
    }

    /// `app.*`.
    #[must_use]
    pub fn app(&self) -> AppSection {
        AppSection::of(&self.values)
    }

    /// `actuator.*`.
    #[must_use]
    pub fn actuator(&self) -> ActuatorSection {
        ActuatorSection::of(&self.values)
    }

    /// `kafka.producer.*`, without the properties of the client.
    #[must_use]
    pub fn producer(&self) -> ProducerSection {
        ProducerSection::of(&self.values)
    }

    /// `listeners.<id>.*`.
    #[must_use]
    pub fn listener(&self, id: &str) -> ListenerSection {
        ListenerSection::of(&self.values, id)
    }

    /// The ids that have settings, each once.
    #[must_use]
    pub fn listener_ids(&self) -> Vec<&str> {
        let ids = self
            .values
            .values()
            .filter_map(|resolved| resolved.found.as_ref()?.id.as_deref());
        let mut ids: Vec<&str> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// `kafka.bootstrap-servers` as `host:port`, separated by commas, or `localhost:9092`.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        addresses(&self.values).map_or_else(|| "localhost:9092".to_owned(), ToString::to_string)
    }

    /// The properties of the consumers of a listener: defaults, then `kafka.properties.*`,
    /// `kafka.consumer.properties.*` and `listeners.<id>.properties.*`. The group is the listener's
    /// own matter.
    #[must_use]
    pub fn consumer_properties(&self, listener_id: &str) -> ClientProperties {
        let own = format!("listeners.{listener_id}.properties.*");
        let mut properties = self.properties(
            &["kafka.consumer.properties.*", &own],
            Scope::Consumer,
            CONSUMER_DEFAULTS,
        );
        properties.fit_group_defaults();
        properties
    }

    /// The properties of the producer: defaults, then `kafka.properties.*` and
    /// `kafka.producer.properties.*`.
    #[must_use]
    pub fn producer_properties(&self) -> ClientProperties {
        self.properties(
            &["kafka.producer.properties.*"],
            Scope::Producer,
            PRODUCER_DEFAULTS,
        )
    }

    /// The properties of the client that creates topics: `kafka.properties.*` and
    /// `kafka.admin.properties.*`.
    #[must_use]
    pub fn admin_properties(&self) -> ClientProperties {
        self.properties(&["kafka.admin.properties.*"], Scope::Both, ADMIN_DEFAULTS)
    }

    fn properties(
        &self,
        patterns: &[&str],
        scope: Scope,
        defaults: &[ClientDefault],
    ) -> ClientProperties {
        let mut properties = ClientProperties::new();
        for ClientDefault { name, value, .. } in defaults {
            properties.set(*name, *value);
        }
        properties.set("bootstrap.servers", self.bootstrap_servers());
        if let Some(protocol) = addresses(&self.values).and_then(|addresses| addresses.protocol) {
            properties.set("security.protocol", protocol);
        }
        properties.set("client.id", self.app().name);
        // Two names of one property are two settings: the later layer has the last word.
        let mut written: Vec<_> = self.values.values().collect();
        written.sort_by_key(|resolved| resolved.origin.layer());
        for pattern in ["kafka.properties.*"].iter().chain(patterns) {
            for resolved in &written {
                let Some(found) = &resolved.found else {
                    continue;
                };
                let Some(property) = found.property.as_deref() else {
                    continue;
                };
                let wanted = pattern.replace('*', property);
                if canonical(&found.name()) != canonical(&wanted) {
                    continue;
                }
                // Set for all clients, it goes to those that know it.
                let known = librdkafka::find(property).map_or(Scope::Both, |(_, scope)| scope);
                if *pattern == "kafka.properties.*" && known != Scope::Both && known != scope {
                    continue;
                }
                properties.set_written(
                    property,
                    resolved.text(),
                    resolved.secret,
                    &resolved.key,
                    &resolved.origin,
                );
            }
        }
        properties
    }

    /// The settings that a producer which was made with the `earlier` configuration does not know
    /// of.
    pub(crate) fn too_late_for_a_producer_of(&self, earlier: &Self) -> Vec<Problem> {
        let (before, now) = (earlier.producer_properties(), self.producer_properties());
        let is_new = |name: &str, value: &str| before.get(name) != Some(value);
        let mut keys: Vec<&str> = Vec::new();
        for (name, _) in now.iter().filter(|(name, value)| is_new(name, value)) {
            let written = now.property(name).and_then(|property| property.written());
            keys.push(match (written, name) {
                (Some((key, _)), _) => key,
                (None, "client.id") => "app.name",
                (None, _) => "kafka.bootstrap-servers",
            });
        }
        if earlier.producer() != self.producer() {
            keys.extend(["kafka.producer.buffer-memory", "kafka.producer.max-block"]);
        }
        keys.dedup();
        let changed = keys
            .into_iter()
            .filter(|key| earlier.get(key) != self.get(key));
        changed
            .filter_map(|key| {
                Some(
                    self.values
                        .get(&canonical(key))?
                        .problem(Complaint::TooLate),
                )
            })
            .collect()
    }

    /// The problem of a property that librdkafka refused, with the setting that it came from.
    #[must_use]
    pub fn refused(&self, properties: &ClientProperties, name: &str, reason: &str) -> Problem {
        let unknown = librdkafka::find(name).is_none();
        let nearest = if unknown {
            librdkafka::nearest(name).map(str::to_owned)
        } else {
            None
        };
        let complaint = PropertyComplaint::Refused {
            reason: reason.to_owned(),
            nearest,
        };
        Self::about(properties, name, complaint.into())
    }

    /// Returns the properties of a client that exclude each other, each with the setting that it
    /// came from.
    pub(crate) fn conflicts(kind: ClientKind, properties: &ClientProperties) -> Vec<Problem> {
        let about = |Conflict { property, reason }| {
            Self::about(
                properties,
                property,
                PropertyComplaint::Conflict { reason }.into(),
            )
        };
        conflicts(kind, properties).into_iter().map(about).collect()
    }

    /// A problem with a property, wherever it was written.
    fn about(properties: &ClientProperties, name: &str, complaint: Complaint) -> Problem {
        let Some(property) = properties.property(name) else {
            return Problem::with_value(name, "", complaint);
        };
        let key = property.written().map_or(name, |(key, _)| key);
        let problem = if property.is_secret() {
            Problem::hidden(key, complaint)
        } else {
            Problem::with_value(key, property.value(), complaint)
        };
        match property.written() {
            Some((_, origin)) => problem.at(origin.clone()),
            None => problem,
        }
    }

    /// Keys of the application's own that look like a typing mistake in one of Wellspring's.
    #[must_use]
    pub fn suspects(&self) -> Vec<Problem> {
        let free = self
            .values
            .values()
            .filter(|resolved| resolved.found.is_none());
        free.filter_map(|resolved| {
            let is_near = |key: &str| distance(&canonical(key), &canonical(&resolved.key)) <= 2;
            let short = ALIASES.iter().find(|(variable, _)| {
                variable
                    .strip_prefix(PREFIX)
                    .is_some_and(|short| is_near(&short.to_lowercase()))
            });
            let nearest = match short {
                Some((_, key)) => (*key).to_owned(),
                None => nearest_key(&resolved.key).filter(|key| is_near(key))?,
            };
            Some(resolved.problem(Complaint::UnknownKey {
                nearest: Some(nearest),
            }))
        })
        .collect()
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for resolved in self.values.values() {
            writeln!(
                f,
                "{} = {} ({})",
                resolved.key,
                resolved.printable(),
                resolved.origin
            )?;
        }
        let unset = KEYS
            .iter()
            .filter(|key| !key.name.contains(['*', '<']) && !self.is_set(key.name));
        for key in unset {
            writeln!(
                f,
                "{} = {} (default)",
                key.name,
                key.default.unwrap_or("not set")
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("settings", &self.to_string())
            .finish()
    }
}
