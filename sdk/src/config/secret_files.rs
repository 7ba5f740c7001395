//! Secrets that are files: `WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD_FILE=/run/secrets/kafka`.
//!
//! Containers are handed secrets as files, and a variable with `_FILE` behind its name says where.
//! Only for secrets: any other key may end with the word.

use std::fs;

use super::entry::Entry;
use super::error::{FileComplaint, Problem};
use super::origin::Origin;
use super::secret::is_secret;
use super::{keys, librdkafka};

/// The end of a variable's name whose value is the path of a file.
const SUFFIX: &str = "_file";

/// The key whose value stands in a file, if the key of this variable is that of one.
///
/// librdkafka has properties of its own that end so, such as
/// `sasl.oauthbearer.assertion.private.key.file`.
pub(crate) fn key_in_a_file(spelled: &str) -> Option<&str> {
    let property = keys::find(spelled).and_then(|found| found.property);
    let is_its_own = property.is_some_and(|name| librdkafka::find(&name).is_some());
    let stem = spelled
        .strip_suffix(SUFFIX)
        .filter(|stem| is_secret(stem))?;
    (!is_its_own).then_some(stem)
}

/// Reads the secret of `key` from the file that `variable` names.
pub(crate) fn read(key: String, variable: &str, path: &str) -> Result<Entry, Box<Problem>> {
    match fs::read_to_string(path) {
        Ok(text) => {
            // Editors and `echo` end a file with a line feed, which is no part of a password.
            let value = text.strip_suffix('\n').map_or(text.as_str(), |line| {
                line.strip_suffix('\r').unwrap_or(line)
            });
            Ok(Entry {
                key,
                value: value.to_owned(),
                origin: Origin::environment(variable),
            })
        }
        Err(error) => {
            // The path is not repeated: by mistake it may be the secret itself.
            let (path, reason) = (
                format!("the file that {variable} names"),
                error.kind().to_string(),
            );
            Err(Box::new(Problem::bare(
                FileComplaint::Unreadable { path, reason }.into(),
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_secret_is_in_a_file_and_never_a_property_that_ends_so() {
        for (spelled, stem) in [
            (
                "kafka_properties_sasl_password_file",
                Some("kafka_properties_sasl_password"),
            ),
            (
                "kafka_producer_properties_ssl_key_pem_file",
                Some("kafka_producer_properties_ssl_key_pem"),
            ),
            ("db_password_file", Some("db_password")),
            (
                "kafka_properties_sasl_oauthbearer_assertion_private_key_file",
                None,
            ),
            ("kafka_properties_sasl_username_file", None),
            ("shop_input_file", None),
        ] {
            assert_eq!(key_in_a_file(spelled), stem, "{spelled}");
        }
    }
}
