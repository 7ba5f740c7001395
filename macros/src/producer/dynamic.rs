//! The implementations by which `Arc<dyn Trait>` and `Box<dyn Trait>` are producers, too.
//!
//! A trait whose methods answer `impl Future` cannot be called through `dyn`. So its methods ask
//! for `Self: Sized`, and beside it stands a hidden trait with the same methods, whose futures are
//! boxed; every implementor has that, and it is what `Arc` and `Box` call. Whoever implements the
//! trait by hand writes `async fn` and sees none of it.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, FnArg, ItemTrait, Receiver, ReceiverKind, ReturnType, Signature, TraitItem,
    TraitItemFn, TypeParamBound, parse_quote,
};

/// Whether objects of the trait can be made. One that asks for more than we know how to give `Arc`
/// has none.
pub(super) fn has_objects(written: &ItemTrait) -> bool {
    let known = |bound: &TypeParamBound| {
        if let TypeParamBound::Trait(bound) = bound {
            let last = bound.path.segments.last();
            last.is_some_and(|last| {
                ["Send", "Sync", "Debug"]
                    .iter()
                    .any(|name| last.ident == name)
            })
        } else {
            matches!(bound, TypeParamBound::Lifetime(_))
        }
    };
    written.supertraits.iter().all(known)
}

/// Asks of the declaration what makes objects of it possible.
pub(super) fn promise_objects(declaration: &mut ItemTrait) {
    let boxed = boxed_name(declaration);
    declaration
        .supertraits
        .push(parse_quote!(::core::marker::Send));
    declaration
        .supertraits
        .push(parse_quote!(::core::marker::Sync));
    declaration.supertraits.push(parse_quote!(#boxed));
    declaration.colon_token.get_or_insert_with(Default::default);
}

/// Whether a method is called through the hidden trait, or cannot be called on an object at all.
pub(super) fn needs_a_size(method: &TraitItemFn) -> bool {
    method.sig.asyncness.is_some() || !can_be_forwarded(&method.sig)
}

/// The hidden trait, and the implementations for `Arc` and `Box`.
pub(super) fn expand(written: &ItemTrait) -> TokenStream {
    let (name, visibility, boxed) = (&written.ident, &written.vis, boxed_name(written));
    let methods = written.items.iter().filter_map(|item| {
        let TraitItem::Fn(method) = item else {
            return None;
        };
        can_be_forwarded(&method.sig).then(|| Forwarded::of(method))
    });
    let methods: Vec<Forwarded> = methods.collect();
    let declared = methods.iter().filter_map(Forwarded::declaration);
    let boxes = methods.iter().filter_map(|method| method.boxes(name));
    let forwards: Vec<TokenStream> = methods.iter().map(Forwarded::forward).collect();
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, clippy::type_complexity, reason = "it is called through `Arc<dyn …>`, if at all")]
        #visibility trait #boxed {
            #(#declared)*
        }

        #[allow(clippy::type_complexity, reason = "the type is that of a boxed future")]
        impl<P: #name> #boxed for P {
            #(#boxes)*
        }

        impl<P: #name + ?::core::marker::Sized> #name for ::std::sync::Arc<P> {
            #(#forwards)*
        }

        impl<P: #name + ?::core::marker::Sized> #name for ::std::boxed::Box<P> {
            #(#forwards)*
        }
    }
}

fn boxed_name(written: &ItemTrait) -> Ident {
    format_ident!("__Boxed{}", written.ident)
}

/// Takes `&self`, and is not generic.
fn can_be_forwarded(sig: &Signature) -> bool {
    let by_reference =
        |receiver: &Receiver| matches!(receiver.kind, ReceiverKind::Reference(_, None, None));
    sig.receiver().is_some_and(by_reference)
        && sig.generics.where_clause.is_none()
        && sig.generics.params.is_empty()
}

