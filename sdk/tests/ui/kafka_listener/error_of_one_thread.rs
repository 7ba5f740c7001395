use std::error::Error;

use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_line: Text) -> Result<(), Box<dyn Error>> {
    Ok(())
}

fn main() {}
