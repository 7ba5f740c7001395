use wellspring::prelude::*;

#[kafka_listener(topic = "${notes", group = "${}", retry = "${:none}", properties("client.rack" = "${rack"))]
async fn note(_line: Text) {}

fn main() {}
