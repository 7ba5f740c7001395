//! From the trait to the records its methods send.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, ItemTrait, Meta, Pat, PatType, Receiver, ReceiverKind, ReturnType, TraitItem,
    TraitItemFn, Type, Visibility,
};

use crate::syntax::arguments::{self, Known};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::header;
use crate::syntax::text::{Text, check_topic};

const KNOWN: &[Known] = &[Known {
    name: "topic",
    example: "topic = \"card.audit\"",
}];

/// A trait whose methods send records.
#[derive(Debug)]
pub(super) struct Producer {
    pub(super) name: Ident,
    pub(super) visibility: Visibility,
    pub(super) sends: Vec<Send>,
}

/// A method without a body: what it sends, and where.
#[derive(Debug)]
pub(super) struct Send {
    pub(super) name: Ident,
    pub(super) conditions: Vec<Attribute>,
    pub(super) inputs: TokenStream,
    pub(super) answer: Type,
    pub(super) topic: Option<Text>,
    pub(super) parts: Vec<Part>,
}

/// An argument, and the part of the record that it becomes.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) argument: Ident,
    pub(super) ty: Type,
    pub(super) role: Role,
}

/// A part of a record.
#[derive(Debug)]
pub(super) enum Role {
    Payload,
    Key,
    Partition,
    Timestamp,
    Header(Text),
}

impl Producer {
    /// Reads the trait and takes off the attributes that only we understand.
    pub(super) fn read(item: &mut ItemTrait, diagnostics: &mut Diagnostics) -> Self {
        if !item.generics.params.is_empty() {
            diagnostics.complain(
                &item.generics,
                "a producer trait cannot be generic: name the types it sends",
            );
        }
        let mut sends = Vec::new();
        for item in &mut item.items {
            let TraitItem::Fn(method) = item else {
                diagnostics.complain(item, "a producer trait has methods only");
                continue;
            };
            if method.default.is_none() {
                sends.push(Send::read(method, diagnostics));
            } else {
                refuse_send(&mut method.attrs, diagnostics);
            }
        }
        Self {
            name: item.ident.clone(),
            visibility: item.vis.clone(),
            sends,
        }
    }
}

impl Send {
    fn read(method: &mut TraitItemFn, diagnostics: &mut Diagnostics) -> Self {
        let topic = take_topic(&mut method.attrs, diagnostics);
        let sig = &mut method.sig;
        let name = sig.ident.clone();
        if sig.asyncness.is_none() {
            let message = format!("sending waits for the broker: write `async fn {name}`");
            diagnostics.complain(sig.fn_token, message);
        }
        if !sig.generics.params.is_empty() {
            diagnostics.complain(
                &sig.generics,
                "a send method cannot be generic: name the types it sends",
            );
        }
        if !matches!(sig.inputs.first(), Some(FnArg::Receiver(Receiver { kind, .. })) if by_reference(kind))
        {
            diagnostics.complain(&name, "a send method takes `&self` first");
        }
        let mut parts = Vec::new();
        for input in &mut sig.inputs {
            if let FnArg::Typed(argument) = input {
                parts.extend(Part::read(argument, diagnostics));
            }
        }
        check_parts(&name, &parts, diagnostics);
        let answer = match &sig.output {
            ReturnType::Type(_, answer) => (**answer).clone(),
            ReturnType::Default => {
                diagnostics.complain(
                    &name,
                    "a send method answers `SendResult`: the receipt, or why there is none",
                );
                syn::parse_quote!(())
            }
        };
        let conditions = method
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
            .cloned()
            .collect();
        Self {
            name,
            conditions,
            inputs: sig.inputs.to_token_stream(),
            answer,
            topic,
            parts,
        }
    }
}

impl Part {
    fn read(argument: &mut PatType, diagnostics: &mut Diagnostics) -> Option<Self> {
        let header = header::take(&mut argument.attrs, diagnostics);
        let mut roles: Vec<Role> = header.map(Role::Header).into_iter().collect();
        argument.attrs.retain(|attr| match role(attr) {
            Some(role) => {
                if !matches!(attr.meta, Meta::Path(_)) {
                    diagnostics.complain(attr, "this attribute stands alone, as in `#[key]`");
                }
                roles.push(role);
                false
            }
            None => true,
        });
        if roles.len() > 1 {
            diagnostics.complain(
                &argument.ty,
                "an argument is one part of the record: keep one attribute",
            );
        }
        let Pat::Ident(pat) = &*argument.pat else {
            diagnostics.complain(
                &argument.pat,
                "an argument of a send method has a plain name",
            );
            return None;
        };
        let role = roles.pop().unwrap_or(Role::Payload);
        check_type(&role, &argument.ty, diagnostics);
        Some(Self {
            argument: pat.ident.clone(),
            ty: (*argument.ty).clone(),
            role,
        })
    }

