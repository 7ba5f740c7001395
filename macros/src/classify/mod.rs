//! `#[derive(Classify)]`: what each variant of an error asks for.

mod parse;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;

use parse::{Class, Model, Shape};

/// The implementation of `Classify`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let model = syn::parse2::<DeriveInput>(input).and_then(|input| Model::read(&input));
    model.map_or_else(syn::Error::into_compile_error, |model| implementation(&model))
}

fn implementation(model: &Model) -> TokenStream {
    let name = &model.name;
    let (parameters, arguments, bounds) = model.generics.split_for_impl();
    let arms = model.shapes.iter().map(arm);
    // An enum without variants has no value to look at.
    let answer =
        if model.shapes.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms)* }) };
    quote! {
        #[automatically_derived]
        impl #parameters ::wellspring::__private::Classify for #name #arguments #bounds {
            fn class(&self) -> ::wellspring::__private::FailureClass {
                #answer
            }
        }
    }
}

fn arm(Shape { variant, class }: &Shape) -> TokenStream {
    let variant = variant.iter();
    match class {
        Class::Is(class) => {
            quote!(Self #(::#variant)* { .. } => ::wellspring::__private::FailureClass::#class,)
        }
        Class::Of(member, place) => {
            let asked = quote_spanned!(*place=> ::wellspring::__private::Classify::class(error));
            quote!(Self #(::#variant)* { #member: error } => #asked,)
        }
    }
}
