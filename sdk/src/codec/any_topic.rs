//! Events from other topics than their own.

use std::ops::Deref;

use bytes::Bytes;

use super::{Decode, DecodeError, Event};

/// An event that is read from any topic: from dead letters in a topic with a name of its own, or
/// from several topics at once. It is decoded as the event is.
///
/// ```
/// use wellspring::codec::AnyTopic;
/// use wellspring::prelude::*;
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(topic = "orders", key = "id")]
/// struct Order { id: String }
///
/// #[kafka_listener(topics = ["orders.parked", "orders.replayed"], group = "support")]
/// async fn look(AnyTopic(order): AnyTopic<Order>, #[header("kafka_dlt-exception-message")] why: Option<String>) {
///     println!("{}: {why:?}", order.id);
/// }
///
/// /// The event itself can be read from its topic, and from that of its dead letters.
/// #[kafka_listener(topic = "orders-dlt", group = "support")]
/// async fn look_again(order: Order) {
///     println!("{}", order.id);
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AnyTopic<E>(pub E);

impl<E: Event> Decode for AnyTopic<E> {
    fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        Event::decode(&payload).map(Self)
    }
}

impl<E> Deref for AnyTopic<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0
    }
}
