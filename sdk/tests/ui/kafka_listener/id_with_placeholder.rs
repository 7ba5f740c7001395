use wellspring::prelude::*;

#[kafka_listener(topic = "notes", id = "${id:notes}")]
async fn note(_line: Text) {}

fn main() {}
