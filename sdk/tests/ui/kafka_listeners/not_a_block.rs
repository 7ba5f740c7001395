use wellspring::prelude::*;

#[wellspring::kafka_listeners]
async fn note(_line: Text) {}

fn main() {}
