//! What each kind of problem means for people: what happened, the likely cause, what to do. One exhaustive match.

use lagvis::problem::ProblemKind;

/// Words for a kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub title: &'static str,
    /// The likely cause.
    pub cause: &'static str,
    /// What to do next.
    pub remedy: &'static str,
    /// Which buttons help.
    pub action: Remedy,
}

/// The button that a card offers beside "Back".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same once more.
    Retry,
    /// Another file.
    ChooseFile,
    /// Another reference: the field is focused.
    EditReference,
    /// Another proxy.
    Settings,
    /// The same through the proxy.
    UseProxy,
    /// Load the page anew.
    Reload,
    /// Nothing but reading.
    None,
}

/// The words for a kind.
pub fn words(kind: ProblemKind) -> Words {
    use ProblemKind as K;
    let (title, cause, remedy, action) = match kind {
        K::NotAnImage => (
            "This file is not a container image",
            "It has neither a manifest.json nor an OCI index, and it does not look like a root file system.",
            "Save the image with “docker save -o image.tar NAME” or “skopeo copy … oci-archive:image.tar” and drop that file.",
            Remedy::ChooseFile,
        ),
        K::ArchiveTruncated => (
            "The archive ends too early",
            "A download or a copy was interrupted, or the disk was full when it was written.",
            "Compare its size with the original and save or copy it again.",
            Remedy::ChooseFile,
        ),
        K::ArchiveInvalid => (
            "The archive is damaged",
            "Bytes in its structure are not what a tar or an OCI layout has at this place.",
            "Save the image again. If the same error comes back, the program that wrote it may be at fault.",
            Remedy::ChooseFile,
        ),
        K::UnsupportedCompression => (
            "This compression is not read here",
            "The file is packed with xz or bzip2. Images use none, gzip or zstd.",
            "Unpack it first, for example with “xz -d image.tar.xz”, and drop the result.",
            Remedy::ChooseFile,
        ),
        K::ImageUnknown => (
            "The image that was asked for is not in this file",
            "The archive holds other images than the one that was named.",
            "Open the file without naming an image and choose from the list.",
            Remedy::ChooseFile,
        ),
        K::ReferenceInvalid => (
            "This is not an image reference",
            "A reference is a name with an optional registry, tag or digest: busybox, debian:12-slim, ghcr.io/owner/app:1.2, name@sha256:….",
            "Correct it in the field and open it again. Names are lower case, and there is no https:// in front.",
            Remedy::EditReference,
        ),
        K::RegistryUnreachable => (
            "The registry cannot be reached",
            "It is away, its name is misspelt, its certificate is not trusted, or the network in between does not let the request through. Browsers do not say which.",
            "Check the registry's name and that it answers, then try again.",
            Remedy::Retry,
        ),
        K::ProxyUnreachable => (
            "The proxy cannot be reached",
            "Browsers may not ask most registries themselves, so this page asks through a proxy. None answered: the page may be served by a plain web server, or you may be offline.",
            "Run “lagvis serve” and open the page from there, or set another proxy. Dropped files need no proxy.",
            Remedy::Settings,
        ),
        K::Offline => (
            "You are offline",
            "The browser says that there is no network.",
            "Connect, and try again. Dropped files and what this browser keeps of images need no network.",
            Remedy::Retry,
        ),
        K::MixedContent => (
            "A page that came over https may not ask over plain http",
            "The registry or proxy has an address with http://. Browsers keep secure pages from such hosts, since anybody on the way could read along.",
            "Give the proxy or registry https, or open Lagvis on your own machine: “lagvis serve”.",
            Remedy::Settings,
        ),
        K::LocalNetworkBlocked => (
            "The browser keeps this page from your local network",
            "Pages from the internet may ask hosts of your own network or machine only when you allow it.",
            "Allow the page to reach the local network (the icon beside the address, “Site settings”), and try again. Or open Lagvis on your own machine: “lagvis serve”.",
            Remedy::Retry,
        ),
        K::CorsMissing => (
            "The registry does not let web pages read it",
            "It answers, but sends no CORS headers for this page. Few registries do; some do not for errors or for preflights.",
            "Ask through a proxy. Whoever runs the registry can allow pages by its headers.",
            Remedy::UseProxy,
        ),
        K::HostUnknown => (
            "There is no host of this name",
            "It is misspelt, or known only in another network.",
            "Check the spelling of the registry's name.",
            Remedy::EditReference,
        ),
        K::CertificateInvalid => (
            "The host's certificate is not trusted",
            "It ran out, is for another name, or was made by somebody whom nobody knows here. Somebody on the way may be pretending to be the host.",
            "Do not go on unless you know why. Tell whoever runs the host.",
            Remedy::Retry,
        ),
        K::RegistryNotAllowed => (
            "The proxy does not serve this registry",
            "A proxy forwards to a list of registries only, and gives what may be within to known pages only, so that it cannot be misused.",
            "Whoever runs the proxy can allow the registry with “lagvis serve --allow-registry HOST”, and this page with “--allow-origin”. Or save the image to a file and drop it here.",
            Remedy::EditReference,
        ),
        K::NameUnknown => (
            "There is no such repository",
            "The registry does not know the name, or hides it from those who are not logged in.",
            "Check the spelling. On Docker Hub, names of people's images have two parts: owner/name.",
            Remedy::EditReference,
        ),
        K::ManifestUnknown => (
            "There is no such tag or digest",
            "The repository exists, but this tag was never pushed, was removed, or the digest belongs to another repository.",
            "Check the tag. “latest” is only there when somebody pushed it.",
            Remedy::EditReference,
        ),
        K::AccessDenied => (
            "The registry refuses access",
            "The image is private, or it does not exist and the registry will not say so.",
            "Check the name, or log in. Or pull it yourself, run “docker save -o image.tar NAME”, and drop the file: it stays on this machine.",
            Remedy::EditReference,
        ),
        K::LoginRefused => (
            "The login was refused",
            "The user name or password is wrong, ran out, or its account may not read this repository. Many registries want an access token instead of the password.",
            "Check both, and log in again.",
            Remedy::EditReference,
        ),
        K::LoginUnsafe => (
            "A password would travel unprotected",
            "The proxy or registry is reached over plain http, where anybody on the way can read along.",
            "Reach it over https, or open Lagvis on your own machine: “lagvis serve”.",
            Remedy::Settings,
        ),
        K::RateLimited => (
            "The registry asks to wait",
            "Too many requests came from this address; Docker Hub counts pulls that are made without a login.",
            "Wait as long as it says and try again, or drop a saved file.",
            Remedy::Retry,
        ),
        K::RegistryError => (
            "The registry failed",
            "It reported a fault of its own, or answered in a way that the distribution protocol does not allow.",
            "Try again in a moment. If it stays so, tell whoever runs the registry what is quoted below.",
            Remedy::Retry,
        ),
        K::ManifestMismatch => (
            "The manifest is not the one that was named",
            "Its bytes do not give the digest they are known by. They were altered or damaged in the registry, in a proxy, or on the way.",
            "Do not use this image from this source. Nothing of it was read. Try another source and compare the digests.",
            Remedy::Retry,
        ),
        K::ManifestInvalid => (
            "The manifest cannot be read",
            "It is no valid JSON, lacks what a manifest must have, or contradicts itself.",
            "The tool that built or pushed the image is at fault. The detail below says where it goes wrong.",
            Remedy::None,
        ),
        K::ConfigMismatch => (
            "The image's config is not the one that was named",
            "Its bytes do not give the image ID that the manifest states. They were altered or damaged.",
            "Do not use this image from this source. Nothing of it was read. Try another source.",
            Remedy::Retry,
        ),
        K::ConfigInvalid => (
            "The image's config cannot be read",
            "It is no valid JSON or lacks what a config must have.",
            "The tool that built the image is at fault. The detail below says where it goes wrong.",
            Remedy::None,
        ),
        K::Schema1Unsupported => (
            "This image uses Docker's schema 1",
            "It was pushed before 2017 in a format that cannot be verified by its bytes, and that Docker itself no longer pulls.",
            "Pull it with an old Docker and push it again, or build it anew.",
            Remedy::EditReference,
        ),
        K::NotAnImageArtifact => (
            "This is an artifact, not an image",
            "Registries also keep charts, signatures and SBOMs. This reference is one of those.",
            "See below what it is and what it holds. To see files, open the reference of the image that it belongs to.",
            Remedy::EditReference,
        ),
        K::PlatformAbsent => (
            "There is no image for this platform",
            "The index lists other platforms only.",
            "Open the reference without a platform and choose from those that there are.",
            Remedy::Retry,
        ),
        K::LayerMismatch => (
            "A layer does not match its digest",
            "Its bytes were altered or damaged: on the disk, in the registry, or on the way.",
            "The layer is left out, and the tree shows the rest of the image. Do not run this image; fetch it again from its source.",
            Remedy::None,
        ),
        K::LayerAbsent => (
            "A layer is not in this source",
            "Some tools leave out layers that the other side has already.",
            "The tree shows the rest. Save the image with all its layers to see everything.",
            Remedy::None,
        ),
        K::LayerInvalid => (
            "A layer cannot be read",
            "It is not a valid tar, or its compression is damaged, though its bytes may be exactly those that were named.",
            "The layer is left out, and the tree shows the rest. The tool that built it may be at fault.",
            Remedy::None,
        ),
        K::TocMismatch => (
            "A table of contents is not as its digest says",
            "The layer carries a table of contents for runtimes that pull lazily, and its bytes differ from what the manifest names. It was not used.",
            "The layer itself is read and verified as any other. Runtimes that pull lazily should refuse it.",
            Remedy::None,
        ),
        K::TocInvalid => (
            "A table of contents cannot be used",
            "The layer carries one for runtimes that pull lazily, but it cannot be read, or nothing states its digest.",
            "The layer itself is read and verified as any other. The detail below says what is wrong with the table.",
            Remedy::None,
        ),
        K::TocDiffers => (
            "A table of contents does not say what its layer holds",
            "Runtimes that pull lazily (eStargz, zstd:chunked) believe the table, all others the layer: they see different files. What is shown here is the layer, which was verified.",
            "Do not pull this image lazily before you know why. The Receipt lists the differences.",
            Remedy::None,
        ),
        K::LimitExceeded => (
            "A limit was reached",
            "Lagvis sets limits so that a hostile image cannot exhaust this browser. The detail below names the one.",
            "Nothing was cut short in silence: what is over the limit is not shown at all.",
            Remedy::None,
        ),
        K::FileChanged => (
            "The file changed while it was read",
            "Another program wrote to it, replaced it or removed it.",
            "Wait until it is written in full, then choose it again.",
            Remedy::ChooseFile,
        ),
        K::ReadFailed => (
            "The file cannot be read",
            "The disk, the network drive or the browser refused.",
            "Copy it to a local disk and choose it again.",
            Remedy::ChooseFile,
        ),
        K::StorageFull => (
            "The browser has no room left",
            "Pulled layers are kept in the browser's private storage while an image is open, and its quota is used up.",
            "Free some disk space, or clear this site's data in the browser, and try again.",
            Remedy::Retry,
        ),
        K::WorkerCrashed => (
            "A part of this page stopped unexpectedly",
            "The browser may have run out of memory, or there is a defect in Lagvis.",
            "Try again. If it happens with the same image each time, please report it with the detail below.",
            Remedy::Retry,
        ),
        K::ProtocolMismatch => (
            "The page and its workers are of different versions",
            "The site was updated while this page was open, or an old file is still in the browser's cache.",
            "Load the page anew.",
            Remedy::Reload,
        ),
        K::LinkInvalid => (
            "A part of the link was left out",
            "It was cut off or altered on its way, or it does not fit this image.",
            "The rest of the link was followed. Ask whoever sent it if something seems to be missing.",
            Remedy::None,
        ),
        K::LinkNewer => (
            "The link was made by a newer Lagvis",
            "It says things that this version does not understand, and half of a link could mislead.",
            "Load the page anew to get the current version, or open the image by its name.",
            Remedy::Reload,
        ),
        K::FileNeeded => (
            "This link is of a file",
            "Whoever made it had opened a file on their machine. Files are never uploaded, so the link carries the image's ID at most.",
            "Drop the same file here. It is checked against the ID, if the link has one, and then shown as in the link.",
            Remedy::ChooseFile,
        ),
        K::ImageDiffers => (
            "This file holds another image than the link names",
            "The image was built anew since, or it is another file of the same name.",
            "Choose the file that the link was made from.",
            Remedy::ChooseFile,
        ),
    };
    Words { title, cause, remedy, action }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_kind_has_words_of_its_own() {
        let titles: HashSet<_> = ProblemKind::ALL.iter().map(|kind| words(*kind).title).collect();
        assert_eq!(titles.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            let words = words(*kind);
            assert!(words.cause.ends_with('.') && words.remedy.ends_with('.'), "{}", kind.name());
        }
    }
}
