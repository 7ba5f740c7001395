//! `${key}` and `${key:default}` in texts.
//!
//! A default may hold placeholders itself, and so may the value of a key; a circle is found and
//! shown. `$${` stands for a literal `${`.
//!
//! A secret is taken as it is: passwords are made by programs that know nothing of placeholders,
//! and a password that happens to hold `${` must arrive unchanged. Only a value that is one
//! placeholder from its first character to its last is looked up, so that a file can name the
//! variable a secret comes from. `$${name}` is that very text.

use std::fmt;

use wellspring_grammar::nearest::nearest;
use wellspring_grammar::placeholder::{Malformed, Piece, pieces};

use super::entry::canonical;
use super::environment::{Environment, variable_of};
use super::error::PlaceholderComplaint;
use super::raw::Raw;
use super::secret::{REDACTED, is_meant_as_secret, is_secret};

/// Deepest nesting of placeholders: more is taken for a mistake.
const MAX_DEPTH: usize = 32;

/// The source of the values of placeholders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) raw: &'a Raw,
    pub(crate) environment: &'a Environment,
}

/// A text without placeholders.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// Whether a secret's value went into it.
    pub(crate) secret: bool,
    /// Whether a setting or a variable went into it, and not defaults alone.
    pub(crate) configured: bool,
}

impl Resolver<'_> {
    /// Replaces all placeholders of a text.
    pub(crate) fn expand(&self, text: &str) -> Result<Expanded, PlaceholderComplaint> {
        self.expand_within(text, &mut Vec::new(), 0)
    }

    /// Replaces all placeholders in the value of `key`, which may not lead back to `key`.
    pub(crate) fn expand_value(
        &self,
        key: &str,
        value: &str,
    ) -> Result<Expanded, PlaceholderComplaint> {
        self.expand_entry(key, value, &mut vec![key.to_owned()], 0)
    }

    fn expand_entry(
        &self,
        key: &str,
        value: &str,
        path: &mut Vec<String>,
        depth: usize,
    ) -> Result<Expanded, PlaceholderComplaint> {
        if !is_meant_as_secret(key) {
            return self.expand_within(value, path, depth);
        }
        if is_one_placeholder(value) {
            // The complaint would repeat words of the value.
            let expanded = self
                .expand_within(value, path, depth)
                .map_err(|_| PlaceholderComplaint::Hidden)?;
            return Ok(Expanded {
                secret: true,
                ..expanded
            });
        }
        let escaped = value
            .strip_prefix('$')
            .filter(|rest| is_one_placeholder(rest));
        Ok(Expanded {
            text: escaped.unwrap_or(value).to_owned(),
            secret: true,
            configured: false,
        })
    }

    fn expand_within(
        &self,
        text: &str,
        path: &mut Vec<String>,
        depth: usize,
    ) -> Result<Expanded, PlaceholderComplaint> {
        if depth > MAX_DEPTH {
            return Err(PlaceholderComplaint::Malformed {
                reason: "placeholders are nested too deeply",
            });
        }
        let mut expanded = Expanded {
            text: String::with_capacity(text.len()),
            secret: false,
            configured: false,
        };
        for piece in pieces(text) {
            let value = match piece? {
                Piece::Literal(literal) => {
                    expanded.text.push_str(literal);
                    continue;
                }
                Piece::Placeholder { key, default } => self.look_up(key, default, path, depth)?,
            };
            expanded.text.push_str(&value.text);
            expanded.secret |= value.secret;
            expanded.configured |= value.configured;
        }
        Ok(expanded)
    }

    /// Returns the value of a key, or its default.
    fn look_up(
        &self,
        key: &str,
        default: Option<&str>,
        path: &mut Vec<String>,
        depth: usize,
    ) -> Result<Expanded, PlaceholderComplaint> {
        if let Some(entry) = self.raw.effective(key) {
            if path
                .iter()
                .any(|visited| canonical(visited) == canonical(key))
            {
                path.push(key.to_owned());
                return Err(PlaceholderComplaint::Cycle {
                    path: path.join(" -> "),
                });
            }
            path.push(key.to_owned());
            let expanded = self.expand_entry(&entry.key, &entry.value, path, depth + 1)?;
            path.pop();
            return Ok(Expanded {
                configured: true,
                ..expanded
            });
        }
        if let Some(value) = self.environment.variable(key) {
            return Ok(Expanded {
                text: value.to_owned(),
                secret: is_secret(key),
                configured: true,
            });
        }
        match default {
            Some(default) => {
                let expanded = self.expand_within(default, path, depth + 1)?;
                Ok(Expanded {
                    secret: expanded.secret || is_secret(key),
                    ..expanded
                })
            }
            None => Err(PlaceholderComplaint::Unresolved {
                key: key.to_owned(),
                variable: variable_of(key),
                nearest: nearest(key, self.raw.keys()).map(str::to_owned),
            }),
        }
    }
}

