//! The size and shape of the code, as a table, and the limits that it keeps.
//!
//! `cargo test -p integration-tests --test tidy -- --nocapture measures` prints the table. Only
//! what is compiled into the crates counts, not their tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Block, FnArg, Item, Signature, Type};

use crate::cycles::cycles;
use crate::sources::workspace;
use crate::syntax::{Crate, attributes, is_test, parse};

const MEASURED: [&str; 4] = ["sdk", "macros", "grammar", "broker-lite"];

/// Longest file, in lines without its tests. Past that, a concept is missing.
const MAX_FILE_LINES: usize = 450;
/// Most parameters of a function, `self` included.
const MAX_PARAMETERS: usize = 6;
/// Most fields of a struct.
const MAX_FIELDS: usize = 14;

#[test]
fn measures_are_within_their_limits() {
    let crates = MEASURED.map(|name| (name, Measures::of(&workspace().join(name).join("src"))));
    println!("{}", table(&crates));
    for (name, measures) in &crates {
        assert_eq!(measures.unwraps, 0, "{name} unwraps outside its tests");
        for (what, found, most) in [
            ("lines of a file", measures.file_lines.max(), MAX_FILE_LINES),
            ("parameters", measures.parameters.max(), MAX_PARAMETERS),
            ("fields of a struct", measures.fields.max(), MAX_FIELDS),
        ] {
            assert!(found <= most, "{name}: {found} {what}, of at most {most}");
        }
    }
}

#[derive(Default)]
struct Measures {
    file_lines: Numbers,
    code_lines: usize,
    code_characters: usize,
    doc_lines: usize,
    /// Doc lines that begin as a question does.
    questions: usize,
    comment_lines: usize,
    function_lines: Numbers,
    function_characters: Numbers,
    parameters: Numbers,
    fields: Numbers,
    bare_bools: usize,
    unsafes: usize,
    unwraps: usize,
    types: BTreeMap<String, usize>,
    files_in_cycles: usize,
}

/// Numbers that are told by their middle and their ends.
#[derive(Default)]
struct Numbers(Vec<usize>);

impl Numbers {
    fn at(&self, percent: usize) -> usize {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or_default()
    }

    fn max(&self) -> usize {
        self.at(100)
    }

    fn told(&self, percents: &[usize]) -> String {
        let numbers = percents.iter().map(|percent| self.at(*percent).to_string());
        numbers.collect::<Vec<_>>().join(" / ")
    }
}

impl Measures {
    fn of(source: &Path) -> Self {
        let read = Crate::read(source);
        let mut measures = Self::default();
        for file in read.files() {
            measures.add_file(file);
        }
        measures.files_in_cycles = cycles(&read.edges()).iter().map(|cycle| cycle.len()).sum();
        measures
    }

    fn add_file(&mut self, file: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let parsed = parse(file);
        let tests: Vec<RangeInclusive<usize>> = parsed
            .items
            .iter()
            .filter(|item| is_test(attributes(item)))
            .map(|item| item.span().start().line..=item.span().end().line)
            .collect();
        let own = lines.iter().enumerate().filter(|(index, _)| {
            let line = index + 1;
            !tests.iter().any(|range| range.contains(&line))
        });
        let own: Vec<&str> = own.map(|(_, line)| line.trim()).collect();
        self.file_lines.0.push(own.len());
        for line in own {
            self.add_line(line);
        }
        let mut shapes = Shapes {
            lines: &lines,
            measures: self,
        };
        for item in parsed
            .items
            .iter()
            .filter(|item| !is_test(attributes(item)))
        {
            shapes.visit_item(item);
        }
    }

    fn add_line(&mut self, line: &str) {
        if let Some(doc) = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
        {
            self.doc_lines += 1;
            let first = doc.trim_start().split(' ').next().unwrap_or_default();
            let questions = [
                "What", "Whether", "How", "It", "Its", "Who", "Where", "Whom",
            ];
            self.questions += usize::from(questions.contains(&first));
        } else if line.starts_with("//") {
            self.comment_lines += 1;
        } else if !line.is_empty() {
            self.code_lines += 1;
            self.code_characters += line.chars().count();
        }
    }
}

