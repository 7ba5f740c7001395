use wellspring::prelude::*;

struct Notes;

#[kafka_listeners]
impl Notes {
    async fn note(&self, _line: Text) {}
}

fn main() {}
