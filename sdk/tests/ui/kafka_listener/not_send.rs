use std::rc::Rc;

use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(Text(_line): Text) {
    let count = Rc::new(1);
    std::future::ready(()).await;
    drop(count);
}

fn main() {}