/// Measures functions and types.
struct Shapes<'a> {
    lines: &'a [&'a str],
    measures: &'a mut Measures,
}

impl Shapes<'_> {
    fn function(&mut self, signature: &Signature, block: &Block) {
        let (first, last) = (signature.span().start().line, block.span().end().line);
        let body = &self.lines[first - 1..last];
        let characters = body
            .iter()
            .map(|line| line.split_whitespace().map(str::len).sum::<usize>());
        self.measures.function_lines.0.push(body.len());
        self.measures.function_characters.0.push(characters.sum());
    }

    fn signature(&mut self, signature: &Signature) {
        self.measures.parameters.0.push(signature.inputs.len());
        let bools = signature.inputs.iter().filter(|input| match input {
            FnArg::Typed(input) => {
                matches!(&*input.ty, Type::Path(path) if path.path.is_ident("bool"))
            }
            FnArg::Receiver(_) => false,
        });
        self.measures.bare_bools += bools.count();
    }
}

impl<'ast> Visit<'ast> for Shapes<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let named = match item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            _ => None,
        };
        if let Some(name) = named {
            *self.measures.types.entry(name.to_string()).or_default() += 1;
        }
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.measures.fields.0.push(item.fields.len());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            self.function(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        self.signature(signature);
        visit::visit_signature(self, signature);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.measures.unsafes += 1;
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.measures.unwraps += usize::from(call.method == "unwrap");
        visit::visit_expr_method_call(self, call);
    }
}

/// What a row of the table says of a crate.
type Row = (&'static str, fn(&Measures) -> String);

const ROWS: [Row; 14] = [
    ("files / code lines", |m| {
        format!("{} / {}", m.file_lines.0.len(), m.code_lines)
    }),
    ("lines of a file, median / p90 / max", |m| {
        m.file_lines.told(&[50, 90, 100])
    }),
    ("lines of a function, p50 / p90 / p99 / max", |m| {
        m.function_lines.told(&[50, 90, 99, 100])
    }),
    ("characters of a function, p90 / p99 / max", |m| {
        m.function_characters.told(&[90, 99, 100])
    }),
    ("characters per code line", |m| {
        ratio(m.code_characters, m.code_lines)
    }),
    ("doc lines per code line", |m| {
        ratio(m.doc_lines, m.code_lines)
    }),
    (
        "doc lines that begin with a question word, per hundred",
        |m| ratio(m.questions * 100, m.doc_lines),
    ),
    ("comment lines per hundred of code", |m| {
        ratio(m.comment_lines * 100, m.code_lines)
    }),
    ("`unsafe` blocks", |m| m.unsafes.to_string()),
    ("`unwrap`", |m| m.unwraps.to_string()),
    ("most parameters / fields", |m| {
        format!("{} / {}", m.parameters.max(), m.fields.max())
    }),
    ("bare `bool` parameters", |m| m.bare_bools.to_string()),
    ("type names used twice", |m| {
        let twice = m.types.values().filter(|times| **times > 1);
        format!("{} of {}", twice.count(), m.types.len())
    }),
    ("files in a cycle", |m| m.files_in_cycles.to_string()),
];

fn table(crates: &[(&str, Measures)]) -> String {
    let mut table = String::from("| measure |");
    for (name, _) in crates {
        write!(table, " {name} |").unwrap();
    }
    table.push_str("\n| --- | --- | --- | --- |\n");
    for (what, row) in ROWS {
        write!(table, "| {what} |").unwrap();
        for (_, measures) in crates {
            write!(table, " {} |", row(measures)).unwrap();
        }
        table.push('\n');
    }
    table
}

fn ratio(of: usize, per: usize) -> String {
    let hundredths = of * 100 / per.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
