use wellspring::prelude::*;

#[kafka_listener(topics = ["card topups", "", ".."], group = "notes", dead_letter = "notes/dlt")]
async fn note(_line: Text) {}

fn main() {}
