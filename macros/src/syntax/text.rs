//! Texts in attributes: literals that are checked now, constants, and placeholders that are
//! resolved at start.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{ExprPath, LitStr};
use wellspring_grammar::{placeholder, topic};

use super::diagnostics::Diagnostics;

/// A text: written here, or the constant that holds it (`GROUP`, `<TopUp as Event>::TOPIC`).
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Literal(LitStr),
    Constant(ExprPath),
}

impl Text {
    /// Returns the text when it is written here and can be checked.
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
pub(crate) fn has_placeholder(text: &LitStr) -> bool {
    placeholder::is_in(&text.value())
}

/// Complains about a placeholder that does not close or has no key. Returns whether there are
/// placeholders.
pub(crate) fn check_placeholders(text: &LitStr, diagnostics: &mut Diagnostics) -> bool {
    placeholder::check(&text.value()).unwrap_or_else(|malformed| {
        diagnostics.complain(
            text,
            format!("{malformed}: write `${{key}}` or `${{key:default}}`"),
        );
        true
    })
}

/// Complains about a literal that Kafka would not take as a topic's name.
pub(crate) fn check_topic(topic: &LitStr, diagnostics: &mut Diagnostics) {
    if check_placeholders(topic, diagnostics) {
        return;
    }
    if let Err(invalid) = topic::check(&topic.value()) {
        diagnostics.complain(topic, invalid);
    }
}

/// Complains about an empty text where a name is wanted.
pub(crate) fn check_name(text: &LitStr, what: &str, diagnostics: &mut Diagnostics) {
    if text.value().trim().is_empty() {
        diagnostics.complain(text, format!("`{what}` is empty: give it a name"));
    }
    check_placeholders(text, diagnostics);
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
    fn a_topic_is_a_name_or_has_placeholders() {
        for good in ["card.topups", "${t}", "${t:a b}.x"] {
            assert_eq!(complaint(check_topic, good), None, "{good}");
        }
        for bad in ["", "a b", "$${t}", "${t"] {
            assert!(complaint(check_topic, bad).is_some(), "{bad}");
        }
    }
}
