//! Properties of clients: which level wins, and what Wellspring sets itself.

use super::*;

#[test]
fn listener_properties_override_consumer_properties_which_override_those_of_all_clients() {
    let config = Loader::new()
        .set("kafka.properties.socket.keepalive.enable", "true")
        .set("kafka.properties.fetch.min.bytes", "1")
        .set("kafka.consumer.properties.fetch.min.bytes", "2")
        .set("listeners.credit.properties.fetch.min.bytes", "3")
        .set("kafka.producer.properties.linger.ms", "7")
        .load()
        .unwrap();
    let consumer = |id: &str| {
        config
            .consumer_properties(id)
            .get("fetch.min.bytes")
            .map(str::to_owned)
    };
    assert_eq!(consumer("credit").as_deref(), Some("3"));
    assert_eq!(consumer("other").as_deref(), Some("2"));
    let producer = config.producer_properties();
    assert_eq!(producer.get("socket.keepalive.enable"), Some("true"));
    assert_eq!(producer.get("linger.ms"), Some("7"));
    assert_eq!(
        producer.get("fetch.min.bytes"),
        None,
        "a consumer's property is none of the producer's"
    );
    assert_eq!(config.consumer_properties("credit").get("linger.ms"), None);
}

#[test]
fn the_later_layer_wins_whichever_name_of_a_property_it_uses() {
    let names = ["message.timeout.ms", "delivery.timeout.ms"];
    for [in_environment, in_code] in [names, [names[1], names[0]]] {
        let variable = in_environment.to_uppercase().replace('.', "_");
        let config = Loader::new()
            .environment([(
                format!("WELLSPRING_KAFKA_PRODUCER_PROPERTIES_{variable}"),
                "1000".to_owned(),
            )])
            .set(format!("kafka.producer.properties.{in_code}"), "2000")
            .load()
            .unwrap();
        assert_eq!(
            config.producer_properties().get("delivery.timeout.ms"),
            Some("2000"),
            "{in_code}"
        );
    }
}

#[test]
fn defaults_hold_until_they_are_overridden() {
    let config = Loader::new().load().unwrap();
    assert_eq!(
        config.consumer_properties("a").get("auto.offset.reset"),
        Some("earliest")
    );
    assert_eq!(config.producer_properties().get("acks"), Some("all"));
    let config = Loader::new()
        .set("kafka.consumer.properties.auto.offset.reset", "latest")
        .load()
        .unwrap();
    assert_eq!(
        config.consumer_properties("a").get("auto.offset.reset"),
        Some("latest")
    );
}

#[test]
fn the_consumer_protocol_takes_away_the_assignor_of_the_classic_one() {
    let config = Loader::new()
        .set("kafka.consumer.properties.group.protocol", "consumer")
        .load()
        .unwrap();
    assert_eq!(
        config
            .consumer_properties("a")
            .get("partition.assignment.strategy"),
        None
    );
}

#[test]
fn any_property_passes_through_in_any_spelling() {
    let config = Loader::new()
        .environment([("WELLSPRING_KAFKA_PROPERTIES_SOCKET_NAGLE_DISABLE", "true")])
        .set("kafka.properties.brand.new_property", "1")
        .load()
        .unwrap();
    let properties = config.admin_properties();
    assert_eq!(properties.get("socket.nagle.disable"), Some("true"));
    assert_eq!(properties.get("brand.new_property"), Some("1"));
}
