use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    const TOPIC: &'static str;
    type Line;
}

fn main() {}
