use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups")]
struct TopUp<T> {
    card: T,
}

fn main() {}
