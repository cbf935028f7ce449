//! A token server as the distribution's token specification has it: its tokens are signed, and a real registry checks
//! the signature against its certificate.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::json;

use crate::{tools, workdir::Workdir};

/// Programs that it needs.
pub const NEEDS: [&str; 1] = ["openssl"];

/// The only person that it knows: name and password. This one may pull and push everything.
pub const PERSON: (&str, &str) = ("anna", "pass word");

/// Seconds that a token is good for.
const LIFE: i64 = 300;

/// What it and its registry are called.
const SERVICE: &str = "lagvis-test";

/// A running token server. Anybody may pull from repositories below `open/`.
pub struct TokenServer {
    folder: Workdir,
    /// Host and port.
    pub host: String,
    log: Arc<Mutex<Vec<Asked>>>,
}

/// A request for a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Path and query.
    pub target: String,
    /// The value of Authorization; empty if none came.
    pub authorization: String,
}

impl TokenServer {
    /// Starts one, with a key of its own.
    pub fn start() -> Result<Self> {
        Self::start_with_life(LIFE)
    }

    /// The same with tokens that are good for so many seconds. Registries bear clocks that differ by a minute, so that
    /// short lives are negative: -58 is two seconds.
    pub fn start_with_life(life: i64) -> Result<Self> {
        let folder = Workdir::new()?;
        let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
        tools::output(
            Command::new("openssl")
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
                .args(["-subj", "/CN=lagvis-test", "-days", "2", "-keyout"])
                .arg(&key)
                .arg("-out")
                .arg(&certificate),
        )?;
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &of_pem(&key)?, &random)
            .map_err(|error| anyhow::anyhow!("the key is not taken: {error}"))?;
        let signer = Signer { life, pair, random, certificate: STANDARD.encode(of_pem(&certificate)?) };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let log = Arc::new(Mutex::new(Vec::new()));
        let seen = log.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that hangs up is its own affair.
                _ = answer(stream, &signer, &seen);
            }
        });
        Ok(Self { folder, host, log })
    }

    /// The `auth` part of the configuration of a registry that takes its tokens.
    pub fn configuration(&self) -> String {
        format!(
            "auth:\n  token:\n    realm: http://{}/token\n    service: {SERVICE}\n    issuer: {SERVICE}\n    rootcertbundle: {}\n",
            self.host,
            self.folder.path().join("certificate.pem").display()
        )
    }

    /// What it was asked for.
    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

fn of_pem(path: &PathBuf) -> Result<Vec<u8>> {
    let text = fs::read_to_string(path)?;
    let inner: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(inner).with_context(|| format!("{} is no PEM", path.display()))
}

struct Signer {
    life: i64,
    pair: EcdsaKeyPair,
    random: SystemRandom,
    certificate: String,
}

impl Signer {
    /// A token (JWS, ES256) for some actions on a repository.
    fn token(&self, repository: &str, actions: &[&str]) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [self.certificate]});
        let access = json!([{"type": "repository", "name": repository, "actions": actions}]);
        let claims = json!({
            "iss": SERVICE, "aud": SERVICE, "sub": "", "jti": now.to_string(), "access": access,
            "iat": now, "nbf": now - 10, "exp": i64::try_from(now)? + self.life,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.pair.sign(&self.random, signed.as_bytes());
        let signature = signature.map_err(|error| anyhow::anyhow!("signing failed: {error}"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn answer(stream: TcpStream, signer: &Signer, log: &Mutex<Vec<Asked>>) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().context("no request")??;
    let mut asked = Asked { target: first.split(' ').nth(1).unwrap_or_default().to_owned(), ..Asked::default() };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("authorization") {
            value.trim().clone_into(&mut asked.authorization);
        }
    }
    let (status, body) = judge(signer, &asked, first.starts_with("OPTIONS "))?;
    log.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(asked);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\naccess-control-allow-origin: *\r\n\
         access-control-allow-headers: authorization\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}

/// Nobody may pull what is open, the person everything; a wrong password gets nothing at all.
fn judge(signer: &Signer, asked: &Asked, is_preflight: bool) -> Result<(&'static str, String)> {
    if is_preflight {
        return Ok(("204 No Content", String::new()));
    }
    let person = format!("Basic {}", STANDARD.encode(format!("{}:{}", PERSON.0, PERSON.1)));
    if !asked.authorization.is_empty() && asked.authorization != person {
        return Ok(("401 Unauthorized", r#"{"errors":[{"code":"UNAUTHORIZED","message":"wrong"}]}"#.to_owned()));
    }
    let query = asked.target.split_once('?').map_or("", |(_, query)| query);
    let scope = query.split('&').find_map(|pair| pair.strip_prefix("scope=")).unwrap_or_default();
    let scope = scope.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    let mut parts = scope.splitn(3, ':');
    let (_, name, wanted) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let may = |action: &&str| asked.authorization == person || (*action == "pull" && name.starts_with("open/"));
    let actions: Vec<&str> = wanted.split(',').filter(may).collect();
    Ok(("200 OK", json!({"token": signer.token(name, &actions)?, "expires_in": 300}).to_string()))
}
