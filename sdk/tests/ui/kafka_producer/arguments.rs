use wellspring::prelude::*;

#[kafka_producer(topic = "notes")]
trait Notes {
    #[send(topic = "notes")]
    async fn note(&self, line: &Text) -> SendResult;
}

fn main() {}
