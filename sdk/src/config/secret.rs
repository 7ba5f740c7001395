//! Values that nobody may read in a log.

use wellspring_grammar::nearest::distance;

/// The text in the place of a secret.
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

/// Texts that make a value a secret, whatever its key is called: a private key, and configurations
/// that hold a password.
const SECRET_VALUES: &[&str] = &[
    "privatekey-----",
    "loginmodule",
    "password=",
    "passwd=",
    "secret=",
    "token=",
    "accesskey=",
];

/// Whether a setting of this name holds a secret: `…password…`, `…secret…`, `…token…`,
/// `sasl.jaas…`, `ssl.key.pem` and their like. Separators and upper case do not matter.
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

/// Whether a setting may hold a secret, for whoever prints it: by the name of its key, also one
/// that is misspelt by a letter, or by what stands in its value.
pub(crate) fn may_be_secret(key: &str, value: &str) -> bool {
    let value = value.to_lowercase().replace(' ', "");
    is_meant_as_secret(key) || SECRET_VALUES.iter().any(|mark| value.contains(mark))
}

/// Whether a setting of this name holds a secret, or of a name that is misspelt by a letter or two.
pub(crate) fn is_meant_as_secret(key: &str) -> bool {
    is_secret(key) || is_nearly_secret(key)
}

/// The value of a setting as it may be printed: nothing of a secret, and no user and password of an
/// address.
pub(crate) fn printable(key: &str, value: &str) -> String {
    if may_be_secret(key, value) {
        REDACTED.to_owned()
    } else {
        without_credentials(value)
    }
}

/// Whether a part of the name is a letter or two away from a word that makes it a secret's.
fn is_nearly_secret(key: &str) -> bool {
    let letters: Vec<char> = key
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    // A short word is one letter away from too many others.
    let words = SECRET_WORDS
        .iter()
        .map(|word| word.replace('.', ""))
        .filter(|word| word.len() > 5);
    words.into_iter().any(|word| {
        let near = if word.len() < 8 { 1 } else { 2 };
        (word.len() - near..=word.len() + near).any(|size| {
            letters
                .windows(size)
                .any(|part| distance(&part.iter().collect::<String>(), &word) <= near)
        })
    })
}

/// The text with a user and password in front of an `@` left out, as addresses have them. A
/// password may hold any character, so it ends at the last `@` there is.
fn without_credentials(text: &str) -> String {
    let Some((before, host)) = text.rsplit_once('@') else {
        return text.to_owned();
    };
    match before.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://{REDACTED}@{host}"),
        None if before.contains(':') => format!("{REDACTED}@{host}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_secret_is_not_printed() {
        for key in [
            "sasl.pasword",
            "sasl.passwort",
            "ssl.key.passwrod",
            "db.pass-phrase",
            "api.sekret",
            "ssl.key.pen",
        ] {
            assert_eq!(
                printable(&format!("kafka.properties.{key}"), "hunter2"),
                REDACTED,
                "{key}"
            );
        }
    }

    #[test]
    fn a_value_may_be_a_secret_whatever_its_key() {
        let jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"hunter2\";";
        let pem =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2\n-----END ENCRYPTED PRIVATE KEY-----";
        for value in [
            jaas,
            pem,
            "Endpoint=sb://x/;SharedAccessKey=hunter2",
            "user=a;password = hunter2",
        ] {
            assert_eq!(printable("my.setting", value), REDACTED, "{value}");
        }
        for (value, shown) in [
            ("pg://app:hunter2@db:5432/x", "pg://<redacted>@db:5432/x"),
            (
                "SSL://u:hun,t@er2@a:1,SSL://u:hunter2@b:2",
                "SSL://<redacted>@b:2",
            ),
            ("user:hunter2@a:9092", "<redacted>@a:9092"),
            ("someone@example.org", "someone@example.org"),
        ] {
            assert_eq!(printable("my.setting", value), shown);
        }
    }
}