/// A method as `Arc` passes it on.
struct Forwarded<'a> {
    sig: &'a Signature,
    conditions: Vec<&'a Attribute>,
    names: Vec<Ident>,
    types: Vec<TokenStream>,
}

impl<'a> Forwarded<'a> {
    fn of(method: &'a TraitItemFn) -> Self {
        let types = method.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument.ty.to_token_stream()),
            FnArg::Receiver(_) => None,
        });
        let types: Vec<TokenStream> = types.collect();
        let names = (0..types.len())
            .map(|at| format_ident!("argument{at}"))
            .collect();
        let conditions = method
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
            .collect();
        Self {
            sig: &method.sig,
            conditions,
            names,
            types,
        }
    }

    fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    fn boxed(&self) -> Ident {
        format_ident!("__boxed_{}", self.sig.ident)
    }

    fn answer(&self) -> TokenStream {
        match &self.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, answer) => answer.to_token_stream(),
        }
    }

    /// `fn __boxed_name<'send>(&'send self, …) -> Pin<Box<dyn Future<…> + Send + 'send>>`, for an
    /// async method.
    fn signature(&self) -> Option<TokenStream> {
        if !self.is_async() {
            return None;
        }
        let (boxed, names) = (self.boxed(), &self.names);
        let types = self.types.iter().map(|ty| with_lifetime(ty.clone()));
        let answer = with_lifetime(self.answer());
        Some(quote! {
            fn #boxed<'send>(&'send self, #(#names: #types),*) -> ::core::pin::Pin<::std::boxed::Box<
                dyn ::core::future::Future<Output = #answer> + ::core::marker::Send + 'send
            >>
        })
    }

    fn declaration(&self) -> Option<TokenStream> {
        let (conditions, signature) = (&self.conditions, self.signature()?);
        Some(quote!(#(#conditions)* #signature;))
    }

    fn boxes(&self, of: &Ident) -> Option<TokenStream> {
        let (conditions, signature) = (&self.conditions, self.signature()?);
        let (method, names) = (&self.sig.ident, &self.names);
        Some(quote! {
            #(#conditions)*
            #signature {
                ::std::boxed::Box::pin(<P as #of>::#method(self, #(#names),*))
            }
        })
    }

    fn forward(&self) -> TokenStream {
        let (conditions, method, names, types) =
            (&self.conditions, &self.sig.ident, &self.names, &self.types);
        let answer = self.answer();
        if self.is_async() {
            let boxed = self.boxed();
            quote! {
                #(#conditions)*
                async fn #method(&self, #(#names: #types),*) -> #answer {
                    (**self).#boxed(#(#names),*).await
                }
            }
        } else {
            quote! {
                #(#conditions)*
                fn #method(&self, #(#names: #types),*) -> #answer {
                    (**self).#method(#(#names),*)
                }
            }
        }
    }
}

/// The tokens of a type with `'send` for every lifetime that is not written.
fn with_lifetime(ty: TokenStream) -> TokenStream {
    let mut tokens = ty.into_iter().peekable();
    let mut named = TokenStream::new();
    while let Some(token) = tokens.next() {
        let next_is_lifetime = |next: Option<&TokenTree>| matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '\'');
        match &token {
            TokenTree::Group(group) => named.extend([regrouped(group)]),
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let is_named = next_is_lifetime(tokens.peek());
                named.extend([TokenTree::Punct(punct.clone())]);
                if !is_named {
                    named.extend(lifetime());
                }
            }
            TokenTree::Ident(ident) if *ident == "_" => named.extend([TokenTree::Ident(send())]),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                named.extend([token])
            }
        }
    }
    named
}

fn regrouped(group: &Group) -> TokenTree {
    Group::new(group.delimiter(), with_lifetime(group.stream())).into()
}

fn lifetime() -> [TokenTree; 2] {
    [Punct::new('\'', Spacing::Joint).into(), send().into()]
}

fn send() -> Ident {
    Ident::new("send", Span::call_site())
}
