use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
struct Note;

fn main() {}
