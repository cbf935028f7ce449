//! One image from opened to judged: collects what its layers come to, and gives verdict, outcome and receipt parts.
//! The page's session worker and the command line both keep one.
//!
//! Depends on everything below it; performs no I/O.

use std::{ops::Range, sync::Arc};

use crate::{
    assemble::names_unknown_algorithm,
    image::steps,
    layer::{AccessIndex, ContentError, ContentReader, ContentWalk, LayerOutcome, LayerReader, LayerTable},
    limits,
    opened::{LayerSpec, OpenedImage, Place, SourceKind, Warning},
    problem::{Problem, ProblemKind},
    protocol::{ByToc, ImageSummary, LayerFacts, LayerProgress, LayerState, Outcome, TreeInfo},
    tree::Tree,
    verify::{Check, CheckState, Verdict, verdict},
};

/// An image whose layers are being read.
#[derive(Debug)]
pub struct ImageState {
    image: OpenedImage,
    layers: Vec<LayerResult>,
    /// Shown until the layer is at its end.
    outlines: Vec<Outline>,
}

/// What is shown of a layer before its bytes are verified.
#[derive(Clone, Debug, Default)]
enum Outline {
    /// Nothing.
    #[default]
    None,
    /// Its headers alone.
    Headers(Arc<LayerTable>),
    /// Its table of contents, which was verified against the digest in its descriptor.
    Toc(Arc<LayerTable>),
}

/// What a layer came to.
#[derive(Clone, Debug, Default)]
pub struct LayerResult {
    /// None while it is not at its end.
    pub state: Option<LayerState>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// What reading it told; none when it was not read.
    pub facts: Option<LayerFacts>,
    /// Its table, when it can be merged.
    pub table: Option<Arc<LayerTable>>,
    /// Where its blob can be entered; there whenever the table is and it was kept.
    pub access: Option<Arc<AccessIndex>>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// Oddities inside.
    pub warnings: Vec<Warning>,
    /// It was verified for an image before and kept since: nothing was transferred or read for this one.
    pub kept: bool,
    /// What is wrong with its table of contents.
    pub toc_problem: Option<Problem>,
}

impl From<LayerOutcome> for LayerResult {
    fn from(outcome: LayerOutcome) -> Self {
        Self {
            state: Some(outcome.state),
            checks: outcome.checks,
            facts: Some(outcome.facts),
            table: outcome.table.and_then(|parts| parts.join().ok()).map(Arc::new),
            access: outcome.access.map(Arc::new),
            problem: outcome.problem,
            warnings: outcome.warnings,
            kept: false,
            toc_problem: outcome.toc_problem,
        }
    }
}

impl LayerResult {
    /// The same of a layer that another image has, by its number and name there.
    pub fn renamed(mut self, index: u32, spec: &LayerSpec) -> Self {
        self.checks.iter_mut().for_each(|check| check.subject.clone_from(&spec.subject));
        self.warnings.iter_mut().for_each(|warning| warning.layer = Some(index));
        self
    }
}

impl ImageState {
    /// An image with no layer read. Layers that are not there, or not to be read, are at their end at once.
    pub fn new(image: OpenedImage) -> Self {
        let layers: Vec<_> = image.layers.iter().zip(0..).map(|(spec, index)| unread(index, spec)).collect();
        let outlines = vec![Outline::None; layers.len()];
        Self { image, layers, outlines }
    }

    /// The image.
    pub fn image(&self) -> &OpenedImage {
        &self.image
    }

    /// What each layer came to so far.
    pub fn layers(&self) -> &[LayerResult] {
        &self.layers
    }

    /// The layers that are to be read, the largest first: what takes longest begins first.
    pub fn to_read(&self) -> Vec<u32> {
        let mut open: Vec<(u64, u32)> = self
            .image
            .layers
            .iter()
            .zip(&self.layers)
            .zip(0..)
            .filter(|((_, result), _)| result.state.is_none())
            .map(|((spec, _), index)| (blob_size(spec), index))
            .collect();
        open.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        open.into_iter().map(|(_, index)| index).collect()
    }

