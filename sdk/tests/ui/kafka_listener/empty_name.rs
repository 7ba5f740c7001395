use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "", id = " ")]
async fn note(_line: Text) {}

fn main() {}
