//! The terms and what each means. One list makes the enum, its names and its texts: none can lack another.

macro_rules! terms {
    ($($term:ident $name:literal $meaning:literal)+) => {
        /// A term of the field that the page uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Term {
            $(#[doc = $name] $term,)+
        }

        impl Term {
            /// All, in the order in which they are learnt.
            pub const ALL: &[Self] = &[$(Self::$term,)+];

            /// As it stands on the page.
            pub fn name(self) -> &'static str {
                match self { $(Self::$term => $name,)+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$term => $meaning,)+ }
            }
        }
    };
}

terms! {
    Image "Image"
        "What a container starts from: a stack of layers and a config that says how to run it. Its image ID is the SHA-256 of the config."
    Layer "Layer"
        "A tar file with what one build step added, changed or removed. Stacked in order, they give the file system that a container sees."
    Whiteout "Whiteout"
        "How a layer removes a file of a layer below: an empty file named .wh.NAME. One named .wh..wh..opq makes its folder opaque: all that layers below have in it is removed. The removed bytes stay in the layer below and are still transported."
    Manifest "Manifest"
        "A small JSON file that lists the config and the layers by digest and size. For several platforms an index lists one manifest each."
    Index "Index"
        "A JSON file that lists one manifest for each platform. A registry hands it out first, and the puller picks the platform."
    Config "Config"
        "A JSON file with how to run the image, its build history, and the diffID of each layer. Its SHA-256 is the image ID."
    Digest "Digest"
        "The SHA-256 of some bytes, used as their name. Whoever has the name can check the bytes, whoever sent them: hash(content) == digest ? continue : abort."
    DiffId "DiffID"
        "The SHA-256 of a layer once it is unpacked. The digest in the manifest is that of the packed bytes. Both are checked."
    ChainId "ChainID"
        "A hash over the diffIDs of a layer and all below it: it names the file system up to there. Docker files layers under it."
    ImageId "Image ID"
        "The SHA-256 of the config. As the config names each layer's diffID, it stands for the whole content. docker images shows its first 12 digits."
    Registry "Registry"
        "The server that keeps images, such as Docker Hub or ghcr.io. A reference names registry, repository and tag; the tag may move, a digest never does."
    Reference "Reference"
        "The name that an image is asked for by: registry, repository, and a tag or a digest. What is left out is filled in: docker.io, library/ and :latest."
    Tag "Tag"
        "A name for one image of a repository, such as 1.2 or latest. Whoever may push can let it lead to another image; a digest always names the same bytes."
    Platform "Platform"
        "The operating system and the processor that an image is built for, such as linux/arm64. An index lists one manifest for each."
    EmptyStep "Empty step"
        "A build step that changed only the config, such as ENV, CMD or LABEL. It stands in the history but made no layer."
    BaseImage "Base image"
        "The image that FROM names in the Dockerfile. Its layers are the lowest ones here; nothing in an image records where they end."
    Transported "Transported"
        "Bytes of the layers as a registry sends them, mostly compressed."
    Unpacked "Unpacked"
        "Bytes of the layers' tars, each with all its files, also those that a later layer replaces or removes."
    Final "Final"
        "Bytes of the files that a container sees, content of hard links counted once."
    Verdict "Verdict"
        "Verified: all bytes are as they are named. Mismatched: some are not. Unverifiable: something cannot be checked or is not here. Absent: manifest, config or every layer is missing. It tells that the bytes are right, not who made them."
    Anchor "Anchor"
        "What a verdict rests on. With a digest in the link, all is held against that. Behind a tag, the registry said which digest it leads to. A file has neither and is held against itself: compare its image ID with one that you trust."
    Receipt "Receipt"
        "A JSON file with the verdict, what it rests on, and each digest that was expected and found. lagvis inspect --json prints the same."
    Attestation "Attestation"
        "A statement that was pushed with an image: how it was built (provenance) or what is in it (SBOM). Its digest is checked like any other; whether it is true or signed is not."
    Referrer "Referrer"
        "A manifest that names another one as its subject, such as a signature or an SBOM. The registry lists what refers to a digest, and may leave some out."
    HardLink "Hard link"
        "One more name of a file. All names share one content, mode and owner; in a layer the tar holds the bytes once, and its size counts once."
    Xattr "Extended attribute"
        "A named value that a file carries beside mode and owner. security.capability, for one, gives a program some of root's rights."
    BuildId "Build ID"
        "A number that the linker writes into a program (the ELF note .note.gnu.build-id), mostly a hash of it. By it a debugger finds the symbols of exactly this build."
    Soname "Soname"
        "The name by which programs ask for a library (ELF DT_SONAME), such as libc.so.6. It changes when programs that were built for the old one would break."
    Overlay2 "overlay2"
        "Docker's older way to store layers: each is unpacked into a folder of its own, and the kernel's overlay file system shows the folders as one."
    Snapshot "Snapshot"
        "How containerd stores a layer: unpacked, upon the snapshot of the layers below. It is found by its key, the chainID."
    Toc "TOC"
        "The table of contents that eStargz and zstd:chunked put into a layer, so that its files can be listed by a few of its bytes. The manifest names its digest, so it can be verified by itself; whether the layer holds what it lists is known once the layer was read whole."
    Waste "Waste"
        "Bytes in layers that the final image has no use for. Each byte counts once: where several reasons hold, under the first of overwritten, deleted, shipped again, leftovers, same content twice."
    Overwritten "Overwritten"
        "A later layer has another file at the same path. The first one is never seen, but every pull transports it."
    Deleted "Deleted later"
        "A later layer removes the path by a whiteout, which hides it and frees nothing. To save the bytes, delete in the step that made them."
    ForAttributes "Shipped again for attributes"
        "chmod, chown or touch in a step of its own: a layer holds whole files, so that the content is shipped once more. COPY --chmod and --chown avoid it."
    Unchanged "Shipped again unchanged"
        "The layer holds a file that is equal to the one below in content and attributes, as when the same files are copied twice."
    Leftover "Caches and leftovers"
        "What package managers and builds leave behind: indexes, downloads, logs. To save the bytes, delete it in the step that made it, or use RUN --mount=type=cache."
    Duplicate "Same content twice"
        "Another path of the final image has the same bytes. A hard link or a symbolic link would need them once."
    Efficiency "Efficiency"
        "The part of the unpacked files' bytes that is not waste. 100 % means that nothing could be left out."
}

impl Term {
    /// Those to begin with.
    pub const FIRST: usize = 14;
}
