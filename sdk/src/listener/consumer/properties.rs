//! The client properties of a listener's consumers: what the user wrote, over what the engine
//! needs.

use crate::config::{CONSUMER_DEFAULTS, ClientProperties};
use crate::endpoint::ResolvedEndpoint;

/// Returns the properties of one consumer of a listener, by its number.
pub(super) fn consumer_properties(
    endpoint: &ResolvedEndpoint,
    mut properties: ClientProperties,
    member: usize,
) -> ClientProperties {
    properties.set("group.id", endpoint.group.as_str());
    // The engine commits, and only what is finished. If the client committed by itself, closing it
    // would commit records that have not been handled.
    for forced in ["enable.auto.commit", "enable.auto.offset.store"] {
        if properties.get(forced).is_some_and(|value| value != "false") {
            tracing::warn!(listener = %endpoint.id, "{forced} is ignored: the listener commits what is finished");
        }
        properties.set(forced, "false");
    }
    for default in CONSUMER_DEFAULTS {
        properties.set_default(default.name, default.value);
    }
    properties.fit_group_defaults();
    let consumers = endpoint.consuming.concurrency.get();
    properties.set_default(
        "queued.max.messages.kbytes",
        queue_kbytes(consumers).to_string(),
    );
    if consumers > 1 {
        // Each member is a client and, if it is a static member, an instance of its own.
        for name in ["client.id", "group.instance.id"] {
            if let Some(value) = properties
                .get(name)
                .map(|value| format!("{value}-{member}"))
            {
                properties.set(name, value);
            }
        }
    }
    properties
}

/// Returns the size of each consumer's queue in KiB. Together they hold what librdkafka gives to
/// one.
pub(crate) fn queue_kbytes(consumers: usize) -> usize {
    (65_536 / consumers).max(4096)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::testing::endpoint;

    #[test]
    fn what_loses_records_cannot_be_switched_on() {
        let mut written = ClientProperties::new();
        written.set("enable.auto.commit", "true");
        written.set("enable.auto.offset.store", "true");
        let properties = consumer_properties(&endpoint("g", || async {}), written, 0);
        assert_eq!(properties.get("enable.auto.commit"), Some("false"));
        assert_eq!(properties.get("enable.auto.offset.store"), Some("false"));
        assert_eq!(properties.get("auto.offset.reset"), Some("earliest"));
        assert_eq!(properties.get("fetch.queue.backoff.ms"), Some("10"));
    }
}
