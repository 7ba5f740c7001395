use wellspring::prelude::*;

#[kafka_listener(topic = "a topic", workers = 0, ordering = "kye", retries = 3)]
fn note(_line: &str) {}

// The function is there, whatever its attribute says.
fn call() {
    note("a line");
}

fn main() {}
