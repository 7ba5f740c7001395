//! From the derive's input to the class of each shape the error can have.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Member, Token, Type};
use wellspring_grammar::nearest::suggestion;
use wellspring_grammar::words::FailureClass;

use crate::syntax::diagnostics::Diagnostics;

/// The word for a wrapper: the error inside decides.
const TRANSPARENT: &str = "transparent";

/// The contents of the implementation.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) shapes: Vec<Shape>,
}

/// The struct, or one variant of the enum.
#[derive(Debug)]
pub(super) struct Shape {
    /// The variant's name; `None` for a struct.
    pub(super) variant: Option<Ident>,
    pub(super) class: Class,
}

/// The class of a shape.
#[derive(Debug, Clone)]
pub(super) enum Class {
    /// This variant of `FailureClass`.
    Is(Ident),
    /// The class of the error in this field, of this type.
    Of(Member, Box<Type>),
}

/// A word as it was written.
enum Word {
    Class(Ident),
    Transparent(Ident),
}

impl Model {
    /// Reads the type and its attributes, or says what is wrong with them.
    pub(super) fn read(input: &DeriveInput) -> syn::Result<Self> {
        let mut diagnostics = Diagnostics::default();
        let own = word(&input.attrs, &mut diagnostics);
        let shapes = match &input.data {
            Data::Struct(data) => {
                let class = class(own, None, &data.fields, &input.ident, &mut diagnostics);
                vec![Shape {
                    variant: None,
                    class,
                }]
            }
            Data::Enum(data) => {
                let default = match own {
                    Some(Word::Transparent(word)) => {
                        diagnostics.complain(
                            word,
                            "write `#[classify(transparent)]` on the variants that wrap an error",
                        );
                        None
                    }
                    Some(Word::Class(class)) => Some(class),
                    None => None,
                };
                let shape = |variant: &syn::Variant| Shape {
                    variant: Some(variant.ident.clone()),
                    class: class(
                        word(&variant.attrs, &mut diagnostics),
                        default.as_ref(),
                        &variant.fields,
                        &variant.ident,
                        &mut diagnostics,
                    ),
                };
                data.variants.iter().map(shape).collect()
            }
            Data::Union(data) => {
                diagnostics.complain(
                    data.union_token,
                    "an error with a class is a struct or an enum",
                );
                Vec::new()
            }
        };
        let (name, generics) = (input.ident.clone(), input.generics.clone());
        diagnostics.finish(Self {
            name,
            generics,
            shapes,
        })
    }
}

/// The class of a shape: its own word, or the enum's, or retry.
fn class(
    own: Option<Word>,
    default: Option<&Ident>,
    fields: &Fields,
    name: &Ident,
    diagnostics: &mut Diagnostics,
) -> Class {
    match own {
        Some(Word::Class(class)) => Class::Is(class),
        Some(Word::Transparent(word)) => {
            let mut members = fields.members().zip(fields);
            if let (Some((member, field)), None) = (members.next(), members.next()) {
                return Class::Of(member, Box::new(field.ty.clone()));
            }
            let message = format!(
                "`{name}` wraps no single error: `transparent` is for shapes with one field"
            );
            diagnostics.complain(word, message);
            Class::Is(name.clone())
        }
        None => Class::Is(
            default
                .cloned()
                .unwrap_or_else(|| Ident::new("Retry", name.span())),
        ),
    }
}

/// The one word of `#[classify(word)]`.
fn word(attrs: &[Attribute], diagnostics: &mut Diagnostics) -> Option<Word> {
    let known: Vec<&str> = FailureClass::WORDS
        .iter()
        .copied()
        .chain([TRANSPARENT])
        .collect();
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("classify")) {
        let Ok(words) = attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated)
        else {
            diagnostics.complain(
                attr,
                "`#[classify]` takes one word, as in `#[classify(dead_letter)]`",
            );
            continue;
        };
        if words.is_empty() {
            diagnostics.complain(
                attr,
                "`#[classify]` takes one word, as in `#[classify(dead_letter)]`",
            );
        }
        for word in words {
            let typed = word.to_string();
            if found.is_some() {
                diagnostics.complain(&word, "an error has one class: keep one word");
            } else if typed == TRANSPARENT {
                found = Some(Word::Transparent(word));
            } else if let Some(class) = FailureClass::find(&typed) {
                found = Some(Word::Class(Ident::new(class.variant(), word.span())));
            } else {
                let message = format!(
                    "`{typed}` is not a class of failures; {}",
                    suggestion(&typed, &known)
                );
                diagnostics.complain(&word, message);
            }
        }
    }
    found
}
