//! Counts what goes in and out of a decoder, and holds it to the caps of [`crate::limits`].

use super::{error::DecodeError, member::Member};
use crate::limits::{EXPANSION_GRACE, LayerLimits};

/// Bytes in and out. Everything that a decoder hands on goes through [`Meter::give`].
#[derive(Debug, Default)]
pub(super) struct Meter {
    pub(super) consumed: u64,
    pub(super) produced: u64,
    pub(super) limits: LayerLimits,
    pub(super) member: Member,
}

impl Meter {
    /// A member or frame begins at byte `at` of the stream.
    pub(super) fn begins(&self, at: u64) {
        self.member.begins(at, self.produced);
    }

    /// Hands bytes to the sink, unless a cap is reached: then nothing of them is seen.
    pub(super) fn give<E: From<DecodeError>>(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.produced = self.produced.saturating_add(bytes.len() as u64);
        self.check()?;
        sink(bytes)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let over = |limit, cap| DecodeError::Limit { at: self.consumed, limit, cap, actual: self.produced };
        if self.produced > self.limits.bytes {
            return Err(over("LAYER_BYTES", self.limits.bytes));
        }
        let allowed = self.consumed.saturating_mul(self.limits.expansion_ratio);
        if self.produced > EXPANSION_GRACE && self.produced > allowed {
            return Err(over("EXPANSION_RATIO", allowed));
        }
        Ok(())
    }
}
