use wellspring::prelude::*;

struct Notes;

impl Notes {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text) {}
}

fn main() {}
