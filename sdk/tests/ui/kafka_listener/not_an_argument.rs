use wellspring::prelude::*;

#[kafka_listener("notes", group = "notes" "others", workers 2, properties("a" = "b") id = "notes")]
async fn note(_line: Text) {}

fn main() {}
