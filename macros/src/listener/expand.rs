//! From the model to calls of the public builders, and a registration that makes them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Type};

use super::attribute::Attribute;
use super::function::{Argument, Function};
use super::owner::Owner;
use crate::syntax::text::Text;

/// Returns the endpoint, as calls of `Endpoint`'s builder, and its registration, by which the
/// application finds it.
pub(crate) fn registration(
    attribute: &Attribute,
    function: &Function,
    owner: Option<&Owner>,
) -> TokenStream {
    let Function {
        name, conditions, ..
    } = function;
    let path = match owner {
        Some(Owner { ty, .. }) => quote!(<#ty>::#name),
        None => quote!(#name),
    };
    let shown = match owner {
        Some(owner) => format!("{}::{name}", owner.shown),
        None => name.to_string(),
    };
    let extractors = extractors(function);
    let checks = checks(attribute, function, owner, &path);
    let options = options(attribute, function);
    let handler = handler(function, owner, &path);
    let registration = quote! {
        #(#conditions)*
        const _: () = {
            #extractors
            #checks
            ::wellspring::__private::inventory::submit! {
                ::wellspring::__private::Registration {
                    name: #shown,
                    at: ::wellspring::__private::SourceLocation {
                        module: ::core::module_path!(),
                        file: ::core::file!(),
                        line: ::core::line!(),
                    },
                    function: || ::wellspring::__private::Registration::type_of(&#path),
                    endpoint: || #options.handler(#handler),
                }
            }
        };
    };
    match owner {
        // What stands outside of the `impl` block cannot say `Self`, nor name its parameters.
        Some(owner) => owner.spelled_out(registration),
        None => registration,
    }
}

/// `Endpoint::builder("topic", "group").workers(16)…`: everything but the handler.
fn options(attribute: &Attribute, function: &Function) -> TokenStream {
    let group = match (&attribute.group, &attribute.id) {
        (Some(group), _) => group.clone(),
        (None, Some(id)) => Text::Literal(LitStr::new(
            &format!("${{listeners.{}.group}}", id.value()),
            id.span(),
        )),
        (None, None) => Text::Literal(LitStr::new("", attribute.place)),
    };
    let mut topics = attribute.topics.iter();
    let start = match topics.next() {
        Some(topic) => quote!(::wellspring::__private::Endpoint::builder(#topic, #group)),
        None => quote!(::wellspring::__private::Endpoint::for_event(#group)),
    };
    let id = attribute.id.iter();
    let options = attribute.options.calls();
    let classifier = (!attribute.options.has_classifier()).then(|| classifier(function));
    quote! {
        #start
            #(.topic(#topics))*
            #(.id(#id))*
            #(#options)*
            #classifier
    }
}

/// Asks the error type of the answer what it knows about itself.
fn classifier(function: &Function) -> TokenStream {
    let answer = &function.answer;
    let classifier = quote_spanned! {answer.span()=> {
        #[allow(unused_imports, reason = "the error type decides which of the two is used")]
        use ::wellspring::__private::{ClassifiedError as _, UnclassifiedError as _};
        (&::wellspring::__private::ErrorOf::<#answer>::NEW).classifier()
    }};
    quote!(.classify(#classifier))
}

/// A closure around the function, whose arguments are the extractors below.
fn handler(function: &Function, owner: Option<&Owner>, path: &TokenStream) -> TokenStream {
    if function.arguments.is_empty() && !function.has_self {
        return path.clone();
    }
    let names: Vec<Ident> = (0..function.arguments.len())
        .map(|at| format_ident!("argument{at}"))
        .collect();
    let types = (0..function.arguments.len()).map(argument_type);
    let values = names.iter().map(|name| quote!(#name.0));
    if function.has_self {
        let owner_type = owner.map(|owner| &owner.ty);
        quote_spanned! {function.name.span()=>
            |this: ::wellspring::__private::Shared<#owner_type>, #(#names: #types),*| async move {
                #path(&this.0, #(#values),*).await
            }
        }
    } else {
        quote_spanned!(function.name.span()=> |#(#names: #types),*| #path(#(#values),*))
    }
}

/// An extractor of its own for each argument. What is wrong with an argument's type is so told
/// there and nowhere else.
fn extractors(function: &Function) -> TokenStream {
    function
        .arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| extractor(at, argument))
        .collect()
}

fn extractor(at: usize, Argument { ty, header }: &Argument) -> TokenStream {
    let name = argument_type(at);
    let (read, more) = match header {
        Some(header) => (read_header(header, ty), TokenStream::new()),
        None => {
            let more = quote_spanned! {ty.span()=>
                fn requires(needs: &mut ::wellspring::__private::Requirements) {
                    <#ty as ::wellspring::__private::FromRecord>::requires(needs)
                }
            };
            (
                quote_spanned!(ty.span()=> <#ty as ::wellspring::__private::FromRecord>::from_record(cx)),
                more,
            )
        }
    };
    let topic = match header {
        Some(_) => TokenStream::new(),
        None => quote_spanned! {ty.span()=>
            const TOPIC: ::core::option::Option<&'static str> =
                <#ty as ::wellspring::__private::FromRecord>::TOPIC;
        },
    };
    quote_spanned! {ty.span()=>
        struct #name(#ty);

        impl ::wellspring::__private::FromRecord for #name {
            #topic

            fn from_record(
                cx: &::wellspring::__private::RecordContext,
            ) -> ::core::result::Result<#name, ::wellspring::__private::Rejection> {
                #read.map(#name)
            }

            #more
        }
    }
}

fn read_header(name: &Text, ty: &Type) -> TokenStream {
    match outermost(ty).as_deref() {
        Some("Option") => quote!(cx.header_if_present(#name)),
        Some("Result") => quote!(::core::result::Result::Ok(cx.header(#name))),
        _ => quote!(cx.header(#name)),
    }
}

fn argument_type(at: usize) -> Ident {
    format_ident!("__Argument{at}")
}

/// `Option` of `std::option::Option<T>`.
fn outermost(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path
        .segments
        .last()
        .map(|segment| segment.ident.to_string())
}

/// Returns checks that only the compiler can make, at the places that they are about.
fn checks(
    attribute: &Attribute,
    function: &Function,
    owner: Option<&Owner>,
    path: &TokenStream,
) -> TokenStream {
    let extractors = function
        .arguments
        .iter()
        .filter(|argument| argument.header.is_none());
    let one_topic = extractors.clone().map(|Argument { ty, .. }| {
        quote_spanned!(ty.span()=> const _: () = ::wellspring::__private::assert_one_topic(
            NAMED_TOPIC,
            <#ty as ::wellspring::__private::FromRecord>::TOPIC,
        );)
    });
    let is_send = is_send(function, owner, path);
    let named = extractors.map(
        |Argument { ty, .. }| quote_spanned!(ty.span()=> <#ty as ::wellspring::__private::FromRecord>::TOPIC),
    );
    let topics = attribute.topics.iter().map(|topic| {
        quote_spanned!(topic.span()=> const _: () = ::wellspring::__private::assert_readable(#topic, NAMED_TOPIC);)
    });
    let from_event = attribute.topics.is_empty().then(|| {
        quote_spanned! {attribute.place=>
            const _: &str = ::wellspring::__private::required_topic(NAMED_TOPIC);
        }
    });
    let answer = &function.answer;
    let answer = quote_spanned! {answer.span()=>
        const _: fn() = ::wellspring::__private::assert_answer::<#answer>;
    };
    quote! {
        const NAMED_TOPIC: ::core::option::Option<&'static str> =
            ::wellspring::__private::named_topic(&[#(#named),*]);
        #(#topics)*
        #(#one_topic)*
        #is_send
        #from_event
        #answer
    }
}

/// Asks for a future that is `Send` where the compiler can say what in it is not.
fn is_send(function: &Function, owner: Option<&Owner>, path: &TokenStream) -> TokenStream {
    let this: Vec<TokenStream> = function
        .has_self
        .then(|| quote!(this))
        .into_iter()
        .collect();
    let this_type = owner
        .filter(|_| function.has_self)
        .map(|owner| &owner.ty)
        .into_iter();
    let names: Vec<Ident> = (0..function.arguments.len())
        .map(|at| format_ident!("argument{at}"))
        .collect();
    let types = function.arguments.iter().map(|argument| &argument.ty);
    quote_spanned! {function.name.span()=>
        #[allow(clippy::type_complexity, reason = "the type is that of the function")]
        const _: fn(#(&#this_type,)* #(#types),*) = |#(#this,)* #(#names),*| {
            ::wellspring::__private::assert_send(#path(#(#this,)* #(#names),*))
        };
    }
}
