use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    async fn note(&self, line: &Text) -> u32;
}

fn main() {}
