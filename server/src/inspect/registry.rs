//! Drives the pull and its transfers with an HTTP client.

use std::{
    io::{IsTerminal as _, Read as _, Write as _},
    time::Duration,
};

use lagvis::{
    image::{Digest, Reference},
    problem::{Problem, ProblemKind},
    registry::{
        Access, Exchange, HttpRequest, HttpResponse, Login, Moment, Next, Pull, Step, Transfer, TransferStep,
        Transport, Via, Waiting, warnings,
    },
};

use super::{
    InspectArgs,
    http::{Client, now},
    source::Opened,
};

/// The repository that an image comes from.
pub(super) struct Source {
    access: Access,
    client: Client,
    /// What the registry said that was passed on.
    warned: Vec<String>,
}

/// Pulls the documents of a reference.
pub(super) fn open(args: &InspectArgs) -> Result<Opened, Problem> {
    let text = &args.source;
    let invalid = |error: String| Problem::new(ProblemKind::ReferenceInvalid, text.clone(), error);
    let reference = Reference::parse(text).map_err(|error| invalid(error.to_string()))?;
    let via = match &args.proxy {
        Some(base) => Via::Proxy { base: base.clone() },
        None => Via::Direct { plain_http: args.plain_http },
    };
    let access = Access::new(via.clone(), reference.clone(), login(args)?)?;
    let client = Client::new(&via.base(&reference), Duration::from_secs(args.patience.into()))?;
    let mut source = Source { access, client, warned: Vec::new() };
    let mut pull = Pull::new(reference, args.platform.clone(), via);
    loop {
        match pull.poll() {
            Step::Ready => break,
            Step::ChoosePlatform(choices) => {
                let names: Vec<String> =
                    choices.iter().filter_map(|choice| choice.platform.as_ref()).map(ToString::to_string).collect();
                let detail = format!("it is there for {}, and none is the usual one", names.join(", "));
                return Err(Problem::new(ProblemKind::PlatformAbsent, text.clone(), detail));
            }
            Step::Fetch(request) => pull.provide(source.document(request)?)?,
        }
    }
    let missing = || Problem::new(ProblemKind::RegistryError, text.clone(), "the pull ended without an image");
    let image = pull.opened().ok_or_else(missing)?;
    Ok(Opened::of_registry(text.clone(), image, source))
}

/// The name that the arguments give, with the password from standard input.
fn login(args: &InspectArgs) -> Result<Option<Login>, Problem> {
    let Some(name) = &args.user else { return Ok(None) };
    let failed = |why: &str| Problem::new(ProblemKind::ReadFailed, "the password on standard input", why);
    let mut password = String::new();
    std::io::stdin().lock().read_to_string(&mut password).map_err(|error| failed(&error.to_string()))?;
    Login::new(name, password.trim_end_matches(['\r', '\n'])).map(Some).map_err(failed)
}

impl Source {
    /// One document, or why there is none.
    fn document(&mut self, request: HttpRequest) -> Result<Result<HttpResponse, Transport>, Problem> {
        let mut exchange = Exchange::new(request);
        loop {
            match exchange.poll(&self.access) {
                Next::Send(request) => {
                    let response = self.client.fetch(&request);
                    response.iter().flat_map(warnings).for_each(|text| self.warn(text));
                    exchange.provide(&mut self.access, response, moment())?;
                }
                Next::Wait(waiting) => {
                    self.wait(&waiting);
                    exchange.waited();
                }
                Next::Done => {
                    let silent = || Err(Transport::Unreachable("there was no answer".to_owned()));
                    return Ok(exchange.answer().unwrap_or_else(silent));
                }
            }
        }
    }

    /// Streams a blob into `take`: each byte once, and no more than one piece too many.
    pub(super) fn blob(
        &self,
        digest: &Digest,
        size: Option<u64>,
        place: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        // Each layer renews tokens by itself.
        let mut access = self.access.clone();
        let mut transfer = Transfer::new(&access, digest, size, place);
        let mut body = None;
        loop {
            match transfer.poll(&access) {
                TransferStep::Done => return Ok(()),
                TransferStep::Wait(waiting) => {
                    body = None;
                    self.wait(&waiting);
                    transfer.waited();
                }
                TransferStep::Fetch(request) => {
                    transfer.answered(&mut access, self.client.fetch(&request), moment())?;
                }
                TransferStep::Stream(request) => {
                    let head = self.client.begin(&request).map(|(head, rest)| {
                        body = rest;
                        head
                    });
                    transfer.answered(&mut access, head, moment())?;
                }
                TransferStep::Read => match body.as_mut().map_or(Ok(None), |body| self.client.next(body)) {
                    Ok(Some(chunk)) => {
                        let new = transfer.take(chunk.len())?;
                        take(chunk.get(new).unwrap_or_default())?;
                    }
                    Ok(None) => transfer.ended(&access, moment())?,
                    Err(transport) => transfer.broke(&access, &transport, moment())?,
                },
            }
        }
    }

    /// Says what the registry would like a person to read, once.
    fn warn(&mut self, text: String) {
        if !self.warned.contains(&text) {
            _ = writeln!(std::io::stderr(), "lagvis: the registry says: {text}");
            self.warned.push(text);
        }
    }

    fn wait(&self, waiting: &Waiting) {
        if std::io::stderr().is_terminal() {
            _ = writeln!(std::io::stderr(), "\r\x1b[Klagvis: {}", waiting.text);
        }
        self.client.sleep(Duration::from_millis(waiting.until.saturating_sub(now())));
    }
}

fn moment() -> Moment {
    Moment { now: now(), chance: chance() }
}

/// A number that differs from one process and moment to the next: the hasher's keys are random.
fn chance() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    let hash = RandomState::new().hash_one(now());
    u32::try_from(hash >> 32).unwrap_or_default()
}
