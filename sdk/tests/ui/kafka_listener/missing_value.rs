use wellspring::prelude::*;

#[kafka_listener(topic, group = , workers(2), properties = "x")]
async fn note(_line: Text) {}

fn main() {}
