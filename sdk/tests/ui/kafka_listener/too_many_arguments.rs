use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_1: Text, _2: Text, _3: Text, _4: Text, _5: Text, _6: Text, _7: Text, _8: Text, _9: Text) {}

fn main() {}
