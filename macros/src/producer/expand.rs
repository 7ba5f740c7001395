//! From the model to the trait as the compiler gets it, and a type that sends through a template.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemTrait, ReturnType, TraitItem, TraitItemFn, Type, parse_quote};

use super::dynamic;
use super::parse::{Part, Producer, Role, Send};

/// The trait, its implementation, and what only the compiler can check.
pub(super) fn expand(producer: &Producer, written: &ItemTrait) -> TokenStream {
    let has_objects = dynamic::has_objects(written);
    let declaration = declaration(written, has_objects);
    let objects = has_objects.then(|| dynamic::expand(written));
    let Producer {
        name,
        visibility,
        sends,
    } = producer;
    let implementor = format_ident!("Kafka{name}");
    let doc =
        format!("Sends through a `KafkaTemplate`: what `#[kafka_producer]` wrote for [`{name}`].");
    let methods = sends.iter().map(method);
    let checks = sends.iter().filter_map(check);
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

        #objects

        #(#checks)*
    }
}

/// The trait with `-> impl Future + Send` for `async fn`, so that its futures can be spawned.
fn declaration(written: &ItemTrait, has_objects: bool) -> ItemTrait {
    let mut declaration = written.clone();
    if has_objects {
        dynamic::promise_objects(&mut declaration);
    }
    for item in &mut declaration.items {
        if let TraitItem::Fn(method) = item {
            if has_objects && dynamic::needs_a_size(method) {
                let sized = parse_quote!(Self: ::core::marker::Sized);
                method
                    .sig
                    .generics
                    .make_where_clause()
                    .predicates
                    .push(sized);
            }
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
        // Its future holds `&self`, and is `Send` when that is.
        method
            .sig
            .generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(Self: ::core::marker::Sync));
        method.default = Some(parse_quote!({ async move #body }));
    }
}

fn method(send: &Send) -> TokenStream {
    let Send {
        name,
        conditions,
        inputs,
        answer,
        topic,
        parts,
    } = send;
    let (topic, named) = match (topic, payload(send)) {
        (Some(topic), _) => (quote!(#topic), None),
        (None, payload) => (
            quote!(TOPIC),
            payload.map(|payload| named_by(payload, name.span())),
        ),
    };
    let parts = parts.iter().map(part);
    let body = quote_spanned! {answer.span()=>
        <#answer as ::wellspring::__private::SendAnswer>::of(self.template.record(#topic) #(#parts)* .send().await)
    };
    quote! {
        #(#conditions)*
        async fn #name(#inputs) -> #answer {
            #named
            #body
        }
    }
}

/// The call of the record's builder that an argument becomes.
fn part(part: &Part) -> TokenStream {
    let Part { argument, ty, role } = part;
    let borrowed = if matches!(ty, Type::Reference(_)) {
        quote!(#argument)
    } else {
        quote!(&#argument)
    };
    match role {
        Role::Payload => quote!(.payload(#borrowed)),
        Role::Key => quote!(.key(#borrowed)),
        Role::Header(name) => quote!(.header(#name, #borrowed)),
        Role::Partition => quote!(.partition(#argument)),
        Role::Timestamp => quote!(.timestamp(#argument)),
    }
}

/// The topic that a payload names; does not compile when it names none.
fn named_by(payload: &Type, place: Span) -> TokenStream {
    let named =
        quote_spanned!(payload.span()=> <#payload as ::wellspring::__private::Encode>::TOPIC);
    quote_spanned!(place=> const TOPIC: &str = ::wellspring::__private::required_topic(#named);)
}

/// A topic that is written has to be the one that the payload names, when it names one.
fn check(send: &Send) -> Option<TokenStream> {
    let topic = send.topic.as_ref()?;
    let (conditions, payload) = (&send.conditions, payload(send)?);
    let named =
        quote_spanned!(payload.span()=> <#payload as ::wellspring::__private::Encode>::TOPIC);
    Some(quote_spanned! {topic.span()=>
        #(#conditions)*
        const _: () = ::wellspring::__private::assert_topic(#topic, #named);
    })
}

/// The type of the payload, behind its references.
fn payload(send: &Send) -> Option<&Type> {
    send.parts
        .iter()
        .find(|part| matches!(part.role, Role::Payload))
        .map(Part::owned)
}
