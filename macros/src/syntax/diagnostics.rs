//! Collects complaints, so that one compile shows them all.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Everything that is wrong with what was written, each with its own span.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics(Option<syn::Error>);

impl Diagnostics {
    /// Notes that something is wrong at `place`, and what would be right.
    pub(crate) fn complain(&mut self, place: impl ToTokens, message: impl Display) {
        self.absorb(syn::Error::new_spanned(place, message));
    }

    /// Takes over what a parser found.
    pub(crate) fn absorb(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// `value`, when there was nothing to complain about.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}

/// The expansion, or the complaints followed by `instead`: what was annotated stays where it was,
/// so that a mistake in an attribute does not drag "cannot find function" behind it.
pub(crate) fn tokens_or(result: syn::Result<TokenStream>, instead: impl ToTokens) -> TokenStream {
    result.unwrap_or_else(|errors| {
        let mut tokens = errors.into_compile_error();
        instead.to_tokens(&mut tokens);
        tokens
    })
}
