//! The macros of wellspring, re-exported by it.
//!
//! A macro only saves typing: each expands to calls of wellspring's public builders and
//! implementations of its public traits, which can be written by hand. What is wrong with an
//! attribute is a compile error at the place where it is wrong, says what would be right, and does
//! not hide the next one.
//!
//! The expansions name `::wellspring`, so the dependency keeps that name.
//!
//! One folder per macro: parsing makes a model of what was written, checks complain about what
//! cannot work, and `expand` turns the model into code. What a text may look like is decided by
//! `wellspring-grammar`, which wellspring asks, too.

#![forbid(unsafe_code)]

mod listener;
mod producer;
mod event;
mod classify;
mod test;
mod syntax;

use proc_macro::TokenStream;

/// Makes an async function a listener. Arguments, answers and examples:
/// `wellspring::kafka_listener`.
#[proc_macro_attribute]
pub fn kafka_listener(arguments: TokenStream, item: TokenStream) -> TokenStream {
    listener::expand(arguments.into(), item.into()).into()
}

/// Makes listeners of the annotated methods of an `impl` block. More:
/// `wellspring::kafka_listeners`.
#[proc_macro_attribute]
pub fn kafka_listeners(arguments: TokenStream, item: TokenStream) -> TokenStream {
    listener::expand_methods(arguments.into(), item.into()).into()
}

/// Implements a trait by sending records. Arguments and examples: `wellspring::kafka_producer`.
#[proc_macro_attribute]
pub fn kafka_producer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    producer::expand(arguments.into(), item.into()).into()
}

/// Gives a type its topic and its key. Attributes and examples: `wellspring::Event`.
#[proc_macro_derive(Event, attributes(event, key))]
pub fn event(input: TokenStream) -> TokenStream {
    event::expand(input.into()).into()
}

/// Says what each shape of an error asks for. Attributes and examples: `wellspring::Classify`.
#[proc_macro_derive(Classify, attributes(classify))]
pub fn classify(input: TokenStream) -> TokenStream {
    classify::expand(input.into()).into()
}

/// Runs an async test with a Kafka of its own. Arguments and examples: `wellspring::test`.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(arguments.into(), item.into()).into()
}
