//! Origins of values.

use std::fmt;
use std::panic::Location;

/// A place that settings come from. Later ones override earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Layer {
    /// `wellspring.toml`.
    File,
    /// `wellspring-<profile>.toml`.
    ProfileFile,
    /// Environment variables.
    Environment,
    /// `App::set`, or another call in the program.
    Code,
}

/// The place where one value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    layer: Layer,
    place: String,
    line: Option<usize>,
}

impl Origin {
    /// Line `line`, counted from 1, of the file `place`.
    pub(crate) fn file(layer: Layer, place: impl Into<String>, line: usize) -> Self {
        Self {
            layer,
            place: place.into(),
            line: Some(line),
        }
    }

    /// The environment variable `name`.
    pub(crate) fn environment(name: impl Into<String>) -> Self {
        Self {
            layer: Layer::Environment,
            place: name.into(),
            line: None,
        }
    }

    /// The line of code that set it.
    pub(crate) fn code(at: &Location<'_>) -> Self {
        let line = usize::try_from(at.line()).ok();
        Self {
            layer: Layer::Code,
            place: at.file().to_owned(),
            line,
        }
    }

    /// The layer.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        self.layer
    }

    /// The file's path, or the variable's name.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The line in the file, counted from 1.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            Layer::Environment => write!(f, "environment variable {}", self.place),
            Layer::Code => write!(f, "code, {}", self.place),
            Layer::File | Layer::ProfileFile => f.write_str(&self.place),
        }?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}
