//! Bars for settings, in panels one below the other, as SVG for paper and for dark mode.
//!
//! Colours are in a style sheet that follows the reader's colour scheme, so that a page can show
//! the file as an image. A bar is told by its label as well as by its colour.

use svg::Document;
use svg::node::element::{Group, Line, Rectangle, Style, Text};

use super::cell::Model;

/// A figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it shows.
    pub title: String,
    /// The unit, and how to read the bars.
    pub note: String,
    /// One below the other, each with a scale of its own.
    pub panels: Vec<Panel>,
}

/// Bars that are compared with each other.
#[derive(Debug, Clone)]
pub struct Panel {
    /// What they have in common.
    pub title: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// The settings.
    pub label: String,
    /// What its colour says.
    pub model: Model,
    /// Its length.
    pub value: f64,
    /// Where a line behind it ends, such as a 99th percentile.
    pub reaches: Option<f64>,
    /// The number in words.
    pub text: String,
}

const WIDTH: f64 = 720.0;
const LABELS: f64 = 150.0;
const NUMBERS: f64 = 150.0;
const ROW: f64 = 20.0;
const HEAD: f64 = 50.0;
const LEGEND: f64 = 22.0;
const GAP: f64 = 34.0;

const STYLE: &str = "
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.panel { font-weight: 600; }
.note { fill: #59636e; font-size: 12px; }
.paper { fill: #ffffff; }
.reach { stroke: #59636e; stroke-width: 1.5; }
.one { fill: #8c959f; } .thread { fill: #0969da; } .workers { fill: #1a7f37; } .both { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .note { fill: #9198a1; } .paper { fill: #0d1117; } .reach { stroke: #9198a1; }
  .one { fill: #848d97; } .thread { fill: #4493f8; } .workers { fill: #3fb950; } .both { fill: #f0883e; }
}
";

impl Figure {
    /// Returns it as SVG.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut body = Group::new()
            .add(text("title", 12.0, 24.0, &self.title))
            .add(text("note", 12.0, 42.0, &self.note));
        let mut y = HEAD + LEGEND;
        body = legend(body, HEAD + 10.0);
        for panel in &self.panels {
            body = body.add(text("panel", 12.0, y + 20.0, &panel.title));
            y += GAP;
            let longest = panel.longest();
            for bar in &panel.bars {
                body = bar.draw(body, y, longest);
                y += ROW;
            }
        }
        let height = y + 12.0;
        let paper = Rectangle::new()
            .set("class", "paper")
            .set("width", WIDTH)
            .set("height", height);
        Document::new()
            .set("viewBox", (0.0, 0.0, WIDTH, height))
            .set("width", WIDTH)
            .set("role", "img")
            .set("aria-label", self.title.as_str())
            .add(Style::new(STYLE))
            .add(paper)
            .add(body)
            .to_string()
    }
}

impl Panel {
    fn longest(&self) -> f64 {
        let ends = self
            .bars
            .iter()
            .map(|bar| bar.reaches.unwrap_or(0.0).max(bar.value));
        ends.fold(f64::MIN_POSITIVE, f64::max)
    }
}

impl Bar {
    fn draw(&self, body: Group, y: f64, longest: f64) -> Group {
        let room = WIDTH - LABELS - NUMBERS;
        let end = |value: f64| LABELS + room * (value / longest).clamp(0.0, 1.0);
        let bar = Rectangle::new()
            .set("class", class(self.model))
            .set("x", LABELS)
            .set("y", y + 3.0)
            .set("width", rounded((end(self.value) - LABELS).max(1.0)))
            .set("height", ROW - 6.0);
        let last = self
            .reaches
            .map_or(self.value, |reaches| reaches.max(self.value));
        let mut body = body
            .add(text("", 12.0, y + 14.0, &self.label))
            .add(bar)
            .add(text("", rounded(end(last)) + 6.0, y + 14.0, &self.text));
        if let Some(reaches) = self.reaches {
            let middle = y + ROW / 2.0;
            let line = Line::new()
                .set("class", "reach")
                .set("x1", rounded(end(self.value)))
                .set("x2", rounded(end(reaches)))
                .set("y1", middle)
                .set("y2", middle);
            body = body.add(line);
        }
        body
    }
}

/// Shows which colour is which model.
fn legend(mut body: Group, y: f64) -> Group {
    let mut x = 12.0;
    for (model, words, width) in [
        (Model::OneByOne, "one by one", 100.0),
        (Model::ConsumerPerThread, "1: a consumer per thread", 185.0),
        (Model::ManyWorkers, "2: one consumer, many workers", 220.0),
        (Model::Both, "3: both", 80.0),
    ] {
        let sample = Rectangle::new()
            .set("class", class(model))
            .set("x", x)
            .set("y", y - 9.0)
            .set("width", 10.0)
            .set("height", 10.0);
        body = body.add(sample).add(text("note", x + 15.0, y, words));
        x += width;
    }
    body
}

const fn class(model: Model) -> &'static str {
    match model {
        Model::OneByOne => "one",
        Model::ConsumerPerThread => "thread",
        Model::ManyWorkers => "workers",
        Model::Both => "both",
    }
}

fn text(class: &str, x: f64, y: f64, words: &str) -> Text {
    let text = Text::new(words).set("x", x).set("y", y);
    if class.is_empty() {
        text
    } else {
        text.set("class", class)
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure() -> Figure {
        let bar = |value: f64, reaches| Bar {
            label: "2 × 16 <&> \"quoted\"".to_owned(),
            model: Model::Both,
            value,
            reaches,
            text: format!("{value} < 100"),
        };
        Figure {
            title: "Records & \"seconds\" <per> second".to_owned(),
            note: "longer is faster".to_owned(),
            panels: vec![Panel {
                title: "timer:10ms".to_owned(),
                bars: vec![bar(100.0, None), bar(50.0, Some(200.0)), bar(0.0, None)],
            }],
        }
    }

    #[test]
    fn a_figure_is_well_formed_whatever_its_words_are() {
        let svg = figure().to_svg();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts: Vec<_> = document
            .descendants()
            .filter_map(|node| node.text())
            .collect();
        assert!(
            texts
                .iter()
                .any(|text| text.contains("2 × 16 <&> \"quoted\"")),
            "{svg}"
        );
        let label = document.root_element().attribute("aria-label");
        assert_eq!(label, Some("Records & \"seconds\" <per> second"));
    }

    #[test]
    fn it_follows_the_colour_scheme_and_sets_no_colour_elsewhere() {
        let svg = figure().to_svg();
        assert!(svg.contains("prefers-color-scheme: dark"));
        let document = roxmltree::Document::parse(&svg).unwrap();
        let coloured = |node: &roxmltree::Node<'_, '_>| {
            node.attribute("fill").is_some() || node.attribute("stroke").is_some()
        };
        assert_eq!(document.descendants().filter(coloured).count(), 0);
    }

    #[test]
    fn bars_are_as_long_as_their_values_are_large() {
        let svg = figure().to_svg();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let bars = document.descendants().filter(|node| {
            node.attribute("class") == Some("both") && node.attribute("x") == Some("150")
        });
        let widths: Vec<&str> = bars.filter_map(|bar| bar.attribute("width")).collect();
        assert_eq!(widths, ["210", "105", "1"]);
    }
}
