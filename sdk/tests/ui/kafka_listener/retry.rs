use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", retry = "3 times")]
async fn note(_line: Text) {}

#[kafka_listener(topic = "notes", group = "notes", retry = "3 x 200")]
async fn other(_line: Text) {}

fn main() {}
