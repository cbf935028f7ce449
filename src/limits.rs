//! Every cap, with its reason. A cap that is reached is an error that names it; nothing is cut short in silence.

/// Bytes of an index, manifest or config: registries cap manifests at 4 MiB (distribution-spec, "Pushing manifests").
pub const METADATA_BYTES: usize = 4 << 20;
/// Bytes of a docker-archive's `manifest.json`, which lists names only.
pub const MANIFEST_JSON_BYTES: usize = 1 << 20;
/// Bytes of a layer once unpacked: 100 GB is ten times the largest image that people really have.
pub const LAYER_BYTES: u64 = 100_000_000_000;
/// Unpacked bytes for each packed byte. Zeros in gzip reach 1,030; zstd is unbounded.
pub const EXPANSION_RATIO: u64 = 2_000;
/// Unpacked bytes that are let through before the ratio counts.
pub const EXPANSION_GRACE: u64 = 64 << 20;
/// Entries of one layer: four times the largest that was ever measured.
pub const LAYER_ENTRIES: u32 = 4_000_000;
/// Bytes of a layer's table of contents (eStargz, zstd:chunked), packed or not: some 200,000 entries. It is held whole; a
/// layer with a larger one is shown when it was read.
pub const TOC_BYTES: u64 = 64 << 20;
/// Bytes of a layer from which on its table of contents is fetched first: below it, the layer is as soon here.
pub const TOC_WORTH: u64 = 1 << 20;
/// Differences between a table of contents and its tar that are told one by one; all are counted.
pub const TOC_DIFFERENCES: usize = 20;
/// Contents this large are sought over while a layer is outlined: below it, reading on is faster than seeking.
pub const OUTLINE_SKIP: u64 = 1 << 20;
/// Entries of all layers whose outlines are kept: outline and verified table are in memory at once. Longer ones are
/// shown once they are verified.
pub const OUTLINE_ENTRIES: u32 = 300_000;
/// The caps of one layer that a person may set: the command line has a flag for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerLimits {
    /// See [`LAYER_BYTES`].
    pub bytes: u64,
    /// See [`EXPANSION_RATIO`].
    pub expansion_ratio: u64,
    /// See [`LAYER_ENTRIES`].
    pub entries: u32,
    /// See [`PATH_BYTES`].
    pub path_bytes: usize,
    /// See [`PATH_DEPTH`].
    pub path_depth: usize,
    /// See [`PAX_BYTES`].
    pub pax_bytes: u64,
}

impl Default for LayerLimits {
    fn default() -> Self {
        Self {
            bytes: LAYER_BYTES,
            expansion_ratio: EXPANSION_RATIO,
            entries: LAYER_ENTRIES,
            path_bytes: PATH_BYTES,
            path_depth: PATH_DEPTH,
            pax_bytes: PAX_BYTES,
        }
    }
}

