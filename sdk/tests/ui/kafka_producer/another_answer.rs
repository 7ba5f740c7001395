use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    async fn note(&self, line: &Text) -> u32;

    #[send(topic = "notes")]
    async fn told(&self, line: &Text) -> Result<(), SendError>;
}

fn main() {}
