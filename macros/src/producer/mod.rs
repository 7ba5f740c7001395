//! `#[kafka_producer]`: a trait whose methods send records, and the type that implements it.

mod parse;
mod expand;
mod dynamic;

use parse::Producer;
use proc_macro2::{Span, TokenStream};
use syn::ItemTrait;

use crate::syntax::diagnostics::{Diagnostics, tokens_or};

/// The trait with futures that are `Send`, and its implementation over a template.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut written) = syn::parse2::<ItemTrait>(item.clone()) else {
        let error = syn::Error::new(Span::call_site(), "#[kafka_producer] stands on a trait");
        return tokens_or(Err(error), item);
    };
    let mut diagnostics = Diagnostics::default();
    if !arguments.is_empty() {
        diagnostics.complain(
            arguments,
            "#[kafka_producer] takes no arguments: topics are named by `#[send(topic = \"…\")]`",
        );
    }
    let producer = Producer::read(&mut written, &mut diagnostics);
    let expansion = expand::expand(&producer, &written);
    tokens_or(diagnostics.finish(expansion), &written)
}
