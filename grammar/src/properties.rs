//! Properties of librdkafka that users cannot set.

/// A property that Wellspring sets itself, since setting it by hand would break a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedProperty {
    /// The name of the property, as librdkafka spells it.
    pub name: &'static str,
    /// The reason why it cannot be set, or the setting to use instead.
    pub instead: &'static str,
}

const COMMITS: &str = "offsets are committed once the records before them are handled";

/// Properties that belong to Wellspring, under each of their names.
pub const OWNED: &[OwnedProperty] = &[
    owned(
        "group.id",
        "write `group = \"…\"` on the listener, or set listeners.<id>.group",
    ),
    owned(
        "bootstrap.servers",
        "set kafka.bootstrap-servers in the configuration",
    ),
    owned(
        "metadata.broker.list",
        "set kafka.bootstrap-servers in the configuration",
    ),
    owned("client.id", "set app.name in the configuration"),
    owned("enable.auto.commit", COMMITS),
    owned("auto.commit.enable", COMMITS),
    owned("enable.auto.offset.store", COMMITS),
    owned("enable.partition.eof", "the listener does not use it"),
];

const fn owned(name: &'static str, instead: &'static str) -> OwnedProperty {
    OwnedProperty { name, instead }
}

/// Returns why `property` cannot be set or what to set instead; `None` when it can be set.
#[must_use]
pub fn instead_of(property: &str) -> Option<&'static str> {
    let owned = OWNED.iter().find(|owned| owned.name == property)?;
    Some(owned.instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_of_wellspring_says_what_to_set_instead() {
        assert!(instead_of("group.id").is_some_and(|text| text.contains("listeners.<id>.group")));
        assert_eq!(instead_of("auto.commit.enable"), Some(COMMITS));
        assert_eq!(instead_of("fetch.min.bytes"), None);
    }
}
