//! The arguments between the parentheses of an attribute: `name`, `name = value` and `name(…)`, by
//! commas.
//!
//! Each argument is read by itself, so that a mistake in one leaves the others to be checked too.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};
use wellspring_grammar::nearest::suggestion;

use super::diagnostics::Diagnostics;

/// One argument: its name, and what follows it.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: Ident,
    value: Form,
}

/// The part behind the name.
#[derive(Debug)]
enum Form {
    Flag,
    Value(TokenStream),
    List(Group),
}

/// `"name" = "value"`.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) name: LitStr,
    pub(crate) value: LitStr,
}

/// An argument that an attribute knows: its name, and how one writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

/// Reads the arguments that `attribute` knows; what it does not know is complained about and left
/// out.
pub(crate) fn read(
    attribute: &str,
    known: &[Known],
    tokens: TokenStream,
    diagnostics: &mut Diagnostics,
) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for part in split(tokens) {
        let Some(argument) = Argument::read(part, diagnostics) else {
            continue;
        };
        if !known.iter().any(|known| argument.name == known.name) {
            let names: Vec<&str> = known.iter().map(|known| known.name).collect();
            let hint = suggestion(&argument.name.to_string(), &names);
            diagnostics.complain(
                &argument.name,
                format!(
                    "`{}` is not an argument of {attribute}; {hint}",
                    argument.name
                ),
            );
        } else if arguments
            .iter()
            .any(|earlier| earlier.name == argument.name)
        {
            diagnostics.complain(
                &argument.name,
                format!("`{}` is given twice: keep one", argument.name),
            );
        } else {
            arguments.push(argument);
        }
    }
    arguments
}

/// The parts between the commas, without the empty one after a trailing comma.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(comma), _) if comma.as_char() == ',' => {
                parts.push(TokenStream::new())
            }
            (_, Some(part)) => part.extend([token]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

impl Argument {
    fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut rest = tokens.clone().into_iter();
        let Some(TokenTree::Ident(name)) = rest.next() else {
            diagnostics.complain(
                tokens,
                "expected the name of an argument, as in `name = \"value\"`",
            );
            return None;
        };
        match rest.next() {
            None => Some(Self {
                name,
                value: Form::Flag,
            }),
            Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => Some(Self {
                name,
                value: Form::Value(rest.collect()),
            }),
            Some(TokenTree::Group(list)) if list.delimiter() == Delimiter::Parenthesis => {
                rest.next().map_or(
                    Some(Self {
                        name: name.clone(),
                        value: Form::List(list),
                    }),
                    |extra| {
                        diagnostics.complain(extra, format!("expected a comma after `{name}(…)`"));
                        None
                    },
                )
            }
            Some(other) => {
                diagnostics.complain(
                    other,
                    format!("expected `=`, `(` or a comma after `{name}`"),
                );
                None
            }
        }
    }

    /// Returns the value as a `T`; `example` shows how one writes it.
    pub(crate) fn value<T: Parse>(
        &self,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        match &self.value {
            Form::Value(tokens) if !tokens.is_empty() => match syn::parse2(tokens.clone()) {
                Ok(value) => Some(value),
                Err(_) => {
                    let message =
                        format!("not a value of `{}`: write it as in `{example}`", self.name);
                    diagnostics.complain(tokens, message);
                    None
                }
            },
            Form::Value(_) | Form::Flag | Form::List(_) => {
                let message = format!("`{}` needs a value, as in `{example}`", self.name);
                diagnostics.complain(&self.name, message);
                None
            }
        }
    }

    /// Returns the value as a `T`, or `None` if the name stands alone.
    pub(crate) fn optional_value<T: Parse>(
        &self,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<T>> {
        match self.value {
            Form::Flag => Some(None),
            Form::Value(_) | Form::List(_) => self.value(example, diagnostics).map(Some),
        }
    }

    /// Whether it stands alone, as a flag has to.
    pub(crate) fn flag(&self, diagnostics: &mut Diagnostics) -> bool {
        let alone = matches!(self.value, Form::Flag);
        if !alone {
            let message = format!(
                "`{0}` stands alone: write `{0}` to turn it on, or leave it out",
                self.name
            );
            diagnostics.complain(&self.name, message);
        }
        alone
    }

    /// The pairs in its parentheses; `example` shows how one writes them.
    pub(crate) fn pairs(&self, example: &str, diagnostics: &mut Diagnostics) -> Vec<Pair> {
        let Form::List(group) = &self.value else {
            diagnostics.complain(
                &self.name,
                format!("`{}` takes a list, as in `{example}`", self.name),
            );
            return Vec::new();
        };
        let mut pairs: Vec<Pair> = Vec::new();
        for part in split(group.stream()) {
            let Ok(pair) = syn::parse2::<Pair>(part.clone()) else {
                let message = format!("not a name and a value: write it as in `{example}`");
                diagnostics.complain(part, message);
                continue;
            };
            let name = pair.name.value();
            if name.trim().is_empty() {
                diagnostics.complain(
                    &pair.name,
                    format!("the name is empty: write it as in `{example}`"),
                );
            } else if pairs.iter().any(|earlier| earlier.name.value() == name) {
                diagnostics.complain(&pair.name, format!("`{name}` is given twice: keep one"));
            }
            pairs.push(pair);
        }
        pairs
    }
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self {
            name,
            value: input.parse()?,
        })
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
    }
}