    /// Bytes of [`limits::CHECKPOINT_BYTES`] that a layer's points may take, by its part of the image's size.
    pub fn access_share(&self, index: u32) -> usize {
        let size = |spec: &LayerSpec| u128::from(blob_size(spec).max(1));
        let total: u128 = self.image.layers.iter().map(size).sum();
        let own = self.image.layers.get(index as usize).map_or(0, size);
        let share = (u128::from(limits::CHECKPOINT_BYTES) * own).checked_div(total).unwrap_or_default();
        usize::try_from(share).unwrap_or_default()
    }

    /// Reads the content of a file, by its layer and row; of all of it without a range.
    ///
    /// # Errors
    /// [`ContentError::Unverified`] for a layer that is not verified: nothing of it is given. Else as
    /// [`ContentReader::new`].
    pub fn content(&self, (layer, row): (u32, u32), range: Option<Range<u64>>) -> Result<ContentReader, ContentError> {
        let (access, table) = self.verified(layer)?;
        ContentReader::new(access, table, row, range)
    }

    /// Reads the contents of many files of a layer, by their rows, in one walk over its blob.
    ///
    /// # Errors
    /// As [`ImageState::content`].
    pub fn contents(&self, layer: u32, rows: Vec<u32>) -> Result<ContentWalk, ContentError> {
        let (access, table) = self.verified(layer)?;
        ContentWalk::new(Arc::clone(access), Arc::clone(table), rows)
    }

    /// Where a layer can be entered, and its table.
    fn verified(&self, layer: u32) -> Result<(&Arc<AccessIndex>, &Arc<LayerTable>), ContentError> {
        let result = self.layers.get(layer as usize).filter(|result| result.state == Some(LayerState::Verified));
        let parts = result.and_then(|result| Some((result.access.as_ref()?, result.table.as_ref()?)));
        parts.ok_or(ContentError::Unverified { layer })
    }

    /// Takes over the verified layers that another image of the same source shares with this one: they are read once.
    pub fn share(&mut self, other: &Self) {
        for ((spec, slot), index) in self.image.layers.iter().zip(&mut self.layers).zip(0..) {
            let is_same = |(theirs, result): &(&LayerSpec, &LayerResult)| {
                let named = |spec: &LayerSpec| {
                    (spec.digest.clone(), spec.size, spec.diff_id.clone(), spec.place.clone(), spec.toc.clone())
                };
                result.state == Some(LayerState::Verified) && result.problem.is_none() && named(theirs) == named(spec)
            };
            if slot.state.is_some() {
                continue;
            }
            if let Some((_, result)) = other.image.layers.iter().zip(&other.layers).find(is_same) {
                *slot = result.clone().renamed(index, spec);
            }
        }
    }

    /// Takes what a layer came to.
    pub fn set(&mut self, index: u32, result: LayerResult) {
        self.put(index, Outline::None);
        if let Some(slot) = self.layers.get_mut(index as usize) {
            *slot = result;
        }
    }

    /// Takes the outline of a layer, to be shown until its bytes are verified. Where a layer has none, or all are too
    /// long ([`limits::OUTLINE_ENTRIES`]), the others are given up; gives whether more are wanted.
    pub fn set_outline(&mut self, index: u32, table: Option<Arc<LayerTable>>) -> bool {
        let is_some = table.is_some();
        self.put(index, table.map_or(Outline::None, Outline::Headers));
        let rows = self.outlines.iter().map(|outline| match outline {
            Outline::Headers(table) => table.rows(),
            Outline::None | Outline::Toc(_) => 0,
        });
        let goes_on = is_some && rows.fold(0, u32::saturating_add) <= limits::OUTLINE_ENTRIES;
        for outline in &mut self.outlines {
            if !goes_on && matches!(outline, Outline::Headers(_)) {
                *outline = Outline::None;
            }
        }
        goes_on
    }

