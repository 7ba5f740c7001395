use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    async fn note(&self, line: &Text) -> SendResult;
}

fn main() {}