/// Whether a text is `${name}` or `${name:default}` and nothing else.
fn is_one_placeholder(text: &str) -> bool {
    let inside = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(inside) = inside else {
        return false;
    };
    let (name, default) = inside.split_once(':').unwrap_or((inside, ""));
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_name && !default.contains(['$', '{', '}'])
}

impl fmt::Debug for Expanded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret { REDACTED } else { &self.text })
    }
}

impl From<Malformed> for PlaceholderComplaint {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed {
            reason: malformed.reason(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Entry;
    use super::super::origin::Origin;
    use super::*;

    fn expand(settings: &[(&str, &str)], text: &str) -> Result<Expanded, PlaceholderComplaint> {
        let mut raw = Raw::default();
        for (key, value) in settings {
            let origin = Origin::environment("TEST");
            raw.push(Entry {
                key: (*key).to_owned(),
                value: (*value).to_owned(),
                origin,
            })
            .unwrap();
        }
        let environment = Environment::new([("HOME".into(), "/root".into())]);
        Resolver {
            raw: &raw,
            environment: &environment,
        }
        .expand(text)
    }

    fn check(settings: &[(&str, &str)], text: &str, expected: &str) {
        let text =
            expand(settings, text).map_or_else(|error| error.to_string(), |expanded| expanded.text);
        assert_eq!(text, expected);
    }

    #[test]
    fn keys_defaults_and_nested_defaults_resolve() {
        check(&[("a", "1")], "<${a}>", "<1>");
        check(&[("a.b-c", "1")], "${A_B_C}", "1");
        check(&[], "${a:x:y}", "x:y");
        check(&[], "${a:}", "");
        check(&[("b", "2")], "${a:${b:3}}-${c:${d:4}}", "2-4");
        check(&[("a", "${b}"), ("b", "2")], "${a}", "2");
        check(&[], "${HOME}", "/root");
        check(&[], "$${a} $ } {", "${a} $ } {");
    }

    #[test]
    fn what_does_not_resolve_says_what_to_do() {
        check(
            &[("topups.topic", "t")],
            "${topups.topics}",
            "nothing sets ${topups.topics}: set topups.topics in wellspring.toml, or WELLSPRING_TOPUPS_TOPICS \
             in the environment, or write ${topups.topics:a default}; did you mean topups.topic?",
        );
        check(
            &[("a", "${b}"), ("b", "x${c:${a}}")],
            "${a}",
            "placeholders run in a circle: a -> b -> a",
        );
        for (text, reason) in [
            ("${a", "a placeholder is not closed"),
            ("${}", "a placeholder has no key"),
        ] {
            check(
                &[],
                text,
                &format!(
                    "{reason}: write ${{key}} or ${{key:default}}, and $${{ for a literal ${{"
                ),
            );
        }
    }

    #[test]
    fn a_text_that_takes_in_a_secret_is_a_secret() {
        let settings = [
            ("db.password", "hunter2"),
            ("db.url", "pg://u:${db.password}@h"),
        ];
        assert!(expand(&settings, "${db.url}").unwrap().secret);
        assert!(!expand(&settings, "${HOME}").unwrap().secret);
    }

    #[test]
    fn a_secret_is_taken_as_it_is() {
        for secret in [
            "S3cr${et}Pw!",
            "${",
            "}${x",
            "$$",
            "$${",
            "a${b:c}",
            "${a}${b}",
            "${a:${b}}",
            " ${a}",
            "${a b}",
        ] {
            check(&[("db.password", secret)], "${db.password}", secret);
        }
        check(&[("db.password", "$${HOME}")], "${db.password}", "${HOME}");
    }

    #[test]
    fn a_secret_that_is_one_placeholder_comes_from_where_it_points() {
        check(&[("db.password", "${HOME}")], "${db.password}", "/root");
        check(
            &[("db.password", "${nothing:there}")],
            "${db.password}",
            "there",
        );
        check(
            &[
                ("db.password", "${other.password}"),
                ("other.password", "x${y"),
            ],
            "<${db.password}>",
            "<x${y>",
        );
        let error = expand(&[("db.password", "${hunter2}")], "${db.password}").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{}x{}", "${a:".repeat(10_000), "}".repeat(10_000));
        assert!(matches!(
            expand(&[], &deep),
            Err(PlaceholderComplaint::Malformed { .. })
        ));
    }
}
