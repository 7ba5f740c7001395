//! Values that nobody may read in a log.

use std::fmt;

/// What is printed in place of a secret.
pub(crate) const REDACTED: &str = "<redacted>";

/// Words that make the name of a setting the name of a secret.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passphrase",
    "passwd",
    "secret",
    "token",
    "credential",
    "private",
    "apikey",
    "api.key",
    "sasl.jaas",
    "sasl.oauthbearer.config",
    "ssl.key.pem",
];

/// A text whose `Debug` and `Display` print nothing of it.
///
/// ```
/// use wellspring::config::Secret;
///
/// let password = Secret::new("hunter2");
/// assert_eq!(format!("{password} {password:?}"), "<redacted> <redacted>");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Keep it out of logs and errors.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Whether a setting of this name holds a secret: `…password…`, `…secret…`, `…token…`, `sasl.jaas…`,
/// `ssl.key.pem` and their like. Separators and upper case do not matter.
///
/// ```
/// use wellspring::config::is_secret;
///
/// assert!(is_secret("kafka.properties.sasl.password"));
/// assert!(is_secret("DATABASE_PASSWORD"));
/// assert!(!is_secret("kafka.properties.sasl.username"));
/// ```
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace(['_', '-'], ".");
    SECRET_WORDS.iter().any(|word| name.contains(word))
}
