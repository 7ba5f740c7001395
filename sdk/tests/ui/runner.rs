//! Compiles a case with the libraries that are there, and puts its errors into lines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

/// What the cases are compiled with: `rustc`, and the crates they may name.
pub(crate) struct Compiler {
    crates: Vec<(&'static str, PathBuf)>,
}

/// Crates that a case may name, and the part of the package's id that tells two versions apart.
const CRATES: [(&str, &str); 4] = [
    ("wellspring", "sdk"),
    ("wellspring_macros", "macros"),
    ("serde", "serde@1"),
    ("thiserror", "thiserror@2"),
];

impl Compiler {
    /// Asks cargo where it put the crates when it built the tests. Nothing is built twice by that.
    pub(crate) fn find() -> Self {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["test", "--package", "wellspring", "--test", "macros", "--no-run", "--offline"]);
        cargo.args(["--message-format", "json", "--features", &features().join(",")]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo.output().expect("cargo starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let artifacts: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let crates = CRATES.map(|(name, id)| {
            let library = artifacts.iter().find_map(|artifact| library(artifact, name, id));
            let log = || String::from_utf8_lossy(&output.stderr).into_owned();
            (name, library.unwrap_or_else(|| panic!("cargo names no library of {name}:\n{}", log())))
        });
        Self { crates: crates.into() }
    }

    /// The errors of each case, in the order of the cases.
    pub(crate) fn errors_of_all(&self, cases: &[PathBuf]) -> Vec<(PathBuf, String)> {
        let left = Mutex::new(cases.iter());
        let done = Mutex::new(Vec::new());
        let work = || {
            loop {
                let next = left.lock().expect("no worker panics").next();
                let Some(case) = next else { break };
                let errors = self.errors(case);
                done.lock().expect("no worker panics").push((case.clone(), errors));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
        let mut done = done.into_inner().expect("no worker panics");
        done.sort();
        done
    }

    /// The errors of one case, one per line.
    fn errors(&self, case: &Path) -> String {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.arg(case).args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata"]);
        rustc.args(["--error-format", "json", "--allow", "warnings"]);
        rustc.arg("--out-dir").arg(env!("CARGO_TARGET_TMPDIR"));
        for (name, library) in &self.crates {
            rustc.arg("--extern").arg(format!("{name}={}", library.display()));
            if let Some(folder) = library.parent() {
                rustc.arg("-L").arg(format!("dependency={}", folder.display()));
            }
        }
        let output = rustc.output().expect("rustc starts");
        let text = String::from_utf8_lossy(&output.stderr);
        let diagnostics = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut errors: Vec<(u64, u64, String)> = diagnostics.filter_map(|error| placed(&error)).collect();
        errors.sort();
        errors.dedup();
        errors.into_iter().fold(String::new(), |mut lines, (line, column, error)| {
            writeln!(lines, "{line}:{column} {error}").expect("a string takes it");
            lines
        })
    }
}

/// All programs in the folders of `folder`, sorted.
pub(crate) fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        entries.map(|entry| entry.expect("it can be read").path()).collect::<Vec<_>>()
    };
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    let mut cases: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    cases
}

fn features() -> Vec<&'static str> {
    let features = [
        ("testing", cfg!(feature = "testing")),
        ("tls", cfg!(feature = "tls")),
        ("tls-system", cfg!(feature = "tls-system")),
        ("gssapi", cfg!(feature = "gssapi")),
    ];
    features.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect()
}

/// The library file of a crate, when this message of cargo's is about it.
fn library(artifact: &Value, name: &str, id: &str) -> Option<PathBuf> {
    let is_it = artifact["reason"] == "compiler-artifact"
        && artifact["target"]["name"] == name
        && artifact["package_id"].as_str().is_some_and(|package| package.contains(id));
    let files = artifact["filenames"].as_array().filter(|_| is_it)?;
    let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| {
        file.extension().is_some_and(|kind| kind == "rlib" || kind == std::env::consts::DLL_EXTENSION)
    })
}

/// An error with its place: what it points at, and what it says.
fn placed(diagnostic: &Value) -> Option<(u64, u64, String)> {
    if diagnostic["level"] != "error" {
        return None;
    }
    let message = diagnostic["message"].as_str()?;
    let place = diagnostic["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    let (line, column) = (place["line_start"].as_u64()?, place["column_start"].as_u64()?);
    let text = &place["text"][0];
    let characters: Vec<char> = text["text"].as_str()?.chars().collect();
    let at = |key: &str| text[key].as_u64().and_then(|at| usize::try_from(at).ok());
    let pointed_at = characters.get(at("highlight_start")? - 1..at("highlight_end")? - 1)?;
    Some((line, column, format!("{}: {message}", String::from_iter(pointed_at))))
}
