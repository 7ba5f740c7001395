//! The tables of settings: name, values, default, description.
//!
//! Names and defaults are Kafka's, with two exceptions: `group.initial.rebalance.delay.ms` has
//! another default, and `message.max.decompressed.bytes` is a name of ours. A setting is listed
//! when it has an effect here, or when services and their tools set it and nothing that they see
//! depends on it; its text then says that it has no effect, and why.

mod key;
mod broker;
mod network;
mod log;
mod group;
mod topic;

use std::sync::LazyLock;

pub(crate) use key::Key;
pub(crate) use topic::{TOPIC_KEYS, TopicKey};

/// Every setting of the broker, by name: the order in which they are described to a client.
pub(crate) static BROKER_KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = [broker::KEYS, network::KEYS, log::KEYS, group::KEYS].concat();
    keys.sort_by_key(|key| key.name);
    keys
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_possible_value_and_every_key_is_explained() {
        for key in BROKER_KEYS
            .iter()
            .chain(TOPIC_KEYS.iter().map(|topic| &topic.key))
        {
            if let Some(default) = key.default {
                assert!(key.rule.allows(default), "{}={default}", key.name);
            }
            assert!(key.doc.ends_with('.'), "{}", key.name);
        }
    }

    #[test]
    fn keys_are_in_order_and_every_topic_key_falls_back_to_a_broker_key() {
        for table in [broker::KEYS, network::KEYS, log::KEYS, group::KEYS] {
            assert!(table.is_sorted_by_key(|key| key.name));
        }
        assert!(BROKER_KEYS.is_sorted_by(|one, next| one.name < next.name));
        assert!(TOPIC_KEYS.is_sorted_by_key(|topic| topic.key.name));
        for topic in TOPIC_KEYS {
            let Some(broker) = topic.broker else { continue };
            assert!(BROKER_KEYS.iter().any(|key| key.name == broker), "{broker}");
        }
    }
}
