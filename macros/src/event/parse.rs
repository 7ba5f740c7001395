//! From the derive's input to the topic and the key it names.

use proc_macro2::{Ident, Span};
use syn::{Data, DeriveInput, Field, Fields, LitStr, Member, Meta};
use wellspring_grammar::nearest::suggestion;

use crate::syntax::arguments::{self, Known};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::{Text, check_topic};

const KNOWN: &[Known] = &[
    Known {
        name: "topic",
        example: "topic = \"card.topups\"",
    },
    Known {
        name: "key",
        example: "key = \"card\"",
    },
];

/// The contents of the implementation.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) name: Ident,
    pub(super) topic: Text,
    /// The way from the value to its key, field by field; empty is a null key.
    pub(super) key: Vec<Member>,
}

impl Model {
    /// Reads the type and its attributes, or says what is wrong with them.
    pub(super) fn read(input: &DeriveInput) -> syn::Result<Self> {
        let mut diagnostics = Diagnostics::default();
        if !input.generics.params.is_empty() {
            let message = "an event is one type and owns its data: it cannot be generic";
            diagnostics.complain(&input.generics, message);
        }
        let (topic, key) = attribute(input, &mut diagnostics);
        if let Some(topic) = topic.as_ref().and_then(Text::literal) {
            check_topic(topic, &mut diagnostics);
        }
        let marked = marked_fields(input, &mut diagnostics);
        let key = match (key, marked.first()) {
            (Some(key), Some(_)) => {
                diagnostics.complain(
                    key,
                    "the key is named twice: keep `key = \"…\"` or `#[key]`",
                );
                Vec::new()
            }
            (Some(key), None) => path(&key, input, &mut diagnostics),
            (None, Some(member)) => vec![member.clone()],
            (None, None) => Vec::new(),
        };
        let topic = topic.unwrap_or_else(|| Text::Literal(LitStr::new("", input.ident.span())));
        diagnostics.finish(Self {
            name: input.ident.clone(),
            topic,
            key,
        })
    }
}

/// The topic and the key of `#[event(topic = "…", key = "…")]`.
fn attribute(input: &DeriveInput, diagnostics: &mut Diagnostics) -> (Option<Text>, Option<LitStr>) {
    let (mut topic, mut key) = (None, None);
    let mut attributes = input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("event"));
    let Some(attr) = attributes.next() else {
        let message = "an event names its topic: write `#[event(topic = \"…\")]` above the type";
        diagnostics.absorb(syn::Error::new(Span::call_site(), message));
        return (None, None);
    };
    if let Some(second) = attributes.next() {
        diagnostics.complain(second, "`#[event(…)]` is given twice: keep one");
    }
    let tokens = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) | Meta::NameValue(_) => proc_macro2::TokenStream::new(),
    };
    let arguments = arguments::read("#[event]", KNOWN, tokens, diagnostics);
    for argument in &arguments {
        let known = KNOWN.iter().find(|known| argument.name == known.name);
        let example = known.map_or("", |known| known.example);
        if argument.name == "topic" {
            topic = argument.value(example, diagnostics);
        } else {
            key = argument.value(example, diagnostics);
        }
    }
    if !arguments.iter().any(|argument| argument.name == "topic") {
        diagnostics.complain(
            attr,
            "an event names its topic: write `#[event(topic = \"…\")]`",
        );
    }
    (topic, key)
}

/// The fields that carry `#[key]`.
fn marked_fields(input: &DeriveInput, diagnostics: &mut Diagnostics) -> Vec<Member> {
    let is_marked = |field: &Field| field.attrs.iter().any(|attr| attr.path().is_ident("key"));
    match &input.data {
        Data::Struct(data) => {
            let marked = data
                .fields
                .members()
                .zip(&data.fields)
                .filter(|(_, field)| is_marked(field));
            let marked: Vec<(Member, &Field)> = marked.collect();
            for (_, field) in marked.iter().skip(1) {
                diagnostics.complain(field, "an event has one key: keep one `#[key]`");
            }
            marked.into_iter().map(|(member, _)| member).collect()
        }
        Data::Enum(data) => {
            for field in data
                .variants
                .iter()
                .flat_map(|variant| &variant.fields)
                .filter(|field| is_marked(field))
            {
                diagnostics.complain(field, NO_FIELDS);
            }
            Vec::new()
        }
        Data::Union(data) => {
            diagnostics.complain(data.union_token, "an event is a struct or an enum");
            Vec::new()
        }
    }
}

const NO_FIELDS: &str = "an enum has no fields of its own to be the key: implement `Event` by hand";

/// The members of `key = "a.b"`; the first has to be a field of the struct.
fn path(key: &LitStr, input: &DeriveInput, diagnostics: &mut Diagnostics) -> Vec<Member> {
    let Data::Struct(data) = &input.data else {
        diagnostics.complain(key, NO_FIELDS);
        return Vec::new();
    };
    let text = key.value();
    let mut members = Vec::new();
    for part in text.split('.') {
        match LitStr::new(part, key.span()).parse::<Member>() {
            Ok(member) => members.push(member),
            Err(_) => {
                let message = format!(
                    "{text:?} is not a path of fields: write `key = \"card\"` or `key = \"card.no\"`"
                );
                diagnostics.complain(key, message);
                return Vec::new();
            }
        }
    }
    if let Some(first) = members.first()
        && !data.fields.members().any(|field| field == *first)
    {
        diagnostics.complain(key, no_such_field(&shown(first), &data.fields));
    }
    members
}

fn no_such_field(name: &str, fields: &Fields) -> String {
    let names: Vec<String> = fields.members().map(|member| shown(&member)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        return format!("`{name}` is not a field: the type has none, so leave `key` out");
    }
    format!("`{name}` is not a field; {}", suggestion(name, &names))
}

fn shown(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}
