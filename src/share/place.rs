//! The places of the page that a link can name: tabs and their parts, panes, what the panel is about, ways to see a file.

/// The page's tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The tree.
    #[default]
    Files,
    /// Where the bytes are.
    Space,
    /// The search in contents.
    Search,
    /// The chain of checks.
    Checks,
    /// How a container of it runs, and its history.
    Config,
    /// What the registry tells: tags, platforms, referrers.
    Registry,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::Files, Self::Space, Self::Search, Self::Checks, Self::Config, Self::Registry];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Space => "space",
            Self::Search => "search",
            Self::Checks => "checks",
            Self::Config => "config",
            Self::Registry => "registry",
        }
    }
}

/// Parts of a tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The first.
    #[default]
    Main,
    /// The Dockerfile as the history gives it.
    Dockerfile,
    /// The index as it came.
    Index,
    /// The manifest as it came.
    Manifest,
    /// The config as it came.
    Config,
    /// The commands that redo the checks.
    Redo,
    /// The requests.
    Log,
    /// The repository's tags.
    Tags,
    /// The image beside another of its repository.
    Compare,
}

impl Part {
    /// All.
    pub const ALL: [Self; 9] = [
        Self::Main,
        Self::Dockerfile,
        Self::Index,
        Self::Manifest,
        Self::Config,
        Self::Redo,
        Self::Log,
        Self::Tags,
        Self::Compare,
    ];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Dockerfile => "dockerfile",
            Self::Index => "index",
            Self::Manifest => "manifest",
            Self::Config => "config",
            Self::Redo => "redo",
            Self::Log => "log",
            Self::Tags => "tags",
            Self::Compare => "compare",
        }
    }
}

/// A way to see a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As text.
    Text,
    /// Its bytes.
    Hex,
    /// As a picture.
    Picture,
    /// What its header says of a program or library.
    Program,
    /// The members of an archive.
    Members,
}

impl Way {
    /// All.
    pub const ALL: [Self; 5] = [Self::Text, Self::Hex, Self::Picture, Self::Program, Self::Members];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Picture => "picture",
            Self::Program => "program",
            Self::Members => "members",
        }
    }
}

/// What the panel is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// The image.
    #[default]
    Image,
    /// A layer.
    Layer(u32),
    /// The selected entry.
    Entry,
}

/// A pane; a narrow window shows one at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The layer stack.
    Layers,
    /// The tree and the other views.
    #[default]
    Views,
    /// The panel.
    Detail,
}

impl Pane {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Layers, Self::Views, Self::Detail];

    /// The name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Layers => "layers",
            Self::Views => "files",
            Self::Detail => "detail",
        }
    }
}
