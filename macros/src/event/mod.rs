//! `#[derive(Event)]`: a type's topic, and the field that is its key.

mod parse;

use parse::Model;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned;

/// The implementation of `Event`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let model = syn::parse2::<DeriveInput>(input).and_then(|input| Model::read(&input));
    model.map_or_else(syn::Error::into_compile_error, |model| {
        implementation(&model)
    })
}

fn implementation(Model { name, topic, key }: &Model) -> TokenStream {
    let key = key.first().map(|first| {
        let field = quote_spanned!(first.span()=> self #(.#key)*);
        quote! {
            fn key(
                &self,
            ) -> ::core::result::Result<
                ::core::option::Option<::wellspring::__private::Bytes>,
                ::wellspring::__private::EncodeError,
            > {
                ::wellspring::__private::key(&#field)
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl ::wellspring::__private::Event for #name {
            const TOPIC: &'static str = #topic;
            #key
        }
    }
}
