//! A module of a crate uses only the modules that its `lib.rs` lists below it.

use std::fs;
use std::path::Path;

use crate::complain;
use crate::sources::{CRATES, rust_files, shown, workspace};

#[test]
fn no_arrow_points_up() {
    let mut complaints = Vec::new();
    for name in CRATES {
        let source = workspace().join(name).join("src");
        let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
        let modules = modules(&lib);
        for file in rust_files(&source) {
            let text = fs::read_to_string(&file).unwrap();
            for (line, from, to) in arrows_up(&modules, module_of(&source, &file), &text) {
                complaints.push(format!(
                    "{}:{line}: `{from}` uses `{to}`, which stands above it",
                    shown(&file)
                ));
            }
        }
    }
    complain(
        "a module uses modules below it; hand news up as a value or a channel",
        &complaints,
    );
}

/// The modules of a crate, top to bottom, as its `lib.rs` lists them.
fn modules(lib: &str) -> Vec<String> {
    lib.lines()
        .filter_map(|line| {
            let line = line.split("//").next()?.trim_end();
            let declared = line
                .strip_prefix("pub ")
                .or_else(|| line.strip_prefix("pub(crate) "))
                .unwrap_or(line);
            Some(declared.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
        })
        .collect()
}

/// The module that a file belongs to; all files below `src/log/` are in `log`.
fn module_of(source: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(source).unwrap().with_extension("");
    inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned()
}

/// Line, own module and used module of each `crate::` path that leads to a module above.
fn arrows_up(modules: &[String], own: String, text: &str) -> Vec<(usize, String, String)> {
    let place = |module: &str| modules.iter().position(|known| known == module);
    let Some(own_place) = place(&own) else {
        return Vec::new();
    };
    let used = crate_paths(text);
    used.into_iter()
        .filter(|(_, module)| place(module).is_some_and(|place| place < own_place))
        .map(|(line, module)| (line, own.clone(), module))
        .collect()
}

/// Line and first segment of each path that starts at the root of the crate, in code.
fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate` in a macro is whoever uses it.
        if code[..at]
            .ends_with(|before: char| before == '$' || before == '_' || before.is_alphanumeric())
        {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        paths.extend(
            heads(&code[at + "crate::".len()..])
                .into_iter()
                .map(|head| (line, head)),
        );
    }
    paths
}

/// The first segments of what follows `crate::`: one, or several in braces.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut heads = vec![word(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[test]
fn the_modules_are_the_mod_lines_in_order() {
    let lib = "//! Overview.\nmod net;\npub mod api; // why\npub(crate) mod log;\nmod inline { }\nuse log::x;\n";
    assert_eq!(modules(lib), ["net", "api", "log"]);
}

#[test]
fn an_arrow_up_is_seen_in_every_form_of_a_path() {
    let modules = ["net", "api", "log"].map(str::to_owned);
    let up = |text: &str| arrows_up(&modules, "log".to_owned(), text).len();
    assert_eq!(up("use crate::net::Frame;"), 1);
    assert_eq!(up("use crate::{api::{A, B}, log::C, net};"), 2);
    assert_eq!(up("let x = crate::api::table();"), 1);
    assert_eq!(
        up("// crate::net is above\n/// See [`crate::api`].\nuse crate::log::Segment;"),
        0
    );
    assert_eq!(up("$crate::net::x!()"), 0);
}
