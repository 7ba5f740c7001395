//! `#[header("name")]` on an argument: only our macros understand it, so they take it off.

use syn::{Attribute, LitStr};

use crate::diagnostics::Diagnostics;

/// Takes `#[header("name")]` off an argument and answers the name.
pub(crate) fn take(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> Option<LitStr> {
    let mut name = None;
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("header")) {
        match attr.parse_args::<LitStr>() {
            Ok(text) if text.value().is_empty() => {
                diagnostics.complain(text, "a header needs a name: write `#[header(\"source\")]`");
            }
            Ok(_) if name.is_some() => {
                diagnostics.complain(attr, "an argument is one header: keep one `#[header(…)]`");
            }
            Ok(text) => name = Some(text),
            Err(_) => {
                diagnostics
                    .complain(attr, "`#[header]` takes the header's name: write `#[header(\"source\")]`");
            }
        }
    }
    name
}
