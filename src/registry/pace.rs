//! Whether a body still moves. One that stands still, or nearly, is not waited for without end.

use super::via::Transport;
use crate::limits;

/// The pace of a body.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Longest silence, in milliseconds.
    patience: u64,
    last: u64,
    /// Where a stretch began whose bytes are counted.
    since: u64,
    bytes: u64,
}

/// A stretch over which bytes are counted, in silences.
const STRETCH: u64 = 4;

impl Pace {
    /// How long an answer may take to begin, where silences within it are borne for `patience`: a proxy asks others
    /// first, and has patience of its own.
    pub fn to_begin(patience: u64) -> u64 {
        patience.saturating_mul(5) / 2
    }

    /// It begins now (milliseconds of any clock). `patience`: milliseconds of silence that are borne.
    pub fn new(patience: u64, now: u64) -> Self {
        Self { patience, last: now, since: now, bytes: 0 }
    }

    /// How long the next bytes are waited for.
    pub fn left(&self, now: u64) -> u64 {
        (self.last + self.patience).saturating_sub(now)
    }

    /// Bytes came.
    ///
    /// # Errors
    /// So few, over so long, that it is as good as none.
    pub fn took(&mut self, bytes: u64, now: u64) -> Result<(), Transport> {
        if bytes > 0 {
            self.last = now;
        }
        self.bytes += bytes;
        let took = now.saturating_sub(self.since);
        if took < self.patience * STRETCH {
            return Ok(());
        }
        let least = took / 1_000 * limits::SLOWEST;
        let enough = self.bytes >= least;
        (self.since, self.bytes) = (now, 0);
        if enough { Ok(()) } else { Err(Transport::Stalled(took / 1_000)) }
    }

    /// Nothing came for as long as is borne.
    pub fn silence(&self) -> Transport {
        Transport::Stalled(self.patience.div_ceil(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_is_no_flow() {
        let mut pace = Pace::new(30_000, 0);
        assert_eq!((pace.left(0), pace.left(20_000), pace.left(40_000)), (30_000, 10_000, 0));
        let trickled = (1..).map(|n| n * 10_000).find(|now| pace.took(1, *now).is_err());
        assert_eq!(trickled, Some(120_000), "one byte every ten seconds");
        let mut pace = Pace::new(30_000, 0);
        assert!((1..1_000).all(|n| pace.took(2_000, n * 1_000).is_ok()));
        assert_eq!(pace.left(999_000), 30_000);
        assert_eq!(pace.silence(), Transport::Stalled(30));
    }
}
