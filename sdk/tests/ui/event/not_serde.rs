use wellspring::prelude::*;

#[derive(Event)]
#[event(topic = "card.topups")]
struct TopUp {
    card: String,
}

fn main() {}
