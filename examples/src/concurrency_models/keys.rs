//! The keys of the records, drawn from a distribution with a fixed seed.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand_distr::{Distribution as _, Uniform, Zipf};

use super::cell::Keys;
use super::payload::Stamp;

/// Draws keys, and counts the records of each.
#[derive(Debug)]
pub struct KeySource {
    random: StdRng,
    distribution: Distribution,
    places: Vec<u32>,
}

#[derive(Debug)]
enum Distribution {
    Uniform(Uniform<u32>),
    Zipf(Zipf<f64>),
}

/// Exponent of Zipf's law.
const EXPONENT: f64 = 0.8;

impl KeySource {
    /// A source of `keys`. The same seed gives the same keys.
    ///
    /// # Errors
    /// When the distribution cannot be.
    pub fn new(keys: Keys, seed: u64) -> wellspring::Result<Self> {
        let distribution = match keys {
            Keys::Uniform | Keys::Few => Distribution::Uniform(Uniform::new(0, keys.count())?),
            Keys::Skewed => Distribution::Zipf(Zipf::new(f64::from(keys.count()), EXPONENT)?),
        };
        let places = (0..keys.count()).map(|_| 0).collect();
        Ok(Self {
            random: StdRng::seed_from_u64(seed),
            distribution,
            places,
        })
    }

    /// Returns the stamp of the next record, which is sent at `sent`.
    pub fn next_stamp(&mut self, sent: u64) -> Stamp {
        let key = self.draw();
        let place = usize::try_from(key)
            .ok()
            .and_then(|at| self.places.get_mut(at));
        let place = place.map_or(0, |next| {
            let place = *next;
            *next += 1;
            place
        });
        Stamp { sent, key, place }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Zipf draws whole numbers from 1 to the count of keys"
    )]
    fn draw(&mut self) -> u32 {
        match &self.distribution {
            Distribution::Uniform(uniform) => uniform.sample(&mut self.random),
            Distribution::Zipf(zipf) => zipf.sample(&mut self.random) as u32 - 1,
        }
    }
}

/// The bytes of a key.
#[must_use]
pub fn name(key: u32) -> String {
    format!("key-{key:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each key comes in `draws`.
    fn counts(keys: Keys, draws: u32) -> Vec<u32> {
        let mut source = KeySource::new(keys, 7).unwrap();
        let mut counts = vec![0; keys.count() as usize];
        for _ in 0..draws {
            let stamp = source.next_stamp(0);
            assert_eq!(stamp.place, counts[stamp.key as usize]);
            counts[stamp.key as usize] += 1;
        }
        counts
    }

    #[test]
    fn skewed_keys_have_a_most_frequent_one() {
        let counts = counts(Keys::Skewed, 100_000);
        assert!((1_900..2_600).contains(&counts[0]), "{}", counts[0]);
    }

    #[test]
    fn few_keys_are_alike() {
        let counts = counts(Keys::Few, 16_000);
        assert!(
            counts.iter().all(|count| (800..1_200).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_keys() {
        let draw = |seed| -> Vec<u32> {
            let mut source = KeySource::new(Keys::Uniform, seed).unwrap();
            (0..100).map(|_| source.next_stamp(0).key).collect()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
