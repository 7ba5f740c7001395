//! From the attribute's tokens to what they say.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitBool, LitInt, LitStr, Path, Token, bracketed, token};

use crate::syntax::arguments::{self, Argument, Known, Pair};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::Text;

/// The arguments of the attribute, and how one writes each.
pub(super) const KNOWN: &[Known] = &[
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
    Known {
        name: "concurrency",
        example: "concurrency = 2",
    },
    Known {
        name: "workers",
        example: "workers = 16",
    },
    Known {
        name: "ordering",
        example: "ordering = \"key\"",
    },
    Known {
        name: "retry",
        example: "retry = \"3 x 200ms exponential\"",
    },
    Known {
        name: "dead_letter",
        example: "dead_letter = \"card.topups-dlt\"",
    },
    Known {
        name: "on_exhausted",
        example: "on_exhausted = \"skip\"",
    },
    Known {
        name: "retry_panics",
        example: "retry_panics",
    },
    Known {
        name: "retry_rejections",
        example: "retry_rejections",
    },
    Known {
        name: "classify",
        example: "classify = path::to::function",
    },
    Known {
        name: "auto_startup",
        example: "auto_startup = false",
    },
    Known {
        name: "properties",
        example: "properties(\"fetch.min.bytes\" = \"1024\")",
    },
];

/// What the attribute says, before anybody asked whether it makes sense.
#[derive(Debug)]
pub(crate) struct Attribute {
    /// Where a complaint about the attribute as a whole belongs.
    pub(super) place: Span,
    /// Whether it names a group, or an id whose group the configuration can name.
    pub(super) names_group: bool,
    pub(super) topics: Vec<Text>,
    pub(super) group: Option<Text>,
    pub(super) id: Option<LitStr>,
    pub(super) concurrency: Option<Count>,
    pub(super) workers: Option<Count>,
    pub(super) ordering: Option<LitStr>,
    pub(super) retry: Option<LitStr>,
    pub(super) dead_letter: Option<DeadLetter>,
    pub(super) on_exhausted: Option<LitStr>,
    pub(super) retry_panics: bool,
    pub(super) retry_rejections: bool,
    pub(super) classify: Option<Path>,
    pub(super) auto_startup: Option<Switch>,
    pub(super) properties: Vec<Pair>,
}

/// A number, or a text that becomes one at start.
#[derive(Debug)]
pub(super) enum Count {
    Number(LitInt),
    Text(LitStr),
}

/// A truth value, or a text that becomes one at start.
#[derive(Debug)]
pub(super) enum Switch {
    Fixed(LitBool),
    Text(LitStr),
}

/// `dead_letter`, alone or with a topic.
#[derive(Debug)]
pub(super) struct DeadLetter {
    pub(super) topic: Option<Text>,
}

/// `"a"`, or `["a", B]`.
struct Topics(Vec<Text>);

impl Attribute {
    /// Reads all arguments, each by itself.
    pub(crate) fn read(place: Span, tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut attribute = Self::empty(place);
        let arguments = arguments::read("#[kafka_listener]", KNOWN, tokens, diagnostics);
        for argument in &arguments {
            attribute.take(argument, diagnostics);
        }
        let named = |name| arguments.iter().find(|argument| argument.name == name);
        if let (Some(_), Some(topics)) = (named("topic"), named("topics")) {
            diagnostics.complain(topics, "give `topic` or `topics`, not both");
        }
        attribute.names_group = named("group").or_else(|| named("id")).is_some();
        attribute
    }

    const fn empty(place: Span) -> Self {
        Self {
            place,
            names_group: false,
            topics: Vec::new(),
            group: None,
            id: None,
            concurrency: None,
            workers: None,
            ordering: None,
            retry: None,
            dead_letter: None,
            on_exhausted: None,
            retry_panics: false,
            retry_rejections: false,
            classify: None,
            auto_startup: None,
            properties: Vec::new(),
        }
    }

    fn take(&mut self, argument: &Argument, diagnostics: &mut Diagnostics) {
        let name = argument.name.to_string();
        let example = KNOWN
            .iter()
            .find(|known| known.name == name)
            .map_or("", |known| known.example);
        match name.as_str() {
            "topic" => self
                .topics
                .extend(argument.value::<Text>(example, diagnostics)),
            "topics" => self.take_topics(argument, example, diagnostics),
            "group" => self.group = argument.value(example, diagnostics),
            "id" => self.id = argument.value(example, diagnostics),
            "concurrency" => self.concurrency = argument.value(example, diagnostics),
            "workers" => self.workers = argument.value(example, diagnostics),
            "ordering" => self.ordering = argument.value(example, diagnostics),
            "retry" => self.retry = argument.value(example, diagnostics),
            "dead_letter" => {
                let topic = argument.optional_value(example, diagnostics);
                self.dead_letter = topic.map(|topic| DeadLetter { topic });
            }
            "on_exhausted" => self.on_exhausted = argument.value(example, diagnostics),
            "retry_panics" => self.retry_panics = argument.flag(diagnostics),
            "retry_rejections" => self.retry_rejections = argument.flag(diagnostics),
            "classify" => self.classify = argument.value(example, diagnostics),
            "auto_startup" => self.auto_startup = argument.value(example, diagnostics),
            _ => self.properties = argument.pairs(example, diagnostics),
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

impl Parse for Count {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitInt) {
            input.parse().map(Self::Number)
        } else {
            input.parse().map(Self::Text)
        }
    }
}

impl Parse for Switch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitBool) {
            input.parse().map(Self::Fixed)
        } else {
            input.parse().map(Self::Text)
        }
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

impl ToTokens for Count {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            // The digits alone: a suffix the user wrote is not the type of the setting.
            Self::Number(number) => {
                LitInt::new(number.base10_digits(), number.span()).to_tokens(tokens)
            }
            Self::Text(text) => text.to_tokens(tokens),
        }
    }
}

impl ToTokens for Switch {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Fixed(switch) => switch.to_tokens(tokens),
            Self::Text(text) => text.to_tokens(tokens),
        }
    }
}
