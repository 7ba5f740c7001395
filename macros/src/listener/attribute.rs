//! From the attribute's tokens to what they say.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitStr, Token, bracketed, token};

use super::options::Options;
use crate::syntax::arguments::{self, Argument, Known};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::Text;

/// The arguments that say what a listener reads, and as whom. All others are [`Options`].
const IDENTITY: [Known; 4] = [
    Known {
        name: "topic",
        example: "topic = \"card.topups\"",
    },
    Known {
        name: "topics",
        example: "topics = [\"card.topups\", \"card.refunds\"]",
    },
    Known {
        name: "group",
        example: "group = \"campus-card\"",
    },
    Known {
        name: "id",
        example: "id = \"credit\"",
    },
];

/// The attribute as it was written, before it is checked.
#[derive(Debug)]
pub(super) struct Attribute {
    /// The place for a complaint about the attribute as a whole.
    pub(super) place: Span,
    /// Whether it names a group, or an id whose group the configuration can name.
    pub(super) names_group: bool,
    pub(super) topics: Vec<Text>,
    pub(super) group: Option<Text>,
    pub(super) id: Option<LitStr>,
    pub(super) options: Options,
}

/// `"a"`, or `["a", B]`.
struct Topics(Vec<Text>);

impl Attribute {
    /// Reads all arguments, each by itself.
    pub(super) fn read(place: Span, tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let known: Vec<Known> = IDENTITY.into_iter().chain(Options::known()).collect();
        let arguments = arguments::read("#[kafka_listener]", &known, tokens, diagnostics);
        let named = |name| arguments.iter().find(|argument| argument.name == name);
        let mut attribute = Self {
            place,
            names_group: named("group").or_else(|| named("id")).is_some(),
            topics: Vec::new(),
            group: None,
            id: None,
            options: Options::default(),
        };
        for argument in &arguments {
            attribute.take(argument, diagnostics);
        }
        if let (Some(_), Some(topics)) = (named("topic"), named("topics")) {
            diagnostics.complain(topics, "give `topic` or `topics`, not both");
        }
        attribute
    }

    fn take(&mut self, argument: &Argument, diagnostics: &mut Diagnostics) {
        let identity = IDENTITY.iter().find(|known| argument.name == known.name);
        let Some(Known { name, example }) = identity else {
            self.options.read(argument, diagnostics);
            return;
        };
        match *name {
            "topic" => {
                let topic = argument.value::<Text>(example, diagnostics);
                self.topics.extend(topic);
            }
            "topics" => self.take_topics(argument, example, diagnostics),
            "group" => self.group = argument.value(example, diagnostics),
            _ => self.id = argument.value(example, diagnostics),
        }
    }

    fn take_topics(&mut self, argument: &Argument, example: &str, diagnostics: &mut Diagnostics) {
        let Some(Topics(topics)) = argument.value(example, diagnostics) else {
            return;
        };
        if topics.is_empty() {
            diagnostics.complain(
                argument,
                format!("`topics` names at least one topic, as in `{example}`"),
            );
        }
        self.topics.extend(topics);
    }
}

impl Parse for Topics {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            return Ok(Self(vec![input.parse()?]));
        }
        let list;
        bracketed!(list in input);
        let topics = Punctuated::<Text, Token![,]>::parse_terminated(&list)?;
        Ok(Self(topics.into_iter().collect()))
    }
}
