//! `#[header("name")]` or `#[header(NAME)]` on an argument: only our macros understand it, so they
//! take it off.

use syn::Attribute;

use super::diagnostics::Diagnostics;
use super::text::Text;

/// Takes `#[header("name")]` off an argument and answers the name.
pub(crate) fn take(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> Option<Text> {
    let mut name = None;
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("header")) {
        match attr.parse_args::<Text>() {
            Ok(text) if text.literal().is_some_and(|name| name.value().is_empty()) => {
                diagnostics.complain(text, "a header needs a name: write `#[header(\"source\")]`");
            }
            Ok(_) if name.is_some() => {
                diagnostics.complain(attr, "an argument is one header: keep one `#[header(…)]`");
            }
            Ok(text) => name = Some(text),
            Err(_) => {
                diagnostics.complain(
                    attr,
                    "`#[header]` takes the header's name: write `#[header(\"source\")]`",
                );
            }
        }
    }
    name
}
