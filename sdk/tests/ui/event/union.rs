use wellspring::prelude::*;

#[derive(Event)]
#[event(topic = "card.topups")]
union TopUp {
    card: u32,
}

fn main() {}
