//! Problems, for people: what went wrong, where, and the detail. The page and the command line each have one mapping
//! from [`ProblemKind`] to cause and next step.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Every kind of problem. Its kebab-case name is the page's `data-kind` and the receipt's `kind`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemKind { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+ }
        impl ProblemKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

kinds! {
    /// The file is no image of any known shape.
    NotAnImage = "not-an-image",
    /// The archive ends too early.
    ArchiveTruncated = "archive-truncated",
    /// The archive is damaged.
    ArchiveInvalid = "archive-invalid",
    /// A compression that is not read here (xz, bzip2).
    UnsupportedCompression = "unsupported-compression",
    /// What was asked for is not in the source (an image name or number).
    ImageUnknown = "image-unknown",
    /// The reference cannot be read.
    ReferenceInvalid = "reference-invalid",
    /// The registry could not be reached.
    RegistryUnreachable = "registry-unreachable",
    /// The proxy could not be reached.
    ProxyUnreachable = "proxy-unreachable",
    /// The browser is offline.
    Offline = "offline",
    /// The registry or proxy has plain http, and the page came over https.
    MixedContent = "mixed-content",
    /// The browser keeps the page from hosts of the local network.
    LocalNetworkBlocked = "local-network-blocked",
    /// The registry answers, but does not let web pages read it (CORS).
    CorsMissing = "cors-missing",
    /// There is no host of this name.
    HostUnknown = "host-unknown",
    /// The host's certificate is not trusted.
    CertificateInvalid = "certificate-invalid",
    /// The proxy does not serve this registry.
    RegistryNotAllowed = "registry-not-allowed",
    /// The registry has no such repository.
    NameUnknown = "name-unknown",
    /// The repository has no such tag or digest.
    ManifestUnknown = "manifest-unknown",
    /// The registry refused access.
    AccessDenied = "access-denied",
    /// The registry refused the name and password that were given.
    LoginRefused = "login-refused",
    /// A password would travel for others to read.
    LoginUnsafe = "login-unsafe",
    /// The registry asks to wait.
    RateLimited = "rate-limited",
    /// The registry failed or answered against the protocol.
    RegistryError = "registry-error",
    /// The manifest or index is not as its digest says.
    ManifestMismatch = "manifest-mismatch",
    /// The manifest or index cannot be read.
    ManifestInvalid = "manifest-invalid",
    /// The config is not as its digest says.
    ConfigMismatch = "config-mismatch",
    /// The config cannot be read.
    ConfigInvalid = "config-invalid",
    /// Docker's schema 1, which cannot be verified by its bytes.
    Schema1Unsupported = "schema1-unsupported",
    /// The reference is an artifact, not an image.
    NotAnImageArtifact = "artifact-not-image",
    /// No image for the platform that was asked for.
    PlatformAbsent = "platform-absent",
    /// A layer's bytes differ from their digest.
    LayerMismatch = "layer-mismatch",
    /// A layer is not in the source.
    LayerAbsent = "layer-absent",
    /// A layer cannot be read though its bytes may be as named.
    LayerInvalid = "layer-invalid",
    /// A layer's table of contents is not as its digest says.
    TocMismatch = "toc-mismatch",
    /// A layer's table of contents cannot be used.
    TocInvalid = "toc-invalid",
    /// A layer's table of contents does not say what its tar says.
    TocDiffers = "toc-differs",
    /// A cap of [`crate::limits`] was reached.
    LimitExceeded = "limit-exceeded",
    /// The file changed on disk while it was read.
    FileChanged = "file-changed",
    /// Reading failed.
    ReadFailed = "read-failed",
    /// The browser has no room left.
    StorageFull = "storage-full",
    /// A worker of the page ended unexpectedly.
    WorkerCrashed = "worker-crashed",
    /// Page and worker are of different versions.
    ProtocolMismatch = "protocol-mismatch",
    /// The link cannot be read, or a part of it.
    LinkInvalid = "link-invalid",
    /// The link was made by a newer version.
    LinkNewer = "link-newer",
    /// The link is of a file, which has to be dropped.
    FileNeeded = "file-needed",
    /// The file that was dropped holds another image than the link names.
    ImageDiffers = "image-differs",
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind, which decides cause and next step.
    pub kind: ProblemKind,
    /// Where: a file, an archive member with its offset, a layer, a URL without credentials.
    pub place: String,
    /// What exactly: expected and actual value, the registry's own words.
    pub detail: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(kind: ProblemKind, place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, place: place.into(), detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place, self.detail, self.kind.name())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_unique() {
        let mut names: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
        for (kind, name) in ProblemKind::ALL.iter().zip(&names) {
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{name}\""));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ProblemKind::ALL.len());
    }
}
