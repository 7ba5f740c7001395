//! `#[kafka_listeners]` on an `impl` block: the listeners among its methods.
//!
//! A method's own attribute can register nothing, since it cannot name the type; the block's attribute can.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute as SynAttribute, ImplItem, ImplItemFn, ItemImpl, Meta};

use crate::diagnostics::{Diagnostics, tokens_or};
use crate::kafka_listener::{Attribute, Function, registration};

/// The block as it was written, and the registrations of its listeners.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) else {
        let message = "#[kafka_listeners] stands on an `impl` block whose methods carry `#[kafka_listener]`";
        return tokens_or(Err(syn::Error::new(Span::call_site(), message)), item);
    };
    let mut diagnostics = Diagnostics::default();
    if !arguments.is_empty() {
        diagnostics.complain(arguments, "#[kafka_listeners] takes no arguments: write them on the methods");
    }
    check_block(&block, &mut diagnostics);
    let mut registrations = TokenStream::new();
    let mut found = false;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let Some(attribute) = take_attribute(method) else { continue };
        found = true;
        match register(&attribute, method, &block.self_ty) {
            Ok(registration) => registrations.extend(registration),
            Err(errors) => diagnostics.absorb(errors),
        }
    }
    if !found {
        let message = "no method here is a listener: write `#[kafka_listener(…)]` on those that are";
        diagnostics.complain(block.impl_token, message);
    }
    tokens_or(diagnostics.finish(quote!(#block #registrations)), &block)
}

fn check_block(block: &ItemImpl, diagnostics: &mut Diagnostics) {
    if let Some((path, _)) = &block.trait_ {
        diagnostics
            .complain(path, "listeners are a type's own methods: write them in an `impl` without a trait");
    }
    if !block.generics.params.is_empty() {
        diagnostics.complain(&block.generics, "listeners belong to one type: this `impl` cannot be generic");
    }
}

fn register(
    attribute: &SynAttribute,
    method: &mut ImplItemFn,
    owner: &syn::Type,
) -> syn::Result<TokenStream> {
    let mut diagnostics = Diagnostics::default();
    let arguments = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
    };
    let model = Attribute::read(attribute.path().span(), arguments, &mut diagnostics);
    let function = Function::read(&method.attrs, &mut method.sig, true, &mut diagnostics);
    registration(&model, &function, Some(owner), diagnostics)
}

/// Takes `#[kafka_listener(…)]` off a method, by whatever path it was written.
fn take_attribute(method: &mut ImplItemFn) -> Option<SynAttribute> {
    let is_ours = |attr: &SynAttribute| {
        attr.path().segments.last().is_some_and(|segment| segment.ident == "kafka_listener")
    };
    let at = method.attrs.iter().position(is_ours)?;
    Some(method.attrs.remove(at))
}
