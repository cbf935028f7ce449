//! Media types of documents and layers (image-spec media-types.md, and Docker's).

/// What kind of JSON document a media type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Image index or manifest list.
    Index,
    /// Image manifest.
    Manifest,
    /// Docker schema 1, signed or not. Refused: its digest does not cover its raw bytes.
    Schema1,
    /// Something else.
    Other,
}

/// Which kind of document a media type names; parameters such as `;charset=utf-8` are ignored.
pub fn document_kind(media_type: &str) -> DocumentKind {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "application/vnd.oci.image.index.v1+json" | "application/vnd.docker.distribution.manifest.list.v2+json" => {
            DocumentKind::Index
        }
        "application/vnd.oci.image.manifest.v1+json" | "application/vnd.docker.distribution.manifest.v2+json" => {
            DocumentKind::Manifest
        }
        "application/vnd.docker.distribution.manifest.v1+json"
        | "application/vnd.docker.distribution.manifest.v1+prettyjws" => DocumentKind::Schema1,
        _ => DocumentKind::Other,
    }
}

/// What can be done with a layer of some media type. Compression is not here: it is told from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// A tar, compressed or not.
    Tar,
    /// A tar that may not be distributed: it is not in the registry.
    Foreign,
    /// An encrypted tar: blob digest verifiable, content not readable.
    Encrypted,
    /// Not a layer of a file system.
    Other,
}

/// Tells a layer's kind from its media type. An empty type (docker-archives name none) is a tar.
pub fn layer_kind(media_type: &str) -> LayerKind {
    let name = media_type.split(';').next().unwrap_or_default().trim();
    if name.ends_with("+encrypted") {
        return LayerKind::Encrypted;
    }
    if name.contains(".nondistributable.") || name.contains(".foreign.") {
        return LayerKind::Foreign;
    }
    let tar = name.is_empty()
        || name.starts_with("application/vnd.oci.image.layer.v1.tar")
        || name.starts_with("application/vnd.docker.image.rootfs.diff.tar")
        || name == "application/vnd.docker.container.image.rootfs.diff+x-gtar";
    if tar { LayerKind::Tar } else { LayerKind::Other }
}
