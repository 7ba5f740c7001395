use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", group = "others")]
async fn note(_line: Text) {}

fn main() {}
