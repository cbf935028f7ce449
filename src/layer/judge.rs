//! What the checks of a layer, and what went wrong beside them, say of it.

use super::index::IndexError;
use crate::{
    codec::DecodeError,
    problem::{Problem, ProblemKind},
    protocol::LayerState,
    verify::{Check, CheckState},
};

/// Why unpacking ended early.
pub(super) struct Broken {
    pub(super) why: String,
    pub(super) cause: Cause,
}

/// What that says of the layer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The bytes are damaged: they do not unpack to what was named.
    Damage,
    /// They are not unpacked here. That says nothing of them.
    Unknown,
    /// A cap was reached. That says nothing of them.
    Limit,
}

impl From<DecodeError> for Broken {
    fn from(error: DecodeError) -> Self {
        let cause = match error {
            DecodeError::Limit { .. } => Cause::Limit,
            DecodeError::Dictionary { .. } => Cause::Unknown,
            _ => Cause::Damage,
        };
        Self { why: error.to_string(), cause }
    }
}

/// The checks of a layer with what went wrong beside them.
pub(super) struct Judged {
    pub(super) diff: Check,
    pub(super) blob: Option<Check>,
    pub(super) broken: Option<Broken>,
    pub(super) failure: Option<IndexError>,
}

impl Judged {
    /// The layer's state, and why it failed.
    pub(super) fn state(&self, place: &str) -> (LayerState, Option<Problem>) {
        let mismatch = self.blob.iter().chain([&self.diff]).find(|check| check.state == CheckState::Mismatched);
        if let Some(check) = mismatch {
            let why = check.why.as_deref().unwrap_or("the digest differs");
            let actual = check.actual.as_deref().unwrap_or("not computed");
            let detail = format!("{why}: expected {}, actual {actual}, {} bytes", check.expected, check.bytes);
            return (LayerState::Mismatched, Some(Problem::new(ProblemKind::LayerMismatch, place, detail)));
        }
        let unchecked = self.diff.state == CheckState::Unchecked
            || self.blob.as_ref().is_some_and(|blob| blob.state == CheckState::Unchecked);
        let state = if unchecked { LayerState::Unverifiable } else { LayerState::Verified };
        (state, self.reason(place))
    }

    /// Why there is no table though nothing mismatched.
    fn reason(&self, place: &str) -> Option<Problem> {
        let (is_limit, why) = match (&self.broken, &self.failure) {
            (Some(broken), _) => (broken.cause == Cause::Limit, broken.why.clone()),
            (None, Some(failure)) => (failure.is_limit(), failure.to_string()),
            (None, None) => return None,
        };
        let kind = if is_limit { ProblemKind::LimitExceeded } else { ProblemKind::LayerInvalid };
        Some(Problem::new(kind, place, why))
    }
}
