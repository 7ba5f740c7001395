//! `#[wellspring::test]`: an async test with a Kafka of its own.

mod parse;

use parse::Spec;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{FnArg, ItemFn, Type};

use crate::syntax::arguments::Pair;
use crate::syntax::diagnostics::{Diagnostics, tokens_or};

/// An ordinary test that starts the Kafka, runs the body and stops it.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let error = syn::Error::new(
            Span::call_site(),
            "#[wellspring::test] stands on an async function",
        );
        return tokens_or(Err(error), item);
    };
    let mut diagnostics = Diagnostics::default();
    let spec = Spec::read(arguments, &mut diagnostics);
    check(&function, &mut diagnostics);
    tokens_or(diagnostics.finish(test(&spec, &function)), &function)
}

fn check(function: &ItemFn, diagnostics: &mut Diagnostics) {
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        let message = format!("a test of Kafka waits: write `async fn {}`", sig.ident);
        diagnostics.complain(sig.fn_token, message);
    }
    if sig.inputs.len() != 1 || sig.receiver().is_some() {
        let message = format!(
            "a test takes the Kafka it runs on: write `{}(kafka: TestKafka)`",
            sig.ident
        );
        diagnostics.complain(&sig.ident, message);
    }
    if let Some(FnArg::Typed(argument)) = sig.inputs.first()
        && matches!(&*argument.ty, Type::Reference(_))
    {
        diagnostics.complain(
            &argument.ty,
            "a test owns the Kafka it runs on: take `TestKafka`, which is cheap to clone",
        );
    }
    if !sig.generics.params.is_empty() {
        diagnostics.complain(&sig.generics, "a test cannot be generic");
    }
}

fn test(Spec { topics, settings }: &Spec, function: &ItemFn) -> TokenStream {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = function;
    let (name, answer) = (&sig.ident, &sig.output);
    let topics = topics
        .as_ref()
        .map_or_else(|| quote!(""), |topics| quote!(#topics));
    let settings = settings
        .iter()
        .map(|Pair { name, value }| quote!(.setting(#name, #value)));
    quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        #vis fn #name() #answer {
            #sig #block

            ::wellspring::testing::run(::wellspring::testing::Spec::new(#topics) #(#settings)*, #name)
        }
    }
}
