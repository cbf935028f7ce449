//! A blob on its way: what broke is resumed by Range behind the last good byte, and no byte is given on twice.
//!
//! Whether the bytes are right is for whoever takes them to say (`layer::LayerReader`, `verify::Verifier`): a transfer
//! only says that they came, each one once and in order, and no more of them than one too many.

use std::ops::Range;

use super::{
    exchange::{Exchange, Next},
    tries::{Again, Moment, Tries},
    via::{HttpRequest, HttpResponse, Transport},
};
use crate::{
    image::Digest,
    limits,
    problem::{Problem, ProblemKind},
    protocol::{Access, Waiting},
    registry::answer::unreachable,
};

/// What a transfer needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferStep {
    /// A response with its body, by [`Transfer::answered`].
    Fetch(HttpRequest),
    /// The head of a response, by [`Transfer::answered`]. Of a refusal (other than 200 and 206) with its body, up to
    /// [`HttpRequest::max_bytes`].
    Stream(HttpRequest),
    /// Bytes of that response's body, by [`Transfer::take`]; its end, by [`Transfer::ended`] or [`Transfer::broke`].
    Read,
    /// Time, then [`Transfer::waited`].
    Wait(Waiting),
    /// Nothing: all bytes came, or more than are of use.
    Done,
}

/// Bytes of a refusal that are read.
const WORDS: u64 = 4_096;

/// A blob on its way.
#[derive(Debug)]
pub struct Transfer {
    url: String,
    place: String,
    /// As the manifest states it.
    size: Option<u64>,
    exchange: Exchange,
    stage: Stage,
    /// Good bytes so far.
    taken: u64,
    /// As of when the tries are counted.
    mark: u64,
    /// Bytes of the present body that came before.
    skip: u64,
    /// Bytes of the whole blob, as the present answer states them.
    whole: Option<u64>,
    /// The other side gives ranges, as far as that is known.
    ranges: bool,
    /// Where a body ended before, cleanly and too early.
    short: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    Body,
    Done,
}

impl Transfer {
    /// A transfer of a blob. `place` says what it is, for people: "layer 3".
    pub fn new(access: &Access, digest: &Digest, size: Option<u64>, place: impl Into<String>) -> Self {
        let url = access.blob_url(digest);
        let exchange = Exchange::with(HttpRequest::get(url.clone(), Vec::new(), WORDS), Tries::new(limits::BLOB_TRIES));
        Self {
            url,
            place: place.into(),
            size,
            exchange,
            stage: Stage::Head,
            taken: 0,
            mark: 0,
            skip: 0,
            whole: None,
            ranges: true,
            short: None,
        }
    }

    /// What it is, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is needed next. The same until it is provided.
    pub fn poll(&self, access: &Access) -> TransferStep {
        match self.stage {
            Stage::Body => TransferStep::Read,
            Stage::Done => TransferStep::Done,
            Stage::Head => match self.exchange.poll(access) {
                Next::Wait(waiting) => TransferStep::Wait(waiting),
                Next::Send(request) if self.exchange.is_asking() => TransferStep::Stream(request),
                Next::Send(request) => TransferStep::Fetch(request),
                Next::Done => TransferStep::Done,
            },
        }
    }

    /// The wait is over.
    pub fn waited(&mut self) {
        self.exchange.waited();
    }

    /// Good bytes so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes a response, or why there is none.
    ///
    /// # Errors
    /// It is refused, or was tried often enough.
    pub fn answered(
        &mut self,
        access: &mut Access,
        response: Result<HttpResponse, Transport>,
        at: Moment,
    ) -> Result<(), Problem> {
        let provided = self.exchange.provide(access, response, at);
        provided.map_err(|problem| Problem { place: self.place.clone(), ..problem })?;
        match self.exchange.answer() {
            None => Ok(()),
            Some(Err(transport)) => Err(self.given_up(access, &transport)),
            Some(Ok(response)) => self.begin(access, &response, at),
        }
    }

    fn begin(&mut self, access: &Access, response: &HttpResponse, at: Moment) -> Result<(), Problem> {
        // What is packed for the way is unpacked by the client: lengths and ranges are of other bytes then.
        let packed = response.header("content-encoding").is_some_and(|encoding| encoding != "identity");
        self.ranges &= !packed;
        match response.status {
            200 => {
                let length = response.header("content-length").and_then(|length| length.parse().ok());
                self.whole = length.filter(|_| !packed);
                self.skip = self.taken;
            }
            206 => match content_range(response).filter(|(start, _)| *start <= self.taken && !packed) {
                Some((start, whole)) => {
                    self.whole = whole;
                    self.skip = self.taken - start;
                }
                None => return self.without_ranges(access, "answered with another range than was asked for", at),
            },
            // Nothing is behind the last byte: all is there, or it is shorter than stated.
            416 if self.taken > 0 => {
                let whole = response.header("content-range").and_then(|range| range.strip_prefix("bytes */"));
                if whole.and_then(|whole| whole.parse().ok()) != Some(self.taken) {
                    return self.without_ranges(access, "has no such range", at);
                }
                self.stage = Stage::Done;
                return Ok(());
            }
            _ => return Err(self.refused(access, response)),
        }
        self.stage = Stage::Body;
        Ok(())
    }

