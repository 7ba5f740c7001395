use wellspring::prelude::*;

#[kafka_producer]
struct Notes;

fn main() {}
