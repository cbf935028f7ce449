//! What opens a repository: challenges are met here, and only here is a password or token put into a request.

use super::{
    answer::refused,
    challenge::{Challenge, token_of},
    host::{is_loopback, is_private_way, is_token_server_of, origin},
    via::{HttpRequest, HttpResponse, Method, Via},
};
use crate::{
    image::{Digest, Reference, display_name},
    limits,
    problem::{Problem, ProblemKind},
    protocol::{Access, Login, Pass, Peer},
};

impl Login {
    /// Name and password as typed.
    ///
    /// # Errors
    /// They cannot be sent: why, for people.
    pub fn new(name: &str, password: &str) -> Result<Self, &'static str> {
        if password.is_empty() {
            return Err("The password is empty.");
        }
        if name.contains(':') {
            return Err("A user name holds no colon.");
        }
        if name.chars().chain(password.chars()).any(char::is_control) {
            return Err("Name and password hold no control characters: something else was pasted.");
        }
        Ok(Self { name: name.to_owned(), password: password.to_owned() })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of `Authorization` (RFC 7617).
    fn basic(&self) -> String {
        format!("Basic {}", base64(format!("{}:{}", self.name, self.password).as_bytes()))
    }
}

impl Via {
    /// Directly; over plain http where the registry is this machine.
    pub fn direct(reference: &Reference) -> Self {
        Self::Direct { plain_http: is_loopback(reference.domain()) }
    }

    /// The URL that all of a repository's begin with.
    pub fn base(&self, reference: &Reference) -> String {
        match self {
            Self::Proxy { base } => base.trim_end_matches('/').to_owned(),
            Self::Direct { .. } => self.origin(reference),
        }
    }
}

/// What becomes of a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// A token is to be got, by this request.
    Token(HttpRequest),
    /// The same request once more: now it carries something.
    Again,
    /// It stands.
    Stands,
}

impl Access {
    /// The way to the repository of `reference`, for a person or for nobody.
    ///
    /// # Errors
    /// [`ProblemKind::LoginUnsafe`] where a password would travel for others to read.
    pub fn new(via: Via, reference: Reference, login: Option<Login>) -> Result<Self, Problem> {
        let base = via.base(&reference);
        if login.is_some() && !is_private_way(&base) {
            let detail = "a password is sent over https, or to this machine itself, and on no other way";
            return Err(Problem::new(ProblemKind::LoginUnsafe, base, detail));
        }
        Ok(Self { via, reference, login, pass: None })
    }

    /// The way.
    pub fn via(&self) -> &Via {
        &self.via
    }

    /// The reference.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Whether somebody in particular asks.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }

    /// Whom a request of this pull goes to.
    pub fn peer(&self, url: &str) -> Peer {
        match &self.via {
            Via::Proxy { .. } => Peer::Proxy,
            Via::Direct { .. } if self.is_own(url) => Peer::Registry,
            Via::Direct { .. } => Peer::TokenServer,
        }
    }

    fn is_own(&self, url: &str) -> bool {
        url.strip_prefix(&self.via.base(&self.reference)).is_some_and(|rest| rest.starts_with('/'))
    }

    /// URL of a blob.
    pub fn blob_url(&self, digest: &Digest) -> String {
        self.via.blob(&self.reference, digest)
    }

    /// The request with what lets one in, if it is one to this proxy or registry.
    pub(super) fn authorized(&self, request: &HttpRequest) -> HttpRequest {
        let mut request = request.clone();
        let value = match (&self.via, &self.pass, &self.login) {
            (Via::Proxy { .. }, _, Some(login)) | (_, Some(Pass::Basic), Some(login)) => login.basic(),
            (Via::Direct { .. }, Some(Pass::Bearer(token)), _) => format!("Bearer {token}"),
            _ => return request,
        };
        if self.is_own(&request.url) {
            request.headers.push(("authorization".to_owned(), value));
        }
        request
    }

    /// What a 401 asks for.
    pub(super) fn meet(&mut self, response: &HttpResponse) -> Result<Met, Problem> {
        let Via::Direct { plain_http } = self.via else { return Ok(Met::Stands) };
        let header = response.header("www-authenticate");
        if let Some(challenge) = header.and_then(Challenge::parse) {
            let url = self.token_url(&challenge, plain_http)?;
            let own = self.login.as_ref().map(|login| ("authorization".to_owned(), login.basic()));
            return Ok(Met::Token(HttpRequest {
                method: Method::Get,
                url,
                headers: own.into_iter().collect(),
                max_bytes: limits::TOKEN_BYTES,
                digest: None,
            }));
        }
        // A registry that does not let pages read its challenge: it gets what the person gave for it all the same.
        let basic = header.is_none_or(Challenge::is_basic);
        if basic && self.login.is_some() && self.pass != Some(Pass::Basic) {
            self.pass = Some(Pass::Basic);
            return Ok(Met::Again);
        }
        Ok(Met::Stands)
    }

