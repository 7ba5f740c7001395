use wellspring::prelude::*;

struct Notes;

#[kafka_listeners(group = "notes")]
impl Notes {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text) {}
}

fn main() {}
