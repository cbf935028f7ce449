//! A real registry with everything that a repository can hold beside images: an index with attestations, referrers under
//! their tags, a chart.

use anyhow::{Context as _, Result};
use lagvis_fixtures::{
    Artifact, Packing, attestation, cosign_attestation, cosign_signature, helm_chart, index_of, multi, multi_archive,
    sbom, sha256,
};
use serde_json::{Value, json};

use crate::{answers, registry::Registry, service::Lagvis, workdir::Workdir};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The registry, with `demo/multi:1` (two platforms) and `demo/chart:1`.
pub struct Described {
    /// The registry.
    pub registry: Registry,
    /// The command as a server that may ask it.
    pub lagvis: Lagvis,
    /// `demo/multi:1`.
    pub reference: String,
    /// Digest of its index.
    pub index: String,
    /// Descriptor of the manifest for linux/amd64.
    pub amd64: Value,
    /// Digest of the attestation of that.
    pub attestation: String,
    /// Digests of what refers to the index: SBOM, signature, attestation by cosign.
    pub referrers: [String; 3],
    /// Digest of the chart's manifest.
    pub chart: String,
}

impl Described {
    /// Starts the registry, pushes, and serves the page.
    pub fn start() -> Result<Self> {
        let folder = Workdir::new()?;
        let registry = Registry::start(None)?;
        let images: Vec<_> = multi().into_iter().take(2).collect();
        let file = folder.write("multi.tar", multi_archive(&images, Packing::Gzip)?)?;
        registry.push(&format!("oci-archive:{}", file.display()), "demo/multi:1")?;
        let pushed: Value = serde_json::from_slice(&registry.manifest("demo/multi", "1")?)?;
        let mut manifests = pushed["manifests"].as_array().cloned().unwrap_or_default();
        let of = |name: &str| {
            let is = |named: &&Value| named["platform"]["architecture"] == name;
            manifests.iter().find(is).cloned().with_context(|| format!("no manifest for {name}"))
        };
        let (amd64, arm64) = (of("amd64")?, of("arm64")?);
        let (mine, descriptor) = attestation(text(&amd64["digest"]))?;
        let (other, other_descriptor) = attestation(text(&arm64["digest"]))?;
        for artifact in [&mine, &other] {
            registry.put_artifact("demo/multi", &artifact.digest(), artifact)?;
        }
        manifests.extend([descriptor, other_descriptor]);
        let bytes = index_of(&manifests)?;
        let index = sha256(&bytes);
        registry.put_manifest("demo/multi", "1", INDEX, &bytes)?;
        let subject = json!({"mediaType": INDEX, "digest": index, "size": bytes.len()});
        let tag = index.replace(':', "-");
        let (sbom, signature, signed) =
            (sbom(&subject)?, cosign_signature(&index)?, cosign_attestation(&index, base64)?);
        registry.put_artifact("demo/multi", &sbom.digest(), &sbom)?;
        registry.put_manifest("demo/multi", &tag, INDEX, &index_of(&[sbom.descriptor()])?)?;
        registry.put_artifact("demo/multi", &format!("{tag}.sig"), &signature)?;
        registry.put_artifact("demo/multi", &format!("{tag}.att"), &signed)?;
        let chart = helm_chart()?;
        registry.put_artifact("demo/chart", "1", &chart)?;
        let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host))?;
        Ok(Self {
            reference: format!("{}/demo/multi:1", registry.host),
            registry,
            lagvis,
            index,
            amd64,
            attestation: mine.digest(),
            referrers: [sbom.digest(), signature.digest(), signed.digest()],
            chart: chart.digest(),
        })
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain([0, 0].iter()).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'A');
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

impl Registry {
    fn url(&self, name: &str, rest: &str) -> String {
        format!("http://{}/v2/{name}/{rest}", self.host)
    }

    /// The manifest or index of a tag or digest.
    pub fn manifest(&self, name: &str, which: &str) -> Result<Vec<u8>> {
        let accept = vec![("accept".to_owned(), format!("{INDEX}, {MANIFEST}"))];
        let answer = answers::send("GET", &self.url(name, &format!("manifests/{which}")), &accept, b"")?;
        Ok(answers::success("the manifest", answer)?.body)
    }

    /// Pushes an artifact with its blobs.
    pub fn put_artifact(&self, name: &str, which: &str, artifact: &Artifact) -> Result<()> {
        for blob in &artifact.blobs {
            self.put_blob(name, blob)?;
        }
        self.put_manifest(name, which, MANIFEST, &artifact.manifest)?;
        Ok(())
    }
}
