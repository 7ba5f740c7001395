//! `#[kafka_listener]` on a function, and `#[kafka_listeners]` on an `impl` block.

mod methods;
mod expand;
mod checks;
mod attribute;
mod options;
mod kind;
mod function;
mod owner;

use attribute::Attribute;
use function::Function;
pub(crate) use methods::expand as expand_methods;
use owner::Owner;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ItemFn;

use crate::syntax::diagnostics::{Diagnostics, tokens_or};

/// The function as it was written, and its registration.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()) else {
        let error = syn::Error::new(
            Span::call_site(),
            "#[kafka_listener] stands on an async function",
        );
        return tokens_or(Err(error), item);
    };
    let mut diagnostics = Diagnostics::default();
    let attribute = Attribute::read(Span::call_site(), arguments, &mut diagnostics);
    let model = Function::read(&function.attrs, &mut function.sig, false, &mut diagnostics);
    let registration = registration(&attribute, &model, None, diagnostics);
    tokens_or(
        registration.map(|registration| quote!(#function #registration)),
        &function,
    )
}

/// The registration of a function, or of a method of `owner`; all complaints when there are any.
fn registration(
    attribute: &Attribute,
    function: &Function,
    owner: Option<&Owner>,
    mut diagnostics: Diagnostics,
) -> syn::Result<TokenStream> {
    checks::check(attribute, &mut diagnostics);
    diagnostics.finish(())?;
    Ok(expand::registration(attribute, function, owner).into_token_stream())
}
