//! Texts in attributes: literals that are checked now, constants, and placeholders that are
//! resolved at start.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{ExprPath, LitStr};

use crate::diagnostics::Diagnostics;

/// Longest name of a topic that Kafka accepts, in characters.
const MAX_TOPIC_LEN: usize = 249;

/// A text: written here, or the constant that holds it (`GROUP`, `<TopUp as Event>::TOPIC`).
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Literal(LitStr),
    Constant(ExprPath),
}

impl Text {
    /// The text, when it is written here and can be checked.
    pub(crate) const fn literal(&self) -> Option<&LitStr> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Constant(_) => None,
        }
    }
}

impl Parse for Text {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Literal);
        }
        let path: ExprPath = input.parse()?;
        // A lone word in lower case is no constant: its quotes are missing.
        if path
            .path
            .get_ident()
            .is_some_and(|name| name.to_string().contains(char::is_lowercase))
        {
            return Err(syn::Error::new_spanned(
                path,
                "expected a text in quotes, or a constant",
            ));
        }
        Ok(Self::Constant(path))
    }
}

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(text) => text.to_tokens(tokens),
            Self::Constant(path) => path.to_tokens(tokens),
        }
    }
}

/// Whether the application has to resolve this text: it holds `${key}` or `${key:default}`.
/// `$${` stands for a literal `${`.
pub(crate) fn has_placeholder(text: &LitStr) -> bool {
    placeholders(&text.value()).next().is_some()
}

/// Complains about a placeholder that does not close or has no key. Answers whether there are
/// placeholders.
pub(crate) fn check_placeholders(text: &LitStr, diagnostics: &mut Diagnostics) -> bool {
    let value = text.value();
    for inside in placeholders(&value) {
        let Some(inside) = closed(inside) else {
            diagnostics.complain(
                text,
                "a placeholder is not closed: write `${key}` or `${key:default}`",
            );
            return true;
        };
        let key = inside.split_once(':').map_or(inside, |(key, _)| key).trim();
        if key.is_empty() || key.contains("${") {
            diagnostics.complain(
                text,
                "a placeholder has no key: write `${key}` or `${key:default}`",
            );
            return true;
        }
    }
    has_placeholder(text)
}

/// Complains about a literal that Kafka would not take as a topic's name.
pub(crate) fn check_topic(topic: &LitStr, diagnostics: &mut Diagnostics) {
    if check_placeholders(topic, diagnostics) {
        return;
    }
    let name = topic.value();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty()
        || name.len() > MAX_TOPIC_LEN
        || name == "."
        || name == ".."
        || !name.chars().all(allowed)
    {
        diagnostics.complain(
            topic,
            format!(
                "{name:?} is not a topic name: use 1 to {MAX_TOPIC_LEN} characters of a-z, A-Z, 0-9, '.', '_' \
                 and '-', but not \".\" or \"..\""
            ),
        );
    }
}

/// Complains about a text that says nothing, where a name is wanted.
pub(crate) fn check_name(text: &LitStr, what: &str, diagnostics: &mut Diagnostics) {
    if text.value().trim().is_empty() {
        diagnostics.complain(text, format!("`{what}` is empty: give it a name"));
    }
    check_placeholders(text, diagnostics);
}

/// What follows each `${` that is not escaped.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${")
        .filter(|(at, _)| !text.get(..*at).is_some_and(|before| before.ends_with('$')))
        .filter_map(|(at, opening)| text.get(at + opening.len()..))
}

/// The text up to the brace that closes the placeholder; defaults may hold placeholders themselves.
fn closed(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return text.get(..at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn complaint(check: impl Fn(&LitStr, &mut Diagnostics), text: &str) -> Option<String> {
        let mut diagnostics = Diagnostics::default();
        check(&LitStr::new(text, Span::call_site()), &mut diagnostics);
        diagnostics.finish(()).err().map(|error| error.to_string())
    }

    #[test]
    fn kafka_rules_decide_what_a_topic_name_is() {
        for good in [
            "a",
            "card.topups",
            "A_b-9",
            "...",
            &"x".repeat(249),
            "${t}",
            "${t:a b}.x",
        ] {
            assert_eq!(complaint(check_topic, good), None, "{good}");
        }
        for bad in ["", ".", "..", "a b", "ä", "a/b", &"x".repeat(250), "$${t}"] {
            assert!(complaint(check_topic, bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn placeholders_close_and_have_a_key() {
        let check = |text: &LitStr, diagnostics: &mut Diagnostics| {
            check_placeholders(text, diagnostics);
        };
        for good in [
            "",
            "plain",
            "${a}",
            "${a:}",
            "${a:${b:c}}",
            "x${a}y${b}",
            "$${",
            "} {",
        ] {
            assert_eq!(complaint(check, good), None, "{good}");
        }
        for bad in ["${", "${a", "${}", "${:x}", "${${a}}", "${a:${b}"] {
            assert!(complaint(check, bad).is_some(), "{bad}");
        }
    }
}
