//! From the model to the trait as the compiler gets it, and a type that sends through a template.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemTrait, ReturnType, TraitItem, TraitItemFn, parse_quote};

use super::parse::{Part, Producer, Role, Send};
use crate::text::has_placeholder;

/// The trait, its implementation, and what only the compiler can check.
pub(super) fn expand(producer: &Producer, written: &ItemTrait) -> TokenStream {
    let declaration = declaration(written);
    let Producer { name, visibility, sends } = producer;
    let implementor = format_ident!("Kafka{name}");
    let doc = format!("Sends through a `KafkaTemplate`: what `#[kafka_producer]` wrote for [`{name}`].");
    let methods = sends.iter().map(method);
    let checks = sends.iter().map(check);
    quote! {
        #declaration

        #[doc = #doc]
        #[derive(Debug, Clone)]
        #visibility struct #implementor {
            template: ::wellspring::__private::KafkaTemplate,
        }

        impl #implementor {
            /// Sends through `template`.
            #[must_use]
            #visibility fn new(template: ::wellspring::__private::KafkaTemplate) -> Self {
                Self { template }
            }
        }

        impl #name for #implementor {
            #(#methods)*
        }

        #(#checks)*
    }
}

/// The trait with `-> impl Future + Send` for `async fn`, so that its futures can be spawned.
fn declaration(written: &ItemTrait) -> ItemTrait {
    let mut declaration = written.clone();
    for item in &mut declaration.items {
        if let TraitItem::Fn(method) = item {
            promise_send(method);
        }
    }
    declaration
}

fn promise_send(method: &mut TraitItemFn) {
    if method.sig.asyncness.take().is_none() {
        return;
    }
    let answer = match &method.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, answer) => answer.to_token_stream(),
    };
    method.sig.output = parse_quote! {
        -> impl ::core::future::Future<Output = #answer> + ::core::marker::Send
    };
    if let Some(body) = &method.default {
        method.default = Some(parse_quote!({ async move #body }));
    }
}

fn method(send: &Send) -> TokenStream {
    let Send { name, conditions, inputs, answer, topic, parts } = send;
    let start = match topic {
        Some(topic) => quote!(self.template.record(#topic)),
        None => quote!(self.template.record(TOPIC)),
    };
    let parts = parts.iter().map(part);
    quote_spanned! {name.span()=>
        #(#conditions)*
        async fn #name(#inputs) -> #answer {
            #start #(#parts)*.send().await
        }
    }
}

/// The call of the record's builder that an argument becomes.
fn part(Part { argument, role, .. }: &Part) -> TokenStream {
    match role {
        Role::Payload => quote!(.payload(#argument)),
        Role::Key => quote!(.key(#argument)),
        Role::Partition => quote!(.partition(#argument)),
        Role::Timestamp => quote!(.timestamp(#argument)),
        Role::Header(name) => quote!(.header(#name, #argument)),
    }
}

/// A topic that is written has to be the payload's, and one that is not written has to come from it.
fn check(send: &Send) -> TokenStream {
    let Some(payload) = send.parts.iter().find(|part| matches!(part.role, Role::Payload)) else {
        return TokenStream::new();
    };
    let (conditions, payload) = (&send.conditions, payload.owned());
    let named = quote_spanned!(payload.span()=> <#payload as ::wellspring::__private::Encode>::TOPIC);
    match &send.topic {
        Some(topic) if has_placeholder(topic) => TokenStream::new(),
        Some(topic) => quote_spanned! {topic.span()=>
            #(#conditions)*
            const _: () = ::wellspring::__private::assert_topic(#topic, #named);
        },
        None => quote_spanned! {send.name.span()=>
            #(#conditions)*
            const _: () = ::wellspring::__private::assert_topic_is_named(#named);
        },
    }
}