    /// Takes the verified table of contents of a layer, to be shown until its bytes are verified.
    pub fn set_toc(&mut self, index: u32, table: Arc<LayerTable>) {
        self.put(index, Outline::Toc(table));
    }

    fn put(&mut self, index: u32, outline: Outline) {
        if let Some(slot) = self.outlines.get_mut(index as usize) {
            *slot = outline;
        }
    }

    /// Whether what is shown of a layer is its table of contents.
    pub fn is_by_toc(&self, index: u32) -> bool {
        let of = |index: usize| Some((self.layers.get(index)?, self.outlines.get(index)?));
        of(index as usize).is_some_and(|(layer, outline)| layer.state.is_none() && matches!(outline, Outline::Toc(_)))
    }

    /// Each layer that is not at its end has an outline: the tree is whole, though not verified.
    pub fn is_outlined(&self) -> bool {
        let is_shown = |outline: &Outline| !matches!(outline, Outline::None);
        self.layers.iter().zip(&self.outlines).all(|(layer, outline)| layer.state.is_some() || is_shown(outline))
    }

    /// Every layer is at its end.
    pub fn is_finished(&self) -> bool {
        self.layers.iter().all(|layer| layer.state.is_some())
    }

    /// The merged tree of the layers that can be merged so far.
    pub fn tree(&self) -> Tree {
        Tree::build(self.shown().collect())
    }

    /// What is shown of each layer.
    fn shown(&self) -> impl Iterator<Item = Option<Arc<LayerTable>>> {
        self.layers.iter().zip(&self.outlines).map(|(layer, outline)| match (layer.state, outline) {
            (Some(_), _) => layer.table.clone(),
            (None, Outline::None) => None,
            (None, Outline::Headers(table) | Outline::Toc(table)) => Some(Arc::clone(table)),
        })
    }

    /// Every check so far, in pull order.
    pub fn checks(&self) -> Vec<Check> {
        let layers = (0..).take(self.layers.len()).flat_map(|index| self.checks_of(index));
        self.image.checks.iter().cloned().chain(layers).collect()
    }

    /// The checks of a layer. They are unchecked where only its table of contents was verified.
    pub fn checks_of(&self, index: u32) -> Vec<Check> {
        let layer = self.layers.get(index as usize).zip(self.image.layers.get(index as usize));
        let Some((layer, spec)) = layer else { return Vec::new() };
        if !self.is_by_toc(index) {
            return layer.checks.clone();
        }
        let why = "its table of contents is verified, the layer is not yet";
        let problem = Problem::new(ProblemKind::LayerInvalid, spec.subject.clone(), why);
        LayerReader::new(index, spec.clone()).abandon(problem).checks
    }

    /// The verdict on what is known so far (DESIGN: the first that fits).
    pub fn verdict(&self) -> Verdict {
        let is = |state| self.layers.iter().filter(move |layer| layer.state == Some(state)).count();
        let every_layer_absent = !self.layers.is_empty() && is(LayerState::Absent) == self.layers.len();
        let absent = self.image.absent || every_layer_absent;
        let unverifiable = self.image.unverifiable
            || is(LayerState::Absent) + is(LayerState::Unverifiable) > 0
            || (0..).zip(&self.layers).any(|(index, _)| self.is_by_toc(index))
            || names_unknown_algorithm(&self.image.layers);
        verdict(&self.checks(), absent, unverifiable)
    }

    /// How the image came out.
    pub fn outcome(&self) -> Outcome {
        let checks = self.checks();
        Outcome {
            verdict: self.verdict(),
            bytes_hashed: checks.iter().filter(|check| check.actual.is_some()).map(|check| check.bytes).sum(),
            checks,
            problems: self.problems(),
        }
    }

