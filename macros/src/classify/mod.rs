//! `#[derive(Classify)]`: what each variant of an error asks for.

mod parse;

use parse::{Class, Model, Shape};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned;

/// The implementation of `Classify`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let model = syn::parse2::<DeriveInput>(input).and_then(|input| Model::read(&input));
    model.map_or_else(syn::Error::into_compile_error, |model| {
        implementation(&model)
    })
}

fn implementation(model: &Model) -> TokenStream {
    let name = &model.name;
    let (parameters, arguments, bounds) = model.generics.split_for_impl();
    let arms = model.shapes.iter().map(arm);
    let dead_letters = model.shapes.iter().map(dead_letters);
    // An enum without variants has no value to look at.
    let answer = if model.shapes.is_empty() {
        quote!(match *self {})
    } else {
        quote!(match self { #(#arms)* })
    };
    quote! {
        #[automatically_derived]
        impl #parameters ::wellspring::__private::Classify for #name #arguments #bounds {
            const MAY_DEAD_LETTER: bool = false #(|| #dead_letters)*;

            fn class(&self) -> ::wellspring::__private::FailureClass {
                #answer
            }
        }
    }
}

/// Whether this shape may ask for a dead letter.
fn dead_letters(Shape { class, .. }: &Shape) -> TokenStream {
    match class {
        Class::Is(class) if class == "DeadLetter" => quote!(true),
        Class::Is(_) => quote!(false),
        Class::Of(_, ty) => {
            quote_spanned!(ty.span()=> <#ty as ::wellspring::__private::Classify>::MAY_DEAD_LETTER)
        }
    }
}

fn arm(Shape { variant, class }: &Shape) -> TokenStream {
    let variant = variant.iter();
    match class {
        Class::Is(class) => {
            quote!(Self #(::#variant)* { .. } => ::wellspring::__private::FailureClass::#class,)
        }
        Class::Of(member, ty) => {
            let asked = quote_spanned!(ty.span()=> <#ty as ::wellspring::__private::Classify>::class(error));
            quote!(Self #(::#variant)* { #member: error } => #asked,)
        }
    }
}
