//! The targets of a run: `WELLSPRING_TEST_TARGETS`.

use super::{Kind, Target};

/// The variable that names the targets, with commas between.
const VARIABLE: &str = "WELLSPRING_TEST_TARGETS";

/// The targets of one run.
#[derive(Debug)]
pub struct Selection {
    /// In the order in which scenarios run on them.
    pub targets: Vec<Target>,
    /// The targets were named one by one, so one that is absent is a failure and not a skip.
    pub by_name: bool,
}

/// `WELLSPRING_TEST_TARGETS` names a target that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{VARIABLE} names `{name}`; there are {}", Kind::ALL.map(Kind::name).join(", "))]
pub struct UnknownTarget {
    name: String,
}

impl Selection {
    /// Reads the variable and looks which targets are there. Unset or empty means all.
    ///
    /// # Errors
    ///
    /// [`UnknownTarget`] for a name that is none.
    pub fn from_env() -> Result<Self, UnknownTarget> {
        let wanted = std::env::var(VARIABLE).unwrap_or_default();
        let kinds = parse(&wanted)?;
        Ok(Self {
            targets: kinds.into_iter().map(Target::find).collect(),
            by_name: !wanted.trim().is_empty(),
        })
    }
}

fn parse(wanted: &str) -> Result<Vec<Kind>, UnknownTarget> {
    if wanted.trim().is_empty() {
        return Ok(Kind::ALL.to_vec());
    }
    wanted
        .split(',')
        .map(str::trim)
        .map(|name| {
            Kind::ALL
                .into_iter()
                .find(|kind| kind.name() == name)
                .ok_or_else(|| UnknownTarget {
                    name: name.to_owned(),
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_for_means_all() {
        assert_eq!(parse(" ").unwrap(), Kind::ALL);
    }

    #[test]
    fn names_select_and_keep_their_order() {
        assert_eq!(
            parse("container, jvm").unwrap(),
            [Kind::Container, Kind::Jvm]
        );
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        let refusal = parse("jvm,kafak").unwrap_err().to_string();
        assert!(
            refusal.contains("`kafak`") && refusal.contains("container"),
            "{refusal}"
        );
    }
}
