//! Each layer over the one before it.

use super::*;

const FILE: (&str, &str) = ("wellspring.toml", "[app]\nname = \"file\"\n");
const PROFILE: (&str, &str) = ("wellspring-dev.toml", "[app]\nname = \"profile\"\n");
const VARIABLE: (&str, &str) = ("WELLSPRING_APP_NAME", "environment");

fn name(loader: Loader) -> (String, Layer) {
    let config = loader.load().unwrap();
    let layer = config.origin("app.name").expect("it is set").layer();
    (config.app().name, layer)
}

#[test]
fn a_file_overrides_the_default() {
    let directory = directory(&[FILE]);
    assert_eq!(Loader::new().load().unwrap().app().name, "wellspring");
    assert_eq!(
        name(Loader::new().directory(directory.path())),
        ("file".into(), Layer::File)
    );
}

#[test]
fn the_profile_overrides_the_file() {
    let directory = directory(&[FILE, PROFILE]);
    let loader = Loader::new()
        .directory(directory.path())
        .environment([("WELLSPRING_PROFILE", "dev")]);
    assert_eq!(name(loader), ("profile".into(), Layer::ProfileFile));
    let loader = Loader::new().directory(directory.path()).profile("dev");
    assert_eq!(name(loader), ("profile".into(), Layer::ProfileFile));
}

#[test]
fn the_environment_overrides_the_file() {
    let directory = directory(&[FILE]);
    let loader = Loader::new()
        .directory(directory.path())
        .environment([VARIABLE]);
    assert_eq!(name(loader), ("environment".into(), Layer::Environment));
}

#[test]
fn the_environment_overrides_the_profile() {
    let directory = directory(&[PROFILE]);
    let loader = Loader::new()
        .directory(directory.path())
        .profile("dev")
        .environment([VARIABLE]);
    assert_eq!(name(loader), ("environment".into(), Layer::Environment));
}

#[test]
fn code_overrides_the_file() {
    let directory = directory(&[FILE]);
    let loader = Loader::new()
        .directory(directory.path())
        .set("app.name", "code");
    assert_eq!(name(loader), ("code".into(), Layer::Code));
}

#[test]
fn code_overrides_the_profile() {
    let directory = directory(&[PROFILE]);
    let loader = Loader::new()
        .directory(directory.path())
        .profile("dev")
        .set("app.name", "code");
    assert_eq!(name(loader), ("code".into(), Layer::Code));
}

#[test]
fn code_overrides_the_environment_and_the_last_call_wins() {
    let loader = Loader::new()
        .environment([VARIABLE])
        .set("app.name", "first")
        .set("app.name", "last");
    assert_eq!(name(loader), ("last".into(), Layer::Code));
}

#[test]
fn an_override_in_another_spelling_is_the_same_key() {
    let loader = Loader::new()
        .environment([("WELLSPRING_LISTENERS_CAMPUS_CARD_WORKERS", "4")])
        .set("listeners.campus-card.auto_startup", "false");
    let section = loader.load().unwrap().listener("campus-card");
    assert_eq!(section.count("workers").unwrap().value, 4);
    assert!(!section.flag("auto-startup").unwrap().value);
}

#[test]
fn a_listener_method_is_set_by_its_type_and_name() {
    let directory = directory(&[(
        "wellspring.toml",
        "[listeners.\"Audit::note\"]\nretry = \"none\"\n",
    )]);
    let loader = Loader::new().directory(directory.path());
    let loader = loader.environment([("WELLSPRING_LISTENERS_AUDIT__NOTE_WORKERS", "3")]);
    let section = loader.load().unwrap().listener("Audit::note");
    assert_eq!(
        (
            section.count("workers").unwrap().value,
            section.text("retry").unwrap().value.as_str()
        ),
        (3, "none")
    );
}

#[test]
fn the_origin_of_a_value_names_file_and_line_variable_or_line_of_code() {
    let directory = directory(&[FILE]);
    let mut loader = Loader::new()
        .directory(directory.path())
        .environment([("WELLSPRING_APP_DRAIN_DEADLINE", "5s")])
        .set("actuator.port", "0");
    loader.rules.features = Features {
        tls: false,
        gssapi: false,
        actuator: true,
    };
    let config = loader.load().unwrap();
    let origin = |key: &str| config.origin(key).unwrap().to_string();
    assert!(
        origin("app.name").ends_with("wellspring.toml:2"),
        "{}",
        origin("app.name")
    );
    assert_eq!(
        origin("app.drain-deadline"),
        "environment variable WELLSPRING_APP_DRAIN_DEADLINE"
    );
    assert!(
        origin("actuator.port").starts_with("code, "),
        "{}",
        origin("actuator.port")
    );
    assert_eq!(config.app().drain_deadline, Duration::from_secs(5));
    assert_eq!(config.actuator().port, Some(0));
}
