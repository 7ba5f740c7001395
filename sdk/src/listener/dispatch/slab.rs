//! Numbered places that are used again, so that the engine allocates nothing per record.

/// Values that are reached by the number they were put in under.
#[derive(Debug)]
pub(super) struct Slab<T> {
    places: Vec<T>,
    free: Vec<usize>,
}

impl<T: Default> Slab<T> {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    /// How many values are in it.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Puts a value in and answers its number.
    pub(super) fn insert(&mut self, value: T) -> usize {
        match self.free.pop() {
            Some(number) => {
                *self.at_mut(number) = value;
                number
            }
            None => {
                self.places.push(value);
                self.places.len() - 1
            }
        }
    }

    /// Takes the value out; its number will be used again.
    pub(super) fn remove(&mut self, number: usize) -> T {
        self.free.push(number);
        std::mem::take(self.at_mut(number))
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "numbers come from insert and places are never removed"
    )]
    pub(super) fn at(&self, number: usize) -> &T {
        &self.places[number]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "numbers come from insert and places are never removed"
    )]
    pub(super) fn at_mut(&mut self, number: usize) -> &mut T {
        &mut self.places[number]
    }
}