    /// From the start again, which is passed over.
    fn without_ranges(&mut self, access: &Access, what: &str, at: Moment) -> Result<(), Problem> {
        if !std::mem::replace(&mut self.ranges, false) {
            let detail = format!("{} {what}", access.reference().domain());
            return Err(Problem::new(ProblemKind::RegistryError, self.place.clone(), detail));
        }
        self.again(access, &Transport::Broken(format!("the answer {what}")), at)
    }

    /// Takes bytes of the body; which of them are new.
    ///
    /// # Errors
    /// There is no end to them, and nothing states how many there should be.
    pub fn take(&mut self, length: usize) -> Result<Range<usize>, Problem> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(length);
        self.skip -= skipped as u64;
        self.taken += (length - skipped) as u64;
        if self.taken - self.mark >= limits::PROGRESS_BYTES {
            self.mark = self.taken;
            self.exchange.tries.progress();
        }
        match self.size {
            Some(size) if self.taken > size => self.stage = Stage::Done,
            None if self.taken > limits::BLOB_BYTES => {
                self.stage = Stage::Done;
                let detail = format!("it has more than {} bytes, and nothing states its size", limits::BLOB_BYTES);
                return Err(Problem::new(ProblemKind::LimitExceeded, self.place.clone(), detail));
            }
            _ => {}
        }
        Ok(skipped..length)
    }

    /// The body came to its end.
    ///
    /// # Errors
    /// It was tried often enough.
    pub fn ended(&mut self, access: &Access, at: Moment) -> Result<(), Problem> {
        let complete = match self.size {
            Some(size) => self.taken >= size,
            None => self.whole.is_none_or(|whole| whole == self.taken),
        };
        // Twice at the same place, or where the answer itself said: it is shorter than stated, and is judged so.
        let short = self.skip == 0 && (self.whole == Some(self.taken) || self.short == Some(self.taken));
        if self.skip == 0 && (complete || short) {
            self.stage = Stage::Done;
            return Ok(());
        }
        self.short = (self.skip == 0).then_some(self.taken);
        self.again(access, &Transport::Broken("it ended too early".to_owned()), at)
    }

    /// The body broke off, or nothing more came.
    ///
    /// # Errors
    /// It was tried often enough.
    pub fn broke(&mut self, access: &Access, why: &Transport, at: Moment) -> Result<(), Problem> {
        if self.size == Some(self.taken) && self.skip == 0 {
            self.stage = Stage::Done;
            return Ok(());
        }
        self.again(access, why, at)
    }

    fn again(&mut self, access: &Access, why: &Transport, at: Moment) -> Result<(), Problem> {
        let text = format!("The transfer broke off after {} bytes: {}", self.taken, why.words());
        let waiting = match self.exchange.tries.failed(&text, at) {
            Again::Wait(waiting) if why.is_passing(true) => waiting,
            _ => return Err(self.given_up(access, why)),
        };
        let mut request = HttpRequest::get(self.url.clone(), Vec::new(), WORDS);
        if self.taken > 0 && self.ranges {
            request.headers.push(("range".to_owned(), format!("bytes={}-", self.taken)));
        }
        self.exchange.again(request, waiting);
        self.stage = Stage::Head;
        Ok(())
    }

    fn given_up(&self, access: &Access, why: &Transport) -> Problem {
        let mut problem = unreachable(access.via(), access.reference(), why);
        let of = self.size.map(|size| format!(" of {size}")).unwrap_or_default();
        let tries = match self.exchange.tries.failures() {
            0 | 1 => String::new(),
            tries => format!(", given up after {tries} tries without progress"),
        };
        problem.detail = format!("the transfer broke off after {}{of} bytes: {}{tries}", self.taken, problem.detail);
        problem.place = format!("{}, from {}", self.place, problem.place);
        problem
    }

    fn refused(&self, access: &Access, response: &HttpResponse) -> Problem {
        let mut problem = access.refused(response);
        if matches!(problem.kind, ProblemKind::ManifestUnknown | ProblemKind::NameUnknown) {
            problem.kind = ProblemKind::LayerAbsent;
        }
        problem.place.clone_from(&self.place);
        problem
    }
}

/// First byte of a part, and bytes of the whole where that is stated: `bytes 5-9/10`.
pub(super) fn content_range(response: &HttpResponse) -> Option<(u64, Option<u64>)> {
    let (range, whole) = response.header("content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end) = (start.parse::<u64>().ok()?, end.parse::<u64>().ok()?);
    let whole = if whole == "*" { None } else { Some(whole.parse().ok()?) };
    (start <= end && whole.is_none_or(|whole| end < whole)).then_some((start, whole))
}

#[cfg(test)]
#[path = "tests/transfer.rs"]
mod tests;
