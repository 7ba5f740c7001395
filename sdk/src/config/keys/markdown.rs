//! The keys as the documentation shows them.

use super::key::Key;
use super::table::KEYS;
use crate::config::defaults::{
    ADMIN_DEFAULTS, CONSUMER_DEFAULTS, ClientDefault, PRODUCER_DEFAULTS,
};

/// The table of settings and defaults as markdown, for the documentation and the README.
#[must_use]
pub fn defaults_table() -> String {
    let mut table =
        String::from("| setting | default | value | meaning |\n| --- | --- | --- | --- |\n");
    for Key {
        name,
        kind,
        default,
        doc,
    } in KEYS
    {
        let default = default.map_or_else(|| "–".to_owned(), |text| format!("`{text}`"));
        table.push_str(&format!("| `{name}` | {default} | {kind} | {doc} |\n"));
    }
    table.push_str(
        "\nLibrdkafka properties that Wellspring sets otherwise than librdkafka does:\n\n",
    );
    table.push_str("| client | property | value | why |\n| --- | --- | --- | --- |\n");
    let consumer = CONSUMER_DEFAULTS
        .iter()
        .map(|default| ("consumer", default));
    let producer = PRODUCER_DEFAULTS
        .iter()
        .map(|default| ("producer", default));
    let admin = ADMIN_DEFAULTS.iter().map(|default| ("admin", default));
    for (client, ClientDefault { name, value, why }) in consumer.chain(producer).chain(admin) {
        table.push_str(&format!("| {client} | `{name}` | `{value}` | {why} |\n"));
    }
    table
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Loader;
    use crate::config::client_rules::Features;
    use crate::config::entry::canonical;
    use crate::config::keys::find::find;

    /// Where a file has the table: the whole of it, or what is between two marks.
    fn check_table(path: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let (begin, end) = ("<!-- defaults -->\n", "<!-- /defaults -->");
        let (before, rest) = text.split_once(begin).unwrap_or((&text, ""));
        let (table, after) = rest.split_once(end).unwrap_or(("", ""));
        if table == defaults_table() {
            return;
        }
        if std::env::var_os("WELLSPRING_UPDATE_DOCS").is_some() {
            std::fs::write(
                &path,
                format!("{before}{begin}{}{end}{after}", defaults_table()),
            )
            .unwrap();
            return;
        }
        panic!(
            "{} is not up to date: run the test again with WELLSPRING_UPDATE_DOCS=1 to write this table between {begin} and {end}:\n\n{}",
            path.display(),
            defaults_table()
        );
    }

    #[test]
    fn the_table_in_the_documentation_is_up_to_date() {
        check_table("docs/defaults.md");
    }

    #[test]
    fn every_default_is_a_value_of_its_key() {
        for key in KEYS {
            let prose = key.name.ends_with(".ordering");
            if let (Some(default), false) = (key.default, prose) {
                let mut loader = Loader::new();
                loader.rules.features = Features {
                    tls: true,
                    gssapi: true,
                    actuator: true,
                };
                let loader = loader.set(key.name.replace("<id>", "a"), default);
                assert!(loader.load().is_ok(), "{}", key.name);
            }
        }
    }

    #[test]
    fn no_two_keys_have_the_same_spelling() {
        for key in KEYS {
            let name = key.name.replace("<id>", "a").replace('*', "linger.ms");
            assert_eq!(find(&name).map(|found| found.key), Some(key), "{name}");
            assert_eq!(
                find(&canonical(&name).to_uppercase().to_lowercase()).map(|found| found.key),
                Some(key)
            );
        }
    }
}
