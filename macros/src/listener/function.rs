//! The annotated function: its arguments, with the attributes that only we understand taken off.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, Receiver, ReceiverKind, ReturnType, Signature, Type, parse_quote_spanned,
};

use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::header;
use crate::syntax::text::Text;

/// Most extractors a handler may have; `self` is one.
const MAX_ARGUMENTS: usize = 8;

/// The expansion's view of the function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(super) name: Ident,
    /// `#[cfg(…)]` attributes: what is not compiled cannot be registered.
    pub(super) conditions: Vec<Attribute>,
    pub(super) has_self: bool,
    pub(super) arguments: Vec<Argument>,
    pub(super) answer: Type,
}

/// One extractor.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) ty: Type,
    /// The header it takes, with `#[header("name")]`.
    pub(super) header: Option<Text>,
}

impl Function {
    /// Reads the signature and strips `#[header(…)]` from its arguments. `is_method` says whether
    /// there is a type whose methods these are.
    pub(crate) fn read(
        attrs: &[Attribute],
        sig: &mut Signature,
        is_method: bool,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        check_shape(sig, diagnostics);
        let mut has_self = false;
        let mut arguments = Vec::new();
        for input in &mut sig.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    has_self = true;
                    check_receiver(receiver, is_method, diagnostics);
                }
                FnArg::Typed(argument) => {
                    let header = header::take(&mut argument.attrs, diagnostics);
                    check_argument(&argument.ty, diagnostics);
                    arguments.push(Argument {
                        ty: (*argument.ty).clone(),
                        header,
                    });
                }
            }
        }
        let answer = match &sig.output {
            ReturnType::Default => parse_quote_spanned!(sig.ident.span()=> ()),
            ReturnType::Type(_, answer) => (**answer).clone(),
        };
        let conditions = attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
            .cloned()
            .collect();
        Self {
            name: sig.ident.clone(),
            conditions,
            has_self,
            arguments,
            answer,
        }
    }
}

fn check_shape(sig: &Signature, diagnostics: &mut Diagnostics) {
    if sig.asyncness.is_none() {
        let message = format!(
            "a listener is an async function: write `async fn {}`",
            sig.ident
        );
        diagnostics.complain(sig.fn_token, message);
    }
    if !sig.generics.params.is_empty() {
        diagnostics.complain(
            &sig.generics,
            "a listener cannot be generic: name the types it handles",
        );
    }
    if let Some(extra) = sig.inputs.iter().nth(MAX_ARGUMENTS) {
        diagnostics.complain(
            extra,
            format!(
                "a listener takes at most {MAX_ARGUMENTS} arguments: take `RecordContext` and read the rest from it"
            ),
        );
    }
    if let ReturnType::Type(_, answer) = &sig.output
        && let Type::ImplTrait(_) = &**answer
    {
        diagnostics.complain(
            answer,
            "a listener names what it answers: `()`, `Outcome` or a `Result` of either",
        );
    }
}

fn check_receiver(receiver: &Receiver, is_method: bool, diagnostics: &mut Diagnostics) {
    if !is_method {
        diagnostics.complain(
            receiver,
            "write `#[kafka_listeners]` above the `impl` block of this method",
        );
    } else if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
        diagnostics.complain(
            receiver,
            "a listener shares its `self` with others: take `&self`",
        );
    }
}

fn check_argument(ty: &Type, diagnostics: &mut Diagnostics) {
    if let Type::ImplTrait(_) = ty {
        diagnostics.complain(ty, "a listener names the types of its arguments");
    }
    let Type::Reference(reference) = ty else {
        return;
    };
    let borrowed = &*reference.elem;
    let owned = if matches!(borrowed, Type::Path(path) if path.path.is_ident("str")) {
        "String".to_owned()
    } else if matches!(borrowed, Type::Slice(_)) {
        "Bytes".to_owned()
    } else {
        borrowed
            .span()
            .source_text()
            .unwrap_or_else(|| "the type itself".to_owned())
    };
    diagnostics.complain(ty, format!("a listener owns its arguments: take `{owned}`"));
}
