use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
enum TopUp {
    Cash { card: String },
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.refunds")]
enum Refund {
    Cash {
        #[key]
        card: String,
    },
}

fn main() {}