/// Members of an archive: one a blob and a few more.
pub const ARCHIVE_MEMBERS: usize = 100_000;
/// Bytes of one path: PATH_MAX is 4,096 on Linux, but tars can hold more.
pub const PATH_BYTES: usize = 64 << 10;
/// Components of one path.
pub const PATH_DEPTH: usize = 8_192;
/// Bytes of one pax header or GNU long name.
pub const PAX_BYTES: u64 = 1 << 20;
/// Stored parts of one sparse file: 16 MB of map.
pub const SPARSE_PARTS: usize = 1 << 20;
/// Symbolic links followed while resolving one path (Linux MAXSYMLINKS).
pub const LINK_HOPS: usize = 40;
/// Folders that a link says to be open or closed by themselves, and bytes of their paths: links are read up to 8 KiB.
pub const LINK_FOLDERS: usize = 40;
/// Bytes of their paths.
pub const LINK_FOLDERS_BYTES: usize = 2 << 10;
/// Layers of an image: overlay2 stops at 128.
pub const LAYERS: usize = 1_024;
/// Manifests of an index, and how deep an index may hold indexes.
pub const INDEX_CHILDREN: usize = 4_096;
/// Bytes of a token server's answer.
pub const TOKEN_BYTES: u64 = 1 << 20;
/// Bytes of a blob whose size nothing states.
pub const BLOB_BYTES: u64 = LAYER_BYTES;
/// Tries of a document before it is given up.
pub const DOCUMENT_TRIES: u32 = 3;
/// Tries of a blob without [`PROGRESS_BYTES`] between them before it is given up: a quarter of a minute of waiting in all.
pub const BLOB_TRIES: u32 = 6;
/// So many new bytes are progress: tries are counted anew.
pub const PROGRESS_BYTES: u64 = 64 << 10;
/// Milliseconds that are waited for whoever asks to wait: longer, and the person is better told at once.
pub const LONGEST_WAIT: u64 = 15 * 60 * 1_000;
/// Bytes a second below which a body does not count as moving: a modem has fifteen times that.
pub const SLOWEST: u64 = 200;
/// Tags of a repository that are listed: some have tens of thousands.
pub const TAGS: usize = 100_000;
/// Pages of a list: registries give 50 to 1,000 entries a page.
pub const LIST_PAGES: usize = 2_000;
/// Bytes of a blob that is read as a document, such as an SBOM: large ones have some megabytes, and it is held whole.
pub const ITEM_BYTES: u64 = 16 << 20;
/// Fields of two configs that differ and are listed.
pub const CONFIG_DIFFERENCES: usize = 500;
/// How deep an index may name indexes.
pub const INDEX_DEPTH: usize = 4;
/// Window of a zstd frame: what `zstd -d` takes without `--long`.
pub const ZSTD_WINDOW: u64 = 128 << 20;
/// Bytes of checkpoints of one image, all layers together: points at which a compressed layer can be entered.
pub const CHECKPOINT_BYTES: u64 = 16 << 20;
/// Warnings kept for one image; the rest is counted.
pub const WARNINGS: usize = 200;
/// Warnings of one kind kept for one image: a layer with a thousand of one kind must not hide the others.
pub const WARNINGS_OF_A_KIND: usize = 40;
/// Wasted files that are listed of each kind, the largest; all are counted.
pub const WASTE_PATHS: usize = 200;
/// Files, and folders, in the lists of the largest.
pub const LARGEST: usize = 100;
/// Characters of a search pattern: more than anyone types, and it is in the link.
pub const PATTERN_CHARS: usize = 1_000;
/// Groups within groups of a search pattern.
pub const PATTERN_DEPTH: usize = 50;
/// Steps of a search pattern once its counts are written out.
pub const PATTERN_STEPS: usize = 2_000;
/// States of a search that are kept: some hundred times what patterns have that people write.
pub const PATTERN_STATES: usize = 2_000;
/// Bytes of headers and tables that are read to tell what a file is: a zip of 100,000 members has 8 MB of directory.
pub const EXAMINED_BYTES: u64 = 24 << 20;
/// Reads for that.
pub const EXAMINED_READS: usize = 64;
/// Members of a file that is an archive, which are listed: nobody scrolls further.
pub const LISTED_MEMBERS: usize = 5_000;
/// Bytes of a zip's directory that are read.
pub const LISTING_BYTES: u64 = 16 << 20;
/// Bytes of a tar that are walked through to list its members, packed or unpacked: about a second.
pub const WALKED_BYTES: u64 = 256 << 20;
/// Bytes of each of two texts that are compared line by line; both are held in memory.
pub const DIFF_BYTES: u64 = 2 << 20;
/// Differing lines of a comparison that are shown, with their neighbours.
pub const DIFF_LINES: usize = 2_000;
/// Bytes of one line of a comparison that are shown.
pub const DIFF_LINE_BYTES: usize = 2_000;
/// Differences over which the shortest way from one text to the other is looked for; beyond it a good one will do.
pub const DIFF_EFFORT: usize = 1_000;
/// Bytes that are looked for in contents.
pub const NEEDLE_BYTES: usize = 1 << 10;
/// Places that a search in contents gives.
pub const SEARCH_HITS: usize = 1_000;
/// Places that it gives of one file; the rest is counted.
pub const SEARCH_HITS_OF_A_FILE: usize = 20;
