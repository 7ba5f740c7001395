//! The latest image that this node knows.

use std::sync::{Arc, PoisonError, RwLock};

use super::Image;

/// Holds the latest [`Image`]. Readers take it and never wait for a change that is being made.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache {
    /// Guards the pointer to the image; held to copy or to replace it.
    image: RwLock<Arc<Image>>,
}

impl MetadataCache {
    /// Returns the latest image.
    pub(crate) fn image(&self) -> Arc<Image> {
        Arc::clone(&self.image.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the image.
    pub(crate) fn publish(&self, image: Image) {
        *self.image.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(image);
    }
}
