//! Each sentence that a macro can say, and where it points. Passing programs stand in `macros.rs`.
//!
//! A case is a program under `ui/` that does not compile; the file beside it has one line per
//! error: the place, the code it points at, and the message. `BLESS=1 cargo test -p wellspring
//! --test ui` writes them anew.
//!
//! The cases are handed to `rustc` with the libraries that this test itself was built with. (A
//! project of their own, as `trybuild` makes one, would build the whole tree again, librdkafka
//! included.)

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail"
)]

#[path = "ui/runner.rs"]
mod runner;

use std::path::Path;

#[test]
fn a_mistake_is_told_where_it_stands() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let compiler = runner::Compiler::find();
    let cases = runner::cases(&folder);
    assert!(
        cases.len() > 50,
        "only {} cases in {}",
        cases.len(),
        folder.display()
    );
    let bless = std::env::var_os("BLESS").is_some();
    let failures: Vec<String> = compiler
        .errors_of_all(&cases)
        .into_iter()
        .filter_map(|(case, said)| {
            let expected = case.with_extension("stderr");
            if bless {
                std::fs::write(&expected, &said).expect("the folder is writable");
            }
            let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
            let name = case.strip_prefix(&folder).unwrap_or(&case).display();
            match () {
                () if said.is_empty() => Some(format!("{name} compiles")),
                () if said != wanted => {
                    Some(format!("{name}\n--- expected\n{wanted}--- said\n{said}"))
                }
                () => None,
            }
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