    /// Problems of its documents and layers.
    pub fn problems(&self) -> Vec<Problem> {
        let documents = self.image.checks.iter().filter(|check| check.state == CheckState::Mismatched).map(|check| {
            let kind = match check.what {
                crate::verify::CheckKind::Config => ProblemKind::ConfigMismatch,
                _ => ProblemKind::ManifestMismatch,
            };
            let actual = check.actual.as_deref().unwrap_or("not computed");
            let why = check.why.as_deref().unwrap_or("the digest differs");
            Problem::new(kind, check.subject.clone(), format!("{why}: expected {}, actual {actual}", check.expected))
        });
        let of_layer = |layer: &LayerResult| [layer.problem.clone(), layer.toc_problem.clone()];
        documents.chain(self.layers.iter().flat_map(of_layer).flatten()).collect()
    }

    /// Oddities of the image, its layers and, given the tree, the merge.
    pub fn warnings(&self, tree: Option<&Tree>) -> Vec<Warning> {
        let layers = self.layers.iter().flat_map(|layer| &layer.warnings);
        self.image.warnings.iter().chain(layers).chain(tree.into_iter().flat_map(Tree::warnings)).cloned().collect()
    }

    /// Facts of the tree, for the page.
    pub fn tree_info(&self, tree: &Tree) -> TreeInfo {
        let mut layers = tree.layer_changes();
        for (changes, table) in layers.iter_mut().zip(self.shown()) {
            changes.shipped = table.map_or(0, |table| table.file_bytes());
        }
        TreeInfo {
            complete: self.is_outlined(),
            paths: tree.paths(),
            bytes: layers.iter().map(|layer| layer.contribution).sum(),
            layers,
            distribution: tree.distribution(),
            warnings: self.warnings(Some(tree)),
        }
    }

    /// What the page shows of the image before its layers are read.
    pub fn summary(&self, source: SourceKind, source_name: &str, pinned: Option<String>) -> ImageSummary {
        let image = &self.image;
        let config = image.config.clone().unwrap_or_default();
        ImageSummary {
            source,
            source_name: source_name.to_owned(),
            names: image.names.clone(),
            anchor: image.anchor.clone(),
            pinned,
            index_digest: image.index_digest.clone(),
            manifest_digest: image.manifest_digest.clone(),
            image_id: image.image_id.clone(),
            platform: image.platform.clone(),
            created: config.created,
            steps: steps(&config.history, image.layers.len()),
            run: config.config,
            layers: image.layers.clone(),
            checks: image.checks.clone(),
            warnings: image.warnings.clone(),
            attestations: image.attestations.clone(),
            author: config.author,
            documents: image.documents.clone(),
            layer_members: image.layer_members.clone(),
        }
    }

    /// The progress message that a layer at its end stands for.
    pub fn progress(&self, index: u32) -> Option<LayerProgress> {
        let layer = self.layers.get(index as usize)?;
        let done = layer.facts.as_ref().map_or(0, |facts| facts.size);
        Some(LayerProgress {
            index,
            state: layer.state?,
            waiting: None,
            done,
            total: Some(done),
            facts: layer.facts.clone(),
            checks: layer.checks.clone(),
            problem: layer.problem.clone(),
            kept: layer.kept,
            by_toc: ByToc::No,
            toc_problem: layer.toc_problem.clone(),
        })
    }
}

/// Bytes of a layer's blob, as far as they are known before it is read.
fn blob_size(spec: &LayerSpec) -> u64 {
    match spec.place {
        Place::File { length, .. } => length,
        _ => spec.size.unwrap_or_default(),
    }
}

/// Layers that are not there or not to be read.
fn unread(index: u32, spec: &LayerSpec) -> LayerResult {
    let (state, kind, why) = match &spec.place {
        Place::File { .. } | Place::Blob => return LayerResult::default(),
        Place::Missing { why } => (LayerState::Absent, ProblemKind::LayerAbsent, why),
        Place::Unreadable { why } => (LayerState::Unverifiable, ProblemKind::LayerInvalid, why),
    };
    let place = format!("layer {index} ({})", spec.subject);
    let outcome = LayerReader::new(index, spec.clone()).abandon(Problem::new(kind, place, why.clone()));
    LayerResult { state: Some(state), facts: None, ..LayerResult::from(outcome) }
}

#[cfg(test)]
mod tests;
