//! The type whose methods are listeners.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Generics, PathArguments, PathSegment, Type};

/// The type of an `impl` block, as what stands outside of the block has to call it.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(super) ty: Type,
    /// The owner's name in the ids of its listeners.
    pub(super) shown: String,
    /// The parameters of the block, each with what it is for the listeners.
    parameters: Vec<(Ident, TokenStream)>,
}

impl Owner {
    /// The type of a block without parameters.
    pub(crate) fn of(ty: &Type) -> Self {
        let shown = ty.to_token_stream().to_string().replace(' ', "");
        Self {
            ty: ty.clone(),
            shown,
            parameters: Vec::new(),
        }
    }

    /// The one type among those of a generic block whose methods are listeners.
    pub(crate) fn among(block: &Type, generics: &Generics, chosen: &Type) -> syn::Result<Self> {
        let (Some(general), Some(special)) = (last_segment(block), last_segment(chosen)) else {
            return Err(another_type(block, chosen));
        };
        let (of_block, of_chosen) = (arguments(general), arguments(special));
        if general.ident != special.ident || of_block.len() != of_chosen.len() {
            return Err(another_type(block, chosen));
        }
        let is_parameter =
            |name: &Ident| generics.params.iter().any(|param| parameter(param) == name);
        let parameters = of_block
            .iter()
            .zip(of_chosen)
            .filter_map(|(parameter, argument)| {
                let name: Ident = syn::parse2(parameter.to_token_stream()).ok()?;
                is_parameter(&name).then(|| (name, argument.to_token_stream()))
            });
        let shown = general.ident.to_string();
        Ok(Self {
            ty: chosen.clone(),
            shown,
            parameters: parameters.collect(),
        })
    }

    /// `tokens` with the type's own name for `Self`, and its arguments for the parameters of the
    /// block.
    pub(super) fn spelled_out(&self, tokens: TokenStream) -> TokenStream {
        let replaced = |token: TokenTree| match &token {
            TokenTree::Ident(ident) if *ident == "Self" => self.ty.to_token_stream(),
            TokenTree::Ident(ident) => {
                let known = self
                    .parameters
                    .iter()
                    .find(|(parameter, _)| parameter == ident);
                known.map_or_else(|| token.clone().into(), |(_, argument)| argument.clone())
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self.spelled_out(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner).into()
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => token.into(),
        };
        tokens.into_iter().flat_map(replaced).collect()
    }
}

fn another_type(block: &Type, chosen: &Type) -> syn::Error {
    let block = block.to_token_stream().to_string().replace(' ', "");
    syn::Error::new_spanned(
        chosen,
        format!("this is none of the types of the block: it is for `{block}`"),
    )
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last()
}

fn arguments(segment: &PathSegment) -> Vec<&GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
    }
}

fn parameter(param: &syn::GenericParam) -> &Ident {
    match param {
        syn::GenericParam::Type(param) => &param.ident,
        syn::GenericParam::Const(param) => &param.ident,
        syn::GenericParam::Lifetime(param) => &param.lifetime.ident,
    }
}
