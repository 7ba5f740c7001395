//! Compiles a case with the libraries that are there, and puts its errors into lines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

/// What the cases are compiled with: `rustc`, and the crates they may name.
pub(crate) struct Compiler {
    /// Where cargo put all libraries that this test was built with, and those of other builds.
    libraries: PathBuf,
    crates: Vec<(&'static str, PathBuf)>,
}

/// Crates that a case may name, each with a program that compiles with the right build of it alone:
/// after a change of features there are several, and `serde` has to be the one that wellspring
/// knows.
const CRATES: [(&str, &str); 4] = [
    ("wellspring", "use wellspring as _;"),
    ("wellspring_macros", "use wellspring_macros as _;"),
    (
        "serde",
        "#[derive(serde::Serialize, serde::Deserialize)] struct T;
         fn f(t: wellspring::codec::Json<T>) -> impl wellspring::codec::Encode + wellspring::codec::Decode { t }",
    ),
    ("thiserror", "#[derive(Debug, thiserror::Error)] #[error(\"e\")] struct E;"),
];

impl Compiler {
    /// Finds the crates beside this very program. The newest build is of the code that is there
    /// now: when it is not the one that this test was linked with, nothing has changed since
    /// that was built.
    pub(crate) fn find() -> Self {
        let program = std::env::current_exe().expect("this program has a place");
        let libraries = program.parent().expect("in a folder").to_owned();
        let mut compiler = Self {
            libraries,
            crates: Vec::new(),
        };
        for (name, probe) in CRATES {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("probe_{name}.rs"));
            std::fs::write(&path, format!("{probe}\nfn main() {{}}\n"))
                .expect("the folder is writable");
            let found = compiler.builds(name).into_iter().any(|library| {
                compiler.crates.push((name, library));
                let compiles = compiler.errors(&path).is_empty();
                if !compiles {
                    compiler.crates.pop();
                }
                compiles
            });
            assert!(
                found,
                "no build of {name} in {} can be used",
                compiler.libraries.display()
            );
        }
        compiler
    }

    /// All builds of a crate, the newest first.
    fn builds(&self, name: &str) -> Vec<PathBuf> {
        let (prefix, macros) = (format!("lib{name}-"), std::env::consts::DLL_EXTENSION);
        let is_build = |path: &PathBuf| {
            let file = path
                .file_name()
                .and_then(|file| file.to_str())
                .unwrap_or_default();
            let kind = path
                .extension()
                .and_then(|kind| kind.to_str())
                .unwrap_or_default();
            file.starts_with(&prefix) && (kind == "rlib" || kind == macros)
        };
        let mut builds: Vec<PathBuf> = entries(&self.libraries)
            .into_iter()
            .filter(is_build)
            .collect();
        builds.sort_by_key(|path| path.metadata().and_then(|build| build.modified()).ok());
        builds.reverse();
        builds
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
                done.lock()
                    .expect("no worker panics")
                    .push((case.clone(), errors));
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
        rustc.arg(case).args([
            "--edition",
            "2024",
            "--crate-type",
            "bin",
            "--emit",
            "metadata",
        ]);
        rustc.args(["--error-format", "json", "--allow", "warnings"]);
        rustc.arg("--out-dir").arg(env!("CARGO_TARGET_TMPDIR"));
        rustc
            .arg("-L")
            .arg(format!("dependency={}", self.libraries.display()));
        for (name, library) in &self.crates {
            rustc
                .arg("--extern")
                .arg(format!("{name}={}", library.display()));
        }
        let output = rustc.output().expect("rustc starts");
        let text = String::from_utf8_lossy(&output.stderr);
        let diagnostics = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut errors: Vec<(u64, u64, String)> =
            diagnostics.filter_map(|error| placed(&error)).collect();
        errors.sort();
        errors.dedup();
        errors
            .into_iter()
            .fold(String::new(), |mut lines, (line, column, error)| {
                writeln!(lines, "{line}:{column} {error}").expect("a string takes it");
                lines
            })
    }
}

/// All programs in the folders of `folder`, sorted.
pub(crate) fn cases(folder: &Path) -> Vec<PathBuf> {
    let folders = entries(folder).into_iter().filter(|path| path.is_dir());
    let mut cases: Vec<PathBuf> = folders.flat_map(|folder| entries(&folder)).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .collect()
}

/// An error with its place: what it points at, and what it says.
fn placed(diagnostic: &Value) -> Option<(u64, u64, String)> {
    if diagnostic["level"] != "error" {
        return None;
    }
    let message = diagnostic["message"].as_str()?;
    let mut spans = diagnostic["spans"].as_array()?.iter();
    let Some(place) = spans.find(|span| span["is_primary"] == true) else {
        // A summary ("aborting due to 2 previous errors"), or a crate that cannot be read.
        return (!message.starts_with("aborting")).then(|| (0, 0, message.to_owned()));
    };
    let (line, column) = (
        place["line_start"].as_u64()?,
        place["column_start"].as_u64()?,
    );
    let text = &place["text"][0];
    let characters: Vec<char> = text["text"].as_str()?.chars().collect();
    let at = |key: &str| text[key].as_u64().and_then(|at| usize::try_from(at).ok());
    let pointed_at = characters.get(at("highlight_start")? - 1..at("highlight_end")? - 1)?;
    Some((
        line,
        column,
        format!("{}: {message}", String::from_iter(pointed_at)),
    ))
}
