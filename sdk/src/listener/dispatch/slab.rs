//! A table whose places are used again, so that the engine allocates nothing per record.

/// Values of type `T`, each under an index of type `I`.
#[derive(Debug)]
pub(super) struct Slab<I, T> {
    places: Vec<T>,
    free: Vec<I>,
}

impl<I: Copy + From<usize> + Into<usize>, T: Default> Slab<I, T> {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Returns the number of values.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Stores a value and returns its index.
    pub(super) fn insert(&mut self, value: T) -> I {
        match self.free.pop() {
            Some(index) => {
                *self.at_mut(index) = value;
                index
            }
            None => {
                self.places.push(value);
                I::from(self.places.len() - 1)
            }
        }
    }

    /// Takes the value out. Its index is used again.
    pub(super) fn remove(&mut self, index: I) -> T {
        self.free.push(index);
        std::mem::take(self.at_mut(index))
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an index comes from `insert`, and no place is ever removed"
    )]
    pub(super) fn at(&self, index: I) -> &T {
        &self.places[index.into()]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an index comes from `insert`, and no place is ever removed"
    )]
    pub(super) fn at_mut(&mut self, index: I) -> &mut T {
        &mut self.places[index.into()]
    }
}
