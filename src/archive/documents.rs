//! The metadata documents read so far, and the rule of asking for them.

use std::collections::BTreeMap;

use super::members::Members;
use crate::{
    limits,
    problem::{Problem, ProblemKind},
};

/// Documents by member name.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<String, Vec<u8>>);

/// Why a resolution cannot go on: it needs a member, or something is wrong.
pub(super) enum Stop {
    Needs(String),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Documents {
    pub(super) fn insert(&mut self, name: String, bytes: Vec<u8>) {
        self.0.insert(name, bytes);
    }

    /// The document of a name; none when the archive has no such member (or only its beginning).
    pub(super) fn get(&self, members: &Members, name: &str, limit: usize) -> Result<Option<&[u8]>, Stop> {
        let Some(member) = members.find(name).filter(|member| !member.truncated) else { return Ok(None) };
        if member.length > limit.min(limits::METADATA_BYTES) as u64 {
            let detail = format!("{} bytes are more than the {limit} that metadata may have", member.length);
            return Err(Problem::new(ProblemKind::LimitExceeded, name, detail).into());
        }
        match self.0.get(name) {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(Stop::Needs(name.to_owned())),
        }
    }
}
