//! `#[kafka_listeners]` on an `impl` block: the listeners among its methods.
//!
//! A method's own attribute can register nothing, since it cannot name the type; the block's
//! attribute can.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{
    Attribute as SynAttribute, Generics, ImplItem, ImplItemFn, ItemImpl, Meta, Type, TypeParamBound,
};

use super::{Attribute, Function, Owner, registration};
use crate::syntax::diagnostics::{Diagnostics, tokens_or};

/// The block as it was written, and the registrations of its listeners.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) else {
        let message =
            "#[kafka_listeners] stands on an `impl` block whose methods carry `#[kafka_listener]`";
        return tokens_or(Err(syn::Error::new(Span::call_site(), message)), item);
    };
    let mut diagnostics = Diagnostics::default();
    check_block(&block, &mut diagnostics);
    let owner = owner(arguments, &block, &mut diagnostics);
    let mut registrations = TokenStream::new();
    let mut found = false;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let Some(attribute) = take_attribute(method) else {
            continue;
        };
        found = true;
        match register(&attribute, method, &owner) {
            Ok(registration) => registrations.extend(registration),
            Err(errors) => diagnostics.absorb(errors),
        }
    }
    if !found {
        let message =
            "no method here is a listener: write `#[kafka_listener(…)]` on those that are";
        diagnostics.complain(block.impl_token, message);
    }
    tokens_or(diagnostics.finish(quote!(#block #registrations)), &block)
}

fn check_block(block: &ItemImpl, diagnostics: &mut Diagnostics) {
    if let Some((path, _)) = &block.trait_ {
        diagnostics.complain(
            path,
            "listeners are a type's own methods: write them in an `impl` without a trait",
        );
    }
}

/// The type whose methods are registered: that of the block, or the one that the attribute of a
/// generic block names.
fn owner(arguments: TokenStream, block: &ItemImpl, diagnostics: &mut Diagnostics) -> Owner {
    let ty = &*block.self_ty;
    match (block.generics.params.is_empty(), arguments.is_empty()) {
        (true, true) => {}
        (true, false) => {
            diagnostics.complain(
                arguments,
                "#[kafka_listeners] takes no arguments: write them on the methods",
            );
        }
        (false, true) => {
            let message = format!(
                "listeners belong to one type: name it, as in `#[kafka_listeners({})]`",
                example(ty, &block.generics)
            );
            diagnostics.complain(&block.generics, message);
        }
        (false, false) => {
            let chosen = syn::parse2(arguments.clone()).map_err(|_| {
                syn::Error::new_spanned(
                    arguments,
                    "#[kafka_listeners] on a generic block names one of its types",
                )
            });
            match chosen.and_then(|chosen| Owner::among(ty, &block.generics, &chosen)) {
                Ok(owner) => return owner,
                Err(error) => diagnostics.absorb(error),
            }
        }
    }
    Owner::of(ty)
}

/// `Shipping<KafkaShipments>` for `impl<S: Shipments> Shipping<S>`, so far as that can be guessed.
fn example(ty: &Type, generics: &Generics) -> String {
    let bound = generics.type_params().find_map(|param| {
        let Some(TypeParamBound::Trait(bound)) = param.bounds.first() else {
            return None;
        };
        bound.path.segments.last().map(|segment| &segment.ident)
    });
    let name = if let Type::Path(path) = ty {
        path.path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
    } else {
        None
    };
    let (name, bound) = (
        name.unwrap_or_else(|| "Shipping".to_owned()),
        bound.map(ToString::to_string),
    );
    bound.map_or_else(
        || format!("{name}<…>"),
        |bound| format!("{name}<Kafka{bound}>"),
    )
}

fn register(
    attribute: &SynAttribute,
    method: &mut ImplItemFn,
    owner: &Owner,
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
        attr.path()
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "kafka_listener")
    };
    let at = method.attrs.iter().position(is_ours)?;
    Some(method.attrs.remove(at))
}
