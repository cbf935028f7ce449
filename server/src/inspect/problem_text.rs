//! What to do next, for each kind of problem.

use lagvis::problem::ProblemKind;

/// The next step, as the end of a sentence.
pub(super) fn next_step(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NotAnImage => "give a file by docker save, podman save or skopeo, an OCI layout, or a reference",
        ProblemKind::ArchiveTruncated => "copy or save the file again: it ends too early",
        ProblemKind::ArchiveInvalid => "save the image again: the file is damaged",
        ProblemKind::UnsupportedCompression => "unpack the file first",
        ProblemKind::ImageUnknown => "see what there is with: lagvis inspect [--files] SOURCE",
        ProblemKind::ReferenceInvalid => "write it as name[:tag][@digest], for example ghcr.io/owner/app:1.2",
        ProblemKind::RegistryUnreachable => "check the name, the network, and whether it wants --plain-http",
        ProblemKind::ProxyUnreachable => "check that the proxy runs: lagvis serve",
        ProblemKind::Offline => "connect to a network, or give a file",
        ProblemKind::MixedContent | ProblemKind::LocalNetworkBlocked | ProblemKind::CorsMissing => {
            "this is a matter of browsers: use the command, or a proxy"
        }
        ProblemKind::HostUnknown => "check the spelling of the host, and that this machine can resolve it",
        ProblemKind::CertificateInvalid => "ask who runs the host: its certificate is not one that this machine trusts",
        ProblemKind::RegistryNotAllowed => "start the proxy with --allow-registry for it",
        ProblemKind::NameUnknown => "check the repository's name, and whether it is private",
        ProblemKind::ManifestUnknown => "check the tag or digest",
        ProblemKind::AccessDenied => {
            "the image is private, or does not exist: log in with --user NAME --password-stdin"
        }
        ProblemKind::LoginRefused => "check name and password (many registries want an access token instead)",
        ProblemKind::LoginUnsafe => "reach it over https, or leave --user out",
        ProblemKind::RateLimited => "wait, and try again",
        ProblemKind::RegistryError => "try again later, or ask who runs the registry",
        ProblemKind::ManifestMismatch | ProblemKind::ConfigMismatch => {
            "do not use this image: its bytes are not as named"
        }
        ProblemKind::ManifestInvalid | ProblemKind::ConfigInvalid => "build or push the image again",
        ProblemKind::Schema1Unsupported => "push the image again with a current tool",
        ProblemKind::NotAnImageArtifact => "this is an artifact: open it with the tool that made it",
        ProblemKind::PlatformAbsent => "choose one of these with --platform",
        ProblemKind::LayerMismatch => "do not use this layer: fetch the image again",
        ProblemKind::LayerAbsent => "save or pull the image again with all its layers",
        ProblemKind::LayerInvalid => "rebuild the layer",
        ProblemKind::TocMismatch | ProblemKind::TocInvalid => {
            "convert the image again; runtimes that pull lazily may refuse this layer, all others take it"
        }
        ProblemKind::TocDiffers => "do not pull this image lazily: such runtimes show what the layer does not hold",
        ProblemKind::LimitExceeded => "it is beyond what is read here",
        ProblemKind::FileChanged => "wait until nobody writes to the file, and try again",
        ProblemKind::ReadFailed => "check the path and its rights",
        ProblemKind::StorageFull => "make room",
        ProblemKind::WorkerCrashed | ProblemKind::ProtocolMismatch => "try again",
        ProblemKind::LinkInvalid | ProblemKind::LinkNewer => "ask for a new link",
        ProblemKind::FileNeeded => "give the file",
        ProblemKind::ImageDiffers => "give the file that the link is of",
    }
}
