//! The pages lead where they say, and the book has all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::complain;
use crate::sources::{shown, workspace};

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut complaints = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in Page::read(&text).links {
            if let Some(why) = broken(&page, &link) {
                complaints.push(format!("{}: {link}: {why}", shown(&page)));
            }
        }
    }
    complain("a link leads nowhere", &complaints);
}

#[test]
fn the_book_has_every_page_and_every_rust_block_is_compiled() {
    let docs = workspace().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let summary: BTreeSet<String> = Page::read(&summary).links.into_iter().collect();
    let compiled = fs::read_to_string(workspace().join("examples/src/book.rs")).unwrap();
    let mut complaints = Vec::new();
    for page in markdown_in(&docs) {
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "SUMMARY.md" {
            continue;
        }
        if !summary.contains(&name) {
            complaints.push(format!("docs/{name} is not in docs/SUMMARY.md"));
        }
        let has_rust = Page::read(&fs::read_to_string(&page).unwrap()).has_rust;
        if has_rust && !compiled.contains(&format!("docs/{name}\"")) {
            complaints.push(format!("docs/{name} is not in examples/src/book.rs"));
        }
    }
    complain("a page of the book is left out", &complaints);
}

/// The pages that people read: those at the root, those of the book, and the one of the chart.
fn pages() -> Vec<PathBuf> {
    let mut pages = markdown_in(&workspace());
    for folder in ["docs", "deploy/helm/wellspring-service"] {
        pages.extend(markdown_in(&workspace().join(folder)));
    }
    pages
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    found.sort();
    found
}

/// A reader of the built book has its pages and pictures and nothing else of the repository.
#[test]
fn the_book_links_to_nothing_outside_of_it() {
    let mut complaints = Vec::new();
    for page in markdown_in(&workspace().join("docs")) {
        let links = Page::read(&fs::read_to_string(&page).unwrap()).links;
        let outside = links.iter().filter(|link| link.starts_with("../"));
        complaints.extend(outside.map(|link| format!("{}: {link}", shown(&page))));
    }
    complain(
        "a page of the book links to a file that the built book does not have",
        &complaints,
    );
}

/// Why a link leads nowhere. What is on other machines is not asked for.
fn broken(page: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        page.to_owned()
    } else {
        page.parent()?.join(path)
    };
    if !target.exists() {
        return Some("no such file".to_owned());
    }
    if anchor.is_empty() || target.extension()? != "md" {
        return None;
    }
    let headings = Page::read(&fs::read_to_string(&target).ok()?).anchors;
    (!headings.contains(anchor)).then(|| format!("the headings there: {headings:?}"))
}

/// What there is to check of a page.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
    has_rust: bool,
}

impl Page {
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut heading = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    page.anchors
                        .extend(heading.take().map(|text| anchor(&text)));
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(words))) => {
                    page.has_rust |= words.split(',').next() == Some("rust");
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// The anchor of a heading: lower case, dashes for spaces, nothing else but letters and digits.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
        .collect()
}

#[test]
fn a_page_is_read_as_its_readers_see_it() {
    let page = Page::read("# A `b` c!\n\n[x](y.md#z) ![i](p.png)\n\n```rust,no_run\nlet x;\n```\n");
    assert_eq!(page.links, ["y.md#z", "p.png"]);
    assert!(page.anchors.contains("a-b-c") && page.has_rust);
    assert!(!Page::read("```text\n[no](link)\n```\n").has_rust);
}

#[test]
fn a_link_to_a_file_or_a_heading_that_is_not_there_is_broken() {
    let page = workspace().join("README.md");
    assert_eq!(broken(&page, "ARCHITECTURE.md"), None);
    assert_eq!(broken(&page, "https://crates.io/crates/rdkafka"), None);
    assert!(broken(&page, "NOT_THERE.md").is_some());
    assert!(broken(&page, "ARCHITECTURE.md#no-such-heading").is_some());
    assert_eq!(broken(&page, "ARCHITECTURE.md#birds-eye-view"), None);
}
