use wellspring::prelude::*;

struct Note;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    async fn note(&self, note: &Note) -> SendResult;
}

fn main() {}
