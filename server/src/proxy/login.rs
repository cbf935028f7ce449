//! How docker, podman and skopeo log in. They send a password only to whom asked for one at `/v2/`, and then only in
//! exchange for a token of its own realm; so with `--login-url` the proxy is such a realm. Its token is the person's
//! name and password, sealed under a key that nobody else has and that ends with the process: nothing is kept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};

use super::credentials::Credentials;

/// How long a token is good for: what clients take for granted is a minute.
pub(super) const LIFE: Duration = Duration::from_secs(300);
/// Where tokens are given out.
pub(super) const PATH: &str = "/v2/token";

/// Gives out tokens and reads them.
pub(super) struct Login {
    url: String,
    key: LessSafeKey,
}

impl Login {
    /// `url` is where clients reach this proxy.
    pub(super) fn new(url: &str) -> Option<Self> {
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
        Some(Self { url: url.to_owned(), key })
    }

    /// The challenge, as the distribution's token specification has it.
    pub(super) fn challenge(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!(r#"Bearer realm="{}{PATH}",service="lagvis""#, self.url)).ok()
    }

    /// A token, with credentials or for somebody who has none.
    pub(super) fn seal(&self, credentials: Option<&Credentials>) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = (now() + LIFE.as_secs()).to_be_bytes().to_vec();
        sealed.extend(credentials.map(Credentials::pair).unwrap_or_default());
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// What a token holds: credentials or none. An error if it is not ours, or too old.
    pub(super) fn open(&self, token: &str) -> Result<Option<Credentials>, NotOurs> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| NotOurs)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(NotOurs)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOurs)?;
        let mut sealed = sealed.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::empty(), &mut sealed).map_err(|_| NotOurs)?;
        let (end, pair) = plain.split_first_chunk::<8>().ok_or(NotOurs)?;
        if u64::from_be_bytes(*end) < now() {
            return Err(NotOurs);
        }
        Ok(if pair.is_empty() { None } else { Credentials::new(pair) })
    }
}

/// A token that this process did not give out, or that is no longer good.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotOurs;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_credentials_that_nobody_else_can_read() {
        let login = Login::new("https://pull.example").unwrap();
        let credentials = Credentials::new(b"name:password").unwrap();
        let token = login.seal(Some(&credentials)).unwrap();
        assert_eq!(login.open(&token), Ok(Some(credentials)));
        assert_eq!(login.open(&login.seal(None).unwrap()), Ok(None));
        let other = Login::new("https://pull.example").unwrap();
        assert_eq!(other.open(&token), Err(NotOurs));
        let another = if token[20..].starts_with('A') { 'B' } else { 'A' };
        let altered = format!("{}{another}{}", &token[..20], &token[21..]);
        for wrong in ["", "x", "????", &altered, &token[..30]] {
            assert_eq!(login.open(wrong), Err(NotOurs), "{wrong}");
        }
        assert_eq!(login.challenge().unwrap(), r#"Bearer realm="https://pull.example/v2/token",service="lagvis""#);
    }
}
