//! Settings that have been checked, read by type.

use std::time::Duration;

use super::keys::{BROKER_KEYS, Key};
use super::settings::Settings;

/// Reads settings that have been checked. A value that has not been is read as if it were small.
pub(super) struct Checked<'a>(pub(super) &'a Settings);

impl Checked<'_> {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let default = || {
            BROKER_KEYS
                .iter()
                .find(|known| known.name == key)
                .and_then(|Key { default, .. }| *default)
        };
        self.0.get(key).or_else(default)
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }

    pub(super) fn count(&self, key: &str) -> i32 {
        self.number(key)
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or_default()
    }

    pub(super) fn size(&self, key: &str) -> usize {
        self.number(key)
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or_default()
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.text(key)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    pub(super) fn millis(&self, key: &str) -> Duration {
        Duration::from_millis(
            self.number(key)
                .and_then(|number| u64::try_from(number).ok())
                .unwrap_or_default(),
        )
    }

    pub(super) fn minutes(&self, key: &str) -> Duration {
        Duration::from_secs(60 * u64::try_from(self.count(key)).unwrap_or_default())
    }
}
