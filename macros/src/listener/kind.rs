//! The values of a listener's options: reading, checking and expanding them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{LitBool, LitInt, LitStr, Path};
use wellspring_grammar::count::MAX_COUNT;
use wellspring_grammar::properties::instead_of;
use wellspring_grammar::retry::RetryText;
use wellspring_grammar::words::{self, UnknownWord};

use crate::syntax::arguments::{Argument, Pair};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::{Text, check_placeholders, check_topic, has_placeholder};

/// The kind of value that an option has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A number from 1, or a placeholder.
    Count,
    /// `true`, `false`, or a placeholder.
    Switch,
    /// Nothing: the name alone turns it on.
    Flag,
    /// One of a few words, or a placeholder.
    Word(Words),
    /// A retry policy, or a placeholder.
    Retry,
    /// A topic, or nothing.
    DeadLetter,
    /// The path of a function.
    Function,
    /// Properties of librdkafka.
    Properties,
}

/// A list of words, and the type of wellspring whose variants they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    ty: &'static str,
    /// Returns the name of the variant.
    read: fn(&str) -> Result<&'static str, UnknownWord>,
}

pub(super) const ORDERING: Words = Words {
    ty: "Ordering",
    read: |text| words::Ordering::parse(text).map(words::Ordering::variant),
};

pub(super) const ON_EXHAUSTED: Words = Words {
    ty: "OnExhausted",
    read: |text| words::OnExhausted::parse(text).map(words::OnExhausted::variant),
};

/// A value as it is written.
#[derive(Debug)]
pub(super) enum Value {
    Count(LitInt),
    Switch(LitBool),
    /// A text where a literal of another kind could stand, which the message names.
    Setting(LitStr, &'static str),
    Flag,
    Word(LitStr, Words),
    Retry(LitStr),
    DeadLetter(Option<Text>),
    Function(Path),
    Properties(Vec<Pair>),
}

impl Kind {
    /// Reads the value of an argument; complains and returns `None` when it is of another kind.
    pub(super) fn read(
        self,
        argument: &Argument,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        Some(match self {
            Self::Count => match argument.value(example, diagnostics)? {
                Either::Literal(number) => Value::Count(number),
                Either::Text(text) => Value::Setting(text, "a number without quotes"),
            },
            Self::Switch => match argument.value(example, diagnostics)? {
                Either::Literal(switch) => Value::Switch(switch),
                Either::Text(text) => Value::Setting(text, "`true`, `false`"),
            },
            Self::Flag => argument.flag(diagnostics).then_some(Value::Flag)?,
            Self::Word(words) => Value::Word(argument.value(example, diagnostics)?, words),
            Self::Retry => Value::Retry(argument.value(example, diagnostics)?),
            Self::DeadLetter => Value::DeadLetter(argument.optional_value(example, diagnostics)?),
            Self::Function => Value::Function(argument.value(example, diagnostics)?),
            Self::Properties => Value::Properties(argument.pairs(example, diagnostics)),
        })
    }
}

impl Value {
    /// Complains if the option `name` cannot have this value.
    pub(super) fn check(&self, name: &str, diagnostics: &mut Diagnostics) {
        match self {
            Self::Count(number) => {
                let count = number.base10_parse::<u64>();
                if !count.is_ok_and(|count| (1..=MAX_COUNT).contains(&count)) {
                    let message = format!("`{name}` is a number from 1 to {MAX_COUNT}");
                    diagnostics.complain(number, message);
                }
            }
            // Without a placeholder it is a value in quotes that it should not have.
            Self::Setting(text, value) => {
                if !check_placeholders(text, diagnostics) {
                    let message =
                        format!("`{name}` is {value} or a placeholder: \"${{key:default}}\"");
                    diagnostics.complain(text, message);
                }
            }
            Self::Word(text, words) => {
                if !check_placeholders(text, diagnostics)
                    && let Err(unknown) = (words.read)(&text.value())
                {
                    diagnostics.complain(text, unknown);
                }
            }
            Self::Retry(text) => {
                if !check_placeholders(text, diagnostics)
                    && let Err(reason) = RetryText::parse(&text.value())
                {
                    diagnostics.complain(text, format!("not a retry policy: {reason}"));
                }
            }
            Self::DeadLetter(topic) => {
                if let Some(topic) = topic.as_ref().and_then(Text::literal) {
                    check_topic(topic, diagnostics);
                }
            }
            Self::Properties(pairs) => pairs.iter().for_each(|pair| {
                check_property(pair, diagnostics);
            }),
            Self::Switch(_) | Self::Flag | Self::Function(_) => {}
        }
    }

    /// Returns the call of the builder's method that sets the option `name`.
    pub(super) fn call(&self, name: &str) -> TokenStream {
        let method = format_ident!("{name}");
        match self {
            Self::Count(number) => {
                // The digits alone: a suffix the user wrote is not the type of the setting.
                let digits = LitInt::new(number.base10_digits(), number.span());
                quote!(.#method(#digits))
            }
            Self::Switch(switch) => quote!(.#method(#switch)),
            Self::Setting(text, _) => quote!(.#method(#text)),
            Self::Flag => quote!(.#method()),
            Self::Word(text, words) => {
                let value = match (words.read)(&text.value()) {
                    Ok(variant) => {
                        let ty = Ident::new(words.ty, text.span());
                        let variant = Ident::new(variant, text.span());
                        quote!(::wellspring::__private::#ty::#variant)
                    }
                    Err(_) => quote!(#text),
                };
                quote!(.#method(#value))
            }
            Self::Retry(text) if has_placeholder(text) => quote!(.#method(#text)),
            Self::Retry(text) => {
                quote!(.#method(const { ::wellspring::__private::retry_policy(#text) }))
            }
            Self::DeadLetter(None) => quote!(.#method()),
            Self::DeadLetter(Some(topic)) => quote!(.dead_letter_to(#topic)),
            Self::Function(path) => {
                let classifier =
                    quote_spanned!(path.span()=> ::wellspring::__private::Classifier::new(#path));
                quote!(.#method(#classifier))
            }
            Self::Properties(pairs) => pairs
                .iter()
                .map(|Pair { name, value }| quote!(.property(#name, #value)))
                .collect(),
        }
    }
}

fn check_property(Pair { name, value }: &Pair, diagnostics: &mut Diagnostics) {
    check_placeholders(value, diagnostics);
    let property = name.value();
    if let Some(instead) = instead_of(&property) {
        diagnostics.complain(name, format!("`{property}` cannot be set here: {instead}"));
    }
}

/// A literal, or a text that becomes one at start.
enum Either<T> {
    Literal(T),
    Text(LitStr),
}

impl<T: Parse> Parse for Either<T> {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            input.parse().map(Self::Text)
        } else {
            input.parse().map(Self::Literal)
        }
    }
}
