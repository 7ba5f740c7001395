use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    async fn note(&self, #[partition] _partition: i32, #[timestamp] _at: i64, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn other(&self, #[partition] _partition: &wellspring::types::PartitionId, line: &Text) -> SendResult;
}

fn main() {}
