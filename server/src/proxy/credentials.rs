//! A person's name and password for a registry: taken from the request, held as long as it lasts, and never written
//! anywhere. What is remembered under them is kept under a keyed hash.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, header};
use ring::{hmac, rand::SystemRandom};

/// Cloud registries have passwords of a few thousand bytes.
const MOST: usize = 32 << 10;

/// Name and password, as `Authorization: Basic` has them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials(HeaderValue);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// What a request says of who asks.
pub(super) enum Authorization {
    None,
    Basic(Credentials),
    /// A token of this proxy, or of somebody else.
    Bearer(String),
    /// It cannot be read.
    Unreadable,
}

impl Authorization {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Self::None };
        let text = value.to_str().unwrap_or_default();
        if values.next().is_some() || text.len() > MOST {
            return Self::Unreadable;
        }
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Bearer(rest.trim().to_owned());
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Self::Unreadable;
        }
        match STANDARD.decode(rest.trim()) {
            // Clients that have neither name nor password may send both empty.
            Ok(pair) if pair == b":" => Self::None,
            Ok(pair) if pair.contains(&b':') => Credentials::new(&pair).map_or(Self::Unreadable, Self::Basic),
            _ => Self::Unreadable,
        }
    }
}

impl Credentials {
    /// Of `name:password`.
    pub(super) fn new(pair: &[u8]) -> Option<Self> {
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }

    /// The value of `Authorization`.
    pub(super) fn value(&self) -> HeaderValue {
        self.0.clone()
    }

    /// `name:password`.
    pub(super) fn pair(&self) -> Vec<u8> {
        let encoded = self.0.as_bytes().strip_prefix(b"Basic ").unwrap_or_default();
        STANDARD.decode(encoded).unwrap_or_default()
    }
}

/// Whose something is: different credentials never have the same, and nothing leads back to them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity([u8; 32]);

/// The key under which identities are made; another one at each start.
pub(super) struct Keyed(hmac::Key);

impl Keyed {
    pub(super) fn new() -> Option<Self> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok().map(Self)
    }

    pub(super) fn identity(&self, credentials: &Credentials) -> Identity {
        let tag = hmac::sign(&self.0, credentials.0.as_bytes());
        let mut identity = [0; 32];
        for (to, from) in identity.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Identity(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Authorization {
        Authorization::of(&HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]))
    }

    #[test]
    fn names_and_passwords_are_read_and_not_shown() {
        let Authorization::Basic(credentials) = read("basic YTpzZWNyZXQ=") else { panic!("not read") };
        assert_eq!(credentials.pair(), b"a:secret");
        assert_eq!(credentials.value(), "Basic YTpzZWNyZXQ=");
        assert!(!format!("{credentials:?} {:?}", credentials.value()).contains("YTpz"));
        assert!(matches!(read("Basic Og=="), Authorization::None));
        assert!(matches!(read("Bearer x"), Authorization::Bearer(token) if token == "x"));
        for wrong in ["Basic", "Basic ????", "Basic YQ==", "Digest x", "", "Basic YTpi YTpi"] {
            assert!(matches!(read(wrong), Authorization::Unreadable), "{wrong}");
        }
    }

    #[test]
    fn identities_differ_by_password_and_by_key() {
        let (keyed, other) = (Keyed::new().unwrap(), Keyed::new().unwrap());
        let [a, b] = ["a:1", "a:2"].map(|pair| Credentials::new(pair.as_bytes()).unwrap());
        assert!(keyed.identity(&a) == keyed.identity(&a.clone()));
        assert!(keyed.identity(&a) != keyed.identity(&b) && keyed.identity(&a) != other.identity(&a));
    }
}