    /// Where a token is got. A realm over plain http is taken of a plain-http registry on its own host only; a person's
    /// password goes to the registry's own token server only, and for pulling from this repository, whatever the
    /// registry would like.
    fn token_url(&self, challenge: &Challenge, plain_http: bool) -> Result<String, Problem> {
        let shown = display_name(challenge.realm.as_bytes());
        let refuse = |why: &str| {
            let detail = format!("it sends for a token to {shown}, {why}");
            Problem::new(ProblemKind::AccessDenied, self.reference.familiar(), detail)
        };
        let is_safe =
            challenge.realm.starts_with("https://") || (plain_http && challenge.is_plain_on(self.reference.domain()));
        if !is_safe {
            return Err(refuse("which is not https"));
        }
        let scope = format!("repository:{}:pull", self.reference.path());
        if self.login.is_none() {
            return Ok(challenge.url(&scope));
        }
        let host = origin(&challenge.realm).map_or("", |(_, authority)| authority);
        if !is_token_server_of(self.reference.domain(), host) {
            return Err(refuse("which is not known as its token server: your password is not sent there"));
        }
        Ok(challenge.url_of_person(&scope))
    }

    /// Takes the token server's answer.
    pub(super) fn take_token(&mut self, response: &HttpResponse) -> Result<(), Problem> {
        if response.status != 200 {
            return Err(self.refused(response));
        }
        let missing = || {
            let detail = "the token server's answer holds no token";
            Problem::new(ProblemKind::RegistryError, self.reference.familiar(), detail)
        };
        self.pass = Some(Pass::Bearer(token_of(&response.body).ok_or_else(missing)?));
        Ok(())
    }

    /// The problem that a response without success stands for, to somebody who gave a password.
    pub(super) fn refused(&self, response: &HttpResponse) -> Problem {
        let mut problem = refused(&self.via, &self.reference, response);
        if problem.kind == ProblemKind::AccessDenied && self.login.is_some() {
            problem.kind = ProblemKind::LoginRefused;
        }
        problem
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_as_they_are_sent() {
        assert_eq!(Login::new("Aladdin", "open sesame").unwrap().basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(Login::new("a", "1").unwrap().basic(), "Basic YTox");
        assert_eq!(Login::new("", "tok").unwrap().basic(), "Basic OnRvaw==");
        for (name, password) in [("a:b", "c"), ("a", ""), ("a", "b\r\nX: y"), ("a\n", "b")] {
            assert!(Login::new(name, password).is_err(), "{name:?} {password:?}");
        }
        assert_eq!(format!("{:?}", Login::new("a", "secret").unwrap()), "Login");
    }

    #[test]
    fn passwords_go_on_private_ways_only() {
        let login = || Some(Login::new("a", "b").unwrap());
        let proxy = |base: &str| Via::Proxy { base: base.to_owned() };
        for (via, reference, good) in [
            (proxy("https://proxy.example/"), "ghcr.io/a/b", true),
            (proxy("http://127.0.0.1:8080/"), "ghcr.io/a/b", true),
            (proxy("http://proxy.example/"), "ghcr.io/a/b", false),
            (Via::Direct { plain_http: false }, "ghcr.io/a/b", true),
            (Via::Direct { plain_http: true }, "10.0.0.1:5000/a/b", false),
            (Via::Direct { plain_http: true }, "localhost:5000/a/b", true),
        ] {
            let reference = Reference::parse(reference).unwrap();
            assert!(Access::new(via.clone(), reference.clone(), None).is_ok());
            let access = Access::new(via.clone(), reference, login());
            assert_eq!(
                access.map(|_| ()).map_err(|p| p.kind),
                if good { Ok(()) } else { Err(ProblemKind::LoginUnsafe) },
                "{via:?}"
            );
        }
    }

    #[test]
    fn nothing_secret_is_put_into_a_request_to_another_host() {
        let reference = Reference::parse("localhost:5000/a/b").unwrap();
        let mut access = Access::new(Via::direct(&reference), reference, Some(Login::new("a", "b").unwrap())).unwrap();
        access.pass = Some(Pass::Basic);
        for (url, own) in [
            ("http://localhost:5000/v2/", true),
            ("http://localhost:50001/v2/", false),
            ("http://localhost:5000.evil.example/v2/", false),
            ("https://localhost:5000/v2/", false),
        ] {
            let sent = access.authorized(&HttpRequest::get(url.to_owned(), Vec::new(), 1));
            assert_eq!(sent.headers.iter().any(|(name, _)| name == "authorization"), own, "{url}");
        }
    }
}
