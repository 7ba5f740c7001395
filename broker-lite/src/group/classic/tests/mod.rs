//! The rules of the classic group, told as scripts: see [`script`] for their commands.

mod script;
mod joining;
mod starting;
mod syncing;
mod liveness;
mod static_members;
mod cooperative;
mod saving;

use std::time::Duration;

use self::script::*;
use super::*;
use crate::config::GroupSettings;
use crate::group::ids::Generation;
