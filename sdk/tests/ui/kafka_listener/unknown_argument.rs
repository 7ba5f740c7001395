use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", wrokers = 2, timeout = "1s")]
async fn note(_line: Text) {}

fn main() {}
