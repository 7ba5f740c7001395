//! The Helm chart's values, their schema and their table in the README are one thing told three times: here they are
//! compared, and the lists that the chart has of the SDK's rules, too.
//!
//! `UPDATE_CHART_README=1 cargo test -p integration-tests --test chart` writes the table.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends when something is wrong"
)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wellspring::config::{KEYS, Loader};

const CHART: &str = "deploy/helm/wellspring-service";

/// One value that can be set: its path, what it is by default, and the schema's words for it.
struct Setting {
    path: String,
    default: Value,
    description: String,
}

#[test]
fn every_value_is_described_and_every_description_is_of_a_value() {
    settings();
}

#[test]
fn the_readme_lists_the_values_as_the_schema_has_them() {
    let readme = format!("{CHART}/README.md");
    let page = read(&readme);
    let (begin, end) = ("<!-- values -->\n", "<!-- /values -->");
    let (before, rest) = page.split_once(begin).unwrap();
    let (shown, after) = rest.split_once(end).unwrap();
    let table = table();
    if std::env::var_os("UPDATE_CHART_README").is_some() {
        fs::write(
            root().join(&readme),
            format!("{before}{begin}{table}{end}{after}"),
        )
        .unwrap();
        return;
    }
    let first = table
        .lines()
        .zip(shown.lines())
        .find(|(is, shown)| is != shown);
    assert!(
        table == shown,
        "the table of {readme} is stale (UPDATE_CHART_README=1 writes it); first difference: {first:?}"
    );
}

#[test]
fn the_chart_takes_for_secrets_what_the_sdk_reads_from_files() {
    let sdk = read("sdk/src/config/secret.rs");
    let list = between(&sdk, "const SECRET_WORDS: &[&str] = &[", "];");
    let of_the_sdk: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let chart = read(&format!("{CHART}/templates/_settings.tpl"));
    let list = between(&chart, "{{- define \"secretWords\" -}}", "{{- end }}");
    let of_the_chart: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .collect();
    assert_eq!(of_the_chart, of_the_sdk);
}

#[test]
fn the_kafka_for_development_is_the_one_that_is_tested() {
    let pom = read("integration-tests/kafka/pom.xml");
    let tested = between(&pom, "<kafka.version>", "</kafka.version>");
    let values = values();
    assert_eq!(
        values.pointer("/kafka/development/image/tag").unwrap(),
        tested
    );
}

#[test]
fn the_sdk_knows_every_variable_of_the_chart() {
    let chart = read(&format!("{CHART}/templates/_settings.tpl"));
    let settings = between(&chart, "{{- define \"settings\" -}}", "{{- define");
    let names = settings
        .lines()
        .filter_map(|line| line.split_once(':').map(|(name, _)| name))
        .filter(|name| name.starts_with("WELLSPRING_"));
    let sample = |name: &str| match name {
        "WELLSPRING_APP_NAME" | "WELLSPRING_KAFKA_PROPERTIES_SASL_USERNAME" => "orders",
        "WELLSPRING_KAFKA_BOOTSTRAP_SERVERS" => "kafka:9092",
        "WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL" => "SASL_PLAINTEXT",
        // SCRAM needs the same library.
        "WELLSPRING_KAFKA_PROPERTIES_SASL_MECHANISM" => "PLAIN",
        "WELLSPRING_APP_START_DEADLINE" | "WELLSPRING_APP_DRAIN_DEADLINE" => "60s",
        "WELLSPRING_ACTUATOR_HOST" => "0.0.0.0",
        "WELLSPRING_ACTUATOR_PORT" => "8081",
        other => panic!("the chart sets {other}: give a sample of its value here"),
    };
    // TLS needs a library that these tests are built without.
    let names = names.filter(|name| *name != "WELLSPRING_KAFKA_PROPERTIES_SSL_CA_LOCATION");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "hunter2\n").unwrap();
    let password = (
        "WELLSPRING_KAFKA_PROPERTIES_SASL_PASSWORD_FILE",
        file.path().to_str().unwrap(),
    );
    let variables: Vec<(&str, &str)> = names
        .map(|name| (name, sample(name)))
        .chain([password])
        .collect();
    assert_eq!(variables.len(), 10, "{variables:?}");
    let config = Loader::new().environment(variables).load().unwrap();
    assert_eq!(config.actuator().port, Some(8081));
    assert_eq!(config.app().drain_deadline.as_secs(), 60);
    let properties = config.producer_properties();
    assert_eq!(properties.get("sasl.password"), Some("hunter2"));
}

#[test]
fn the_deadlines_of_the_chart_are_the_defaults_of_the_sdk() {
    let values = values();
    for (key, value) in [
        ("app.start-deadline", "/start/deadlineSeconds"),
        ("app.drain-deadline", "/stop/drainDeadlineSeconds"),
    ] {
        let known = KEYS.iter().find(|known| known.name == key).unwrap();
        let seconds = values.pointer(value).unwrap();
        assert_eq!(known.default, Some(format!("{seconds}s").as_str()), "{key}");
    }
}

/// All settings, in the order of the schema.
///
/// # Panics
/// When the schema and the values do not have the same paths, or when a default is not in the schema.
fn settings() -> Vec<Setting> {
    let schema: Value =
        serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    let mut settings = Vec::new();
    collect("", &schema, &values(), &mut settings);
    settings
}

fn collect(path: &str, schema: &Value, value: &Value, settings: &mut Vec<Setting>) {
    let description = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    assert!(
        description.ends_with('.'),
        "`{path}` has no sentence in the schema"
    );
    // Objects with named parts are looked into; what may have any content is one setting.
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let parts = schema
        .get("properties")
        .and_then(Value::as_object)
        .filter(|_| closed);
    let Some(parts) = parts else {
        let (path, default) = (path.to_owned(), value.clone());
        settings.push(Setting {
            path,
            default,
            description: description.to_owned(),
        });
        return;
    };
    let values = value
        .as_object()
        .unwrap_or_else(|| panic!("`{path}` is no object in values.yaml"));
    for name in values.keys() {
        assert!(
            parts.contains_key(name),
            "values.yaml has `{path}.{name}`, which the schema does not have"
        );
    }
    for (name, schema) in parts {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let value = values
            .get(name)
            .unwrap_or_else(|| panic!("values.yaml does not have `{path}`"));
        collect(&path, schema, value, settings);
    }
}

fn table() -> String {
    let rows = settings().into_iter().map(|setting| {
        let Setting {
            path,
            default,
            description,
        } = setting;
        format!("| `{path}` | `{default}` | {description} |\n")
    });
    format!(
        "| value | default | meaning |\n| --- | --- | --- |\n{}",
        rows.collect::<String>()
    )
}

fn values() -> Value {
    serde_saphyr::from_str(&read(&format!("{CHART}/values.yaml"))).unwrap()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let rest = text
        .split_once(begin)
        .unwrap_or_else(|| panic!("no {begin}"))
        .1;
    rest.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
