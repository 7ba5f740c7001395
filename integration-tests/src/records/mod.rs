//! Records to produce and to compare with: awkward ones by hand, many by a seed.

pub mod line;

use rdkafka::Message;
use rdkafka::message::{Header, Headers as _, OwnedHeaders};

/// The contents of a record, apart from its position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The key; `None` is null, which is not the same as empty.
    pub key: Option<Vec<u8>>,
    /// The value; `None` is null, a tombstone on a compacted topic.
    pub value: Option<Vec<u8>>,
    /// Names may repeat, values may be null, and the order counts.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    /// A record with a key and a value.
    pub fn new(key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            key: Some(key.into()),
            value: Some(value.into()),
            headers: Vec::new(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: Option<&[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.map(<[u8]>::to_vec)));
        self
    }

    /// The headers as the client wants them.
    #[must_use]
    pub fn client_headers(&self) -> OwnedHeaders {
        self.headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (name, value)| {
                headers.insert(Header {
                    key: name,
                    value: value.as_deref(),
                })
            })
    }

    /// Copies a record that a client received.
    #[must_use]
    pub fn of(message: &impl Message) -> Self {
        let headers = message
            .headers()
            .into_iter()
            .flat_map(|headers| headers.iter());
        Self {
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers
                .map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
                .collect(),
        }
    }
}

/// One record of every shape that a client, a codec or a broker has ever got wrong.
#[must_use]
pub fn awkward() -> Vec<Record> {
    let plain = || Record::new("key", "value");
    vec![
        plain(),
        Record {
            key: None,
            ..plain()
        },
        Record {
            value: None,
            ..plain()
        },
        Record {
            key: None,
            value: None,
            headers: Vec::new(),
        },
        Record::new("", ""),
        Record {
            key: None,
            ..Record::new("", "")
        },
        Record::new([0, 255, 10, 13], [0xC3, 0x28, 0]),
        Record::new("schlüssel", "große Grüße, 你好, 🦀"),
        plain()
            .header("trace", Some(b"1"))
            .header("trace", Some(b"2"))
            .header("trace", Some(b"1")),
        plain()
            .header("null", None)
            .header("empty", Some(b""))
            .header("", Some(b"no name")),
        plain().header("kopfzeile-ü", Some(&[0, 159, 146, 150])),
        Record {
            value: None,
            ..plain().header("why", Some(b"tombstone with a header"))
        },
    ]
}

/// Numbers from a seed: the same ones on every machine and in every run.
#[derive(Debug, Clone)]
pub struct Seeded {
    state: u64,
}

impl Seeded {
    /// A stream of numbers of its own for each seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, by Steele, Lea and Flood's SplitMix64.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// That many bytes, which no codec can make smaller.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.number().to_le_bytes())
            .flatten()
            .take(length)
            .collect()
    }

    /// Records whose values tell them apart, spread over that many keys.
    pub fn keyed(&mut self, count: usize, keys: u64) -> Vec<Record> {
        (0..count)
            .map(|nth| {
                Record::new(
                    format!("key-{}", self.number() % keys.max(1)),
                    format!("value-{nth}"),
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_records_every_time() {
        assert_eq!(Seeded::new(7).keyed(20, 3), Seeded::new(7).keyed(20, 3));
        assert_ne!(Seeded::new(7).bytes(32), Seeded::new(8).bytes(32));
    }

    #[test]
    fn bytes_are_as_many_as_asked_for() {
        assert_eq!(Seeded::new(1).bytes(13).len(), 13);
    }
}
