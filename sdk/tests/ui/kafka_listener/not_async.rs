use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
fn note(_line: Text) {}

fn main() {}
