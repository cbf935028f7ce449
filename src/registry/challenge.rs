//! `WWW-Authenticate: Bearer …` and the token that answers it (distribution docs, token.md and scope.md).

use serde::Deserialize;

use super::host::without_port;
use crate::image::parse_json;

/// A bearer challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// URL of the token server.
    pub realm: String,
    service: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    /// The first bearer challenge of a header, which may hold several challenges.
    pub fn parse(header: &str) -> Option<Self> {
        let start = header.to_ascii_lowercase().find("bearer ")?;
        let mut rest = header.get(start + "bearer ".len()..)?;
        let mut challenge = Self::default();
        loop {
            rest = rest.trim_start_matches([' ', ',']);
            let Some((key, after)) = rest.split_once('=') else { break };
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_once(',').unwrap_or((after, "")),
            };
            match key.trim().to_ascii_lowercase().as_str() {
                "realm" => challenge.realm = value.to_owned(),
                "service" => challenge.service = Some(value.to_owned()),
                "scope" => challenge.scope = Some(value.to_owned()),
                // The next challenge begins with a word and a space.
                other if other.contains(' ') => break,
                _ => {}
            }
            rest = after;
        }
        (!challenge.realm.is_empty()).then_some(challenge)
    }

    /// Whether a header asks for name and password themselves.
    pub(super) fn is_basic(header: &str) -> bool {
        header.split(',').any(|part| {
            let scheme = part.trim_start().split(' ').next().unwrap_or_default();
            scheme.eq_ignore_ascii_case("basic")
        })
    }

    /// Whether the realm is plain http on the very host of `domain`; the port may differ.
    pub(super) fn is_plain_on(&self, domain: &str) -> bool {
        let Some(rest) = self.realm.strip_prefix("http://") else { return false };
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        // What stands before an @ is no host, whatever it looks like.
        !authority.contains('@') && without_port(authority).eq_ignore_ascii_case(without_port(domain))
    }

    /// URL of the token of a person: for `scope` and nothing else, whatever the challenge asks for.
    pub(super) fn url_of_person(&self, scope: &str) -> String {
        let (base, query) = self.realm.split_once('?').unwrap_or((&self.realm, ""));
        let is_kept = |pair: &&str| {
            let key = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
            !pair.is_empty() && !key.contains('%') && !matches!(key.as_str(), "scope" | "account" | "offline_token")
        };
        let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
        let realm = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        Self { realm, service: self.service.clone(), scope: None }.url(scope)
    }

    /// URL of the token. `default_scope` where the challenge names none.
    pub fn url(&self, default_scope: &str) -> String {
        let separator = if self.realm.contains('?') { '&' } else { '?' };
        let service = self.service.as_ref().map(|service| format!("service={}&", escape(service))).unwrap_or_default();
        let scope = escape(self.scope.as_deref().unwrap_or(default_scope));
        format!("{}{separator}{service}scope={scope}", self.realm)
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

/// The token of a token server's answer.
pub fn token_of(body: &[u8]) -> Option<String> {
    let answer: TokenAnswer = parse_json(body).ok()?;
    let token = answer.token.or(answer.access_token)?;
    let is_header_value = token.bytes().all(|b| (0x21..0x7f).contains(&b));
    (is_header_value && !token.is_empty()).then_some(token)
}

fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/busybox:pull""#;
        assert_eq!(
            Challenge::parse(hub).unwrap().url(""),
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository:library/busybox:pull"
        );
        let two = r#"Basic realm="x", Bearer realm="https://r/t",scope="repository:localhost:5000/a:pull,push""#;
        assert_eq!(Challenge::parse(two).unwrap().url(""), "https://r/t?scope=repository:localhost:5000/a:pull%2Cpush");
        let bare = Challenge::parse(r#"bearer realm="https://r/t?a=b""#).unwrap();
        assert_eq!(bare.url("repository:a:pull"), "https://r/t?a=b&scope=repository:a:pull");
        assert_eq!(Challenge::parse(r#"Basic realm="x""#), None);
        assert_eq!(Challenge::parse(r#"Bearer service="x""#), None);
        assert_eq!(Challenge::parse(r#"Bearer realm="unclosed"#), None);
    }

    #[test]
    fn a_token_of_a_person_is_for_pulling_only() {
        for (realm, url) in [
            ("https://r/t", "https://r/t?service=s&scope=repository:a:pull"),
            ("https://r/t?x=1&scope=registry:catalog:*&account=b", "https://r/t?x=1&service=s&scope=repository:a:pull"),
            ("https://r/t?SCOPE=a&sc%6fpe=b", "https://r/t?service=s&scope=repository:a:pull"),
        ] {
            let header = format!(r#"Bearer realm="{realm}",service="s",scope="repository:a:pull,push,delete""#);
            assert_eq!(Challenge::parse(&header).unwrap().url_of_person("repository:a:pull"), url);
        }
        assert!(Challenge::is_basic(r#"Basic realm="x""#) && Challenge::is_basic(r#"Digest a="b", basic realm="x""#));
        assert!(!Challenge::is_basic(r#"Bearer realm="https://basic.example""#));
    }

    #[test]
    fn a_plain_realm_must_be_on_the_registrys_own_host() {
        for (realm, good) in [
            ("http://localhost:5001/token", true),
            ("http://localhost/token", true),
            ("http://LOCALHOST?x", true),
            ("http://other:5000/token", false),
            ("http://localhost:x@other/token", false),
            ("http://localhost.other/token", false),
            ("https://localhost/token", false),
            ("ftp://localhost/token", false),
        ] {
            let challenge = Challenge { realm: realm.to_owned(), ..Challenge::default() };
            assert_eq!(challenge.is_plain_on("localhost:5000"), good, "{realm}");
        }
        let six = Challenge { realm: "http://[::1]:5001/t".to_owned(), ..Challenge::default() };
        assert!(six.is_plain_on("[::1]:5000") && !six.is_plain_on("[::2]:5000"));
    }

    #[test]
    fn tokens_that_are_no_header_values_are_not_taken() {
        assert_eq!(token_of(br#"{"token":"abc"}"#).as_deref(), Some("abc"));
        assert_eq!(token_of(br#"{"access_token":"abc"}"#).as_deref(), Some("abc"));
        assert_eq!(token_of(b"{\"token\":\"a\\r\\nX: y\"}"), None);
        assert_eq!(token_of(b"{}"), None);
    }
}