    /// The type behind the references.
    pub(super) fn owned(&self) -> &Type {
        let mut ty = &self.ty;
        while let Type::Reference(reference) = ty {
            ty = &reference.elem;
        }
        ty
    }
}

/// A bare number says neither which partition nor which time it is.
fn check_type(role: &Role, ty: &Type, diagnostics: &mut Diagnostics) {
    const NUMBERS: [&str; 10] = [
        "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize",
    ];
    let mut owned = ty;
    while let Type::Reference(reference) = owned {
        owned = &reference.elem;
    }
    let is_number = matches!(owned, Type::Path(path) if NUMBERS.iter().any(|number| path.path.is_ident(number)));
    let is_borrowed = matches!(ty, Type::Reference(_));
    match role {
        Role::Partition if is_number || is_borrowed => {
            let message = "a partition is a `PartitionId`: take `wellspring::types::PartitionId`, made as `PartitionId(2)`";
            diagnostics.complain(ty, message);
        }
        Role::Timestamp if is_number || is_borrowed => {
            let message = "a time is a `SystemTime`, or a `Timestamp`: take `wellspring::types::Timestamp`, in milliseconds";
            diagnostics.complain(ty, message);
        }
        Role::Partition | Role::Timestamp | Role::Payload | Role::Key | Role::Header(_) => {}
    }
}

fn by_reference(kind: &ReceiverKind) -> bool {
    matches!(kind, ReceiverKind::Reference(_, _, None))
}

fn role(attr: &Attribute) -> Option<Role> {
    let path = attr.path();
    let roles = [
        ("key", Role::Key),
        ("partition", Role::Partition),
        ("timestamp", Role::Timestamp),
    ];
    roles
        .into_iter()
        .find(|(name, _)| path.is_ident(name))
        .map(|(_, role)| role)
}

fn check_parts(method: &Ident, parts: &[Part], diagnostics: &mut Diagnostics) {
    let mut payloads = parts
        .iter()
        .filter(|part| matches!(part.role, Role::Payload));
    if payloads.next().is_none() {
        diagnostics.complain(
            method,
            "a send method takes a payload: an argument without an attribute",
        );
    }
    for second in payloads {
        let message = "a record has one payload: say what this is with `#[key]`, `#[header(\"…\")]`, \
                       `#[partition]` or `#[timestamp]`";
        diagnostics.complain(&second.argument, message);
    }
    let same = |a: &Part, b: &Part| {
        !matches!(a.role, Role::Payload | Role::Header(_))
            && std::mem::discriminant(&a.role) == std::mem::discriminant(&b.role)
    };
    for (at, part) in parts.iter().enumerate() {
        if parts.iter().take(at).any(|earlier| same(earlier, part)) {
            diagnostics.complain(
                &part.argument,
                "a record has one key, one partition and one timestamp: keep one",
            );
        }
    }
}

/// A method with a body is kept as it is: what it sends, it sends through the others.
fn refuse_send(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) {
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("send")) {
        diagnostics.complain(
            attr,
            "a method with a body sends nothing by itself: take `#[send(…)]` away, or the body",
        );
    }
}

/// Takes `#[send(topic = "…")]` off a method and answers the topic.
fn take_topic(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> Option<Text> {
    let mut topic: Option<Text> = None;
    let mut found = false;
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("send")) {
        if std::mem::replace(&mut found, true) {
            diagnostics.complain(&attr, "`#[send(…)]` is given twice: keep one");
        }
        let tokens = match &attr.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        if tokens.is_empty() {
            diagnostics.complain(
                &attr,
                "`#[send]` names the topic: write `#[send(topic = \"card.audit\")]`",
            );
        }
        for (argument, known) in arguments::read("#[send]", KNOWN, tokens, diagnostics)
            .iter()
            .zip(KNOWN)
        {
            topic = argument.value(known.example, diagnostics);
        }
    }
    if let Some(topic) = topic.as_ref().and_then(Text::literal) {
        check_topic(topic, diagnostics);
    }
    topic
}
