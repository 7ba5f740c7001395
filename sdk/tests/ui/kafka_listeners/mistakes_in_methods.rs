use wellspring::prelude::*;

struct Notes;

#[kafka_listeners]
impl Notes {
    #[kafka_listener]
    async fn note(&self, _line: Text) {}

    #[kafka_listener(topic = "notes", group = "notes", ordering = "kye")]
    async fn other(&self, _line: Text) {}
}

fn main() {}
