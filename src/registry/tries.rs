//! When a request is sent again: after a broken connection, a fault of the other side, or a plea to wait.

use super::{
    answer::is_unusable,
    quota::Quota,
    retry_after::{retry_after, words},
    via::{HttpResponse, Transport},
};
use crate::{
    limits,
    protocol::{WaitReason, Waiting},
};

/// When something happens, and chance: both are the caller's to give.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub now: u64,
    /// A random number.
    pub chance: u32,
}

/// First wait after a failure, in milliseconds; each further one is twice as long, up to the last.
const FIRST: u64 = 500;
const LAST: u64 = 16_000;
/// What is waited for whoever asks to wait and does not say how long.
const UNSAID: [u64; 2] = [5_000, 15_000];
/// How often somebody may ask to wait before it is given up.
const PLEAS: u32 = 6;

/// Tries so far.
#[derive(Clone, Debug)]
pub(super) struct Tries {
    most: u32,
    failures: u32,
    pleas: u32,
}

/// What comes of a failure or a plea.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Wait, then once more.
    Wait(Waiting),
    /// It is given up, for this reason where there is one to add.
    Over(Option<String>),
}

impl Tries {
    pub(super) fn new(most: u32) -> Self {
        Self { most, failures: 0, pleas: 0 }
    }

    /// Something came of it: all begins anew.
    pub(super) fn progress(&mut self) {
        (self.failures, self.pleas) = (0, 0);
    }

    /// How often it was tried in vain.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// It failed in a way that may pass.
    pub(super) fn failed(&mut self, text: &str, at: Moment) -> Again {
        self.failures += 1;
        if self.failures >= self.most {
            return Again::Over(None);
        }
        let longest = FIRST.saturating_mul(1 << (self.failures - 1).min(10)).min(LAST);
        // Half of it is chance: pages that were cut off together do not come back together.
        let wait = longest / 2 + (longest / 2) * u64::from(at.chance) / u64::from(u32::MAX);
        let text = format!("{text}; try {} of {} follows", self.failures + 1, self.most);
        Again::Wait(Waiting { reason: WaitReason::Broken, until: at.now + wait, text, quota: None })
    }

    /// There was no answer.
    pub(super) fn unanswered(&mut self, transport: &Transport, at: Moment) -> Again {
        if transport.is_passing(self.most > limits::DOCUMENT_TRIES) {
            self.failed(&transport.words(), at)
        } else {
            Again::Over(None)
        }
    }

    /// The answer, if it is one after which the request is sent again: none if it stands.
    pub(super) fn answered(&mut self, whom: &str, response: &HttpResponse, at: Moment) -> Option<Again> {
        let plea = retry_after(response, at.now);
        match (response.status, plea) {
            (429, None) => {
                let wait = UNSAID.get(self.pleas as usize).copied()?;
                Some(self.asked(whom, response, wait, at))
            }
            (429 | 503, Some(wait)) => Some(self.asked(whom, response, wait, at)),
            (502, _) if is_unusable(response) => None,
            (500 | 502 | 503 | 504, _) => match self.failed(&format!("{whom} answered {}", response.status), at) {
                Again::Over(_) => None,
                again => Some(again),
            },
            _ => None,
        }
    }

    fn asked(&mut self, whom: &str, response: &HttpResponse, wait: u64, at: Moment) -> Again {
        self.pleas += 1;
        if wait > limits::LONGEST_WAIT {
            let longest = words(limits::LONGEST_WAIT);
            return Again::Over(Some(format!("that is longer than the {longest} that are waited here")));
        }
        if self.pleas > PLEAS {
            return Again::Over(Some(format!("it asked so {PLEAS} times, one after the other")));
        }
        // Some come back all at once, others a little later.
        let chance = u64::from(at.chance) * 500 / u64::from(u32::MAX);
        Again::Wait(Waiting {
            reason: WaitReason::Asked,
            until: at.now + wait + chance,
            text: format!("{whom} asks to wait {}", words(wait)),
            quota: Quota::of(response),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Moment = Moment { now: 1_000_000, chance: u32::MAX };

    fn wait(again: Again) -> u64 {
        match again {
            Again::Wait(waiting) => waiting.until - AT.now,
            Again::Over(why) => panic!("over: {why:?}"),
        }
    }

    fn answer(status: u16, after: Option<&str>) -> HttpResponse {
        let headers = after.map(|after| ("retry-after".to_owned(), after.to_owned())).into_iter().collect();
        HttpResponse { status, headers, ..HttpResponse::default() }
    }

    #[test]
    fn waits_grow_and_end() {
        let mut tries = Tries::new(4);
        let waits: Vec<u64> = (0..3).map(|_| wait(tries.failed("x", AT))).collect();
        assert_eq!(waits, [500, 1_000, 2_000]);
        assert_eq!(tries.failed("x", AT), Again::Over(None));
        tries.progress();
        assert_eq!(wait(tries.failed("x", Moment { chance: 0, ..AT })), 250);
        let offline = Transport::Offline;
        assert_eq!(Tries::new(limits::DOCUMENT_TRIES).unanswered(&offline, AT), Again::Over(None));
        assert!(matches!(Tries::new(limits::BLOB_TRIES).unanswered(&offline, AT), Again::Wait(_)));
    }

    #[test]
    fn pleas_are_followed_up_to_a_point() {
        let mut tries = Tries::new(3);
        let quiet = Moment { chance: 0, ..AT };
        assert_eq!(wait(tries.answered("r", &answer(429, Some("7")), quiet).unwrap()), 7_000);
        assert_eq!(wait(tries.answered("r", &answer(503, Some("0")), quiet).unwrap()), 0);
        assert!(matches!(tries.answered("r", &answer(429, Some("86400")), quiet), Some(Again::Over(Some(_)))));
        assert_eq!(tries.answered("r", &answer(404, Some("7")), quiet), None);
        let mut silent = Tries::new(3);
        let unusable = br#"{"errors":[{"code":"UNKNOWN","message":"it redirects","detail":{"source":"proxy"}}]}"#;
        let misled = HttpResponse { body: unusable.to_vec(), ..answer(502, None) };
        assert_eq!(tries.answered("r", &misled, quiet), None);
        assert!(tries.answered("r", &answer(502, None), quiet).is_some());
        let unsaid = |tries: &mut Tries| tries.answered("r", &answer(429, None), quiet).map(wait);
        assert_eq!([unsaid(&mut silent), unsaid(&mut silent), unsaid(&mut silent)], [Some(5_000), Some(15_000), None]);
        let mut stubborn = Tries::new(3);
        let is_over = |_: &u32| matches!(stubborn.answered("r", &answer(429, Some("1")), quiet), Some(Again::Over(_)));
        let ends = (0_u32..20).find(is_over);
        assert_eq!(ends, Some(PLEAS));
    }
}
