//! What to change in the Dockerfile: for each layer and kind of waste one sentence.

use std::collections::{BTreeMap, BTreeSet};

use super::{LEFTOVERS, pieces::Piece};
use crate::protocol::{Advice, WasteKind};

/// Collects what a layer wastes.
#[derive(Default)]
pub(super) struct Advisor(BTreeMap<(WasteKind, Option<&'static str>), Group>);

impl Advisor {
    pub(super) fn add(&mut self, kind: WasteKind, piece: &Piece, bytes: u64) {
        let leftover = LEFTOVERS.get(piece.note as usize).filter(|_| kind == WasteKind::Leftover);
        let group = self.0.entry((kind, leftover.map(|leftover| leftover.remedy))).or_default();
        group.bytes += bytes;
        group.files += 1;
        group.others.extend(piece.other());
    }

    /// Advice for the layer, what saves most first. Leftovers get one each.
    pub(super) fn advice(self, layer: u32, base: u32) -> Vec<Advice> {
        let said = |((kind, remedy), group): ((WasteKind, Option<&str>), Group)| {
            let bytes = group.bytes;
            let said = Said { layer, base, files: group.files, others: group.others };
            Advice { kind, bytes, text: remedy.map_or_else(|| said.text(kind), |remedy| said.leftover(remedy)) }
        };
        let mut advice: Vec<Advice> = self.0.into_iter().map(said).collect();
        advice.sort_by_key(|advice| std::cmp::Reverse(advice.bytes));
        advice
    }
}

#[derive(Default)]
struct Group {
    bytes: u64,
    files: u64,
    others: BTreeSet<u32>,
}

/// What a sentence is about.
struct Said {
    layer: u32,
    base: u32,
    files: u64,
    /// The layers that end the files, or that have the same.
    others: BTreeSet<u32>,
}

impl Said {
    fn text(&self, kind: WasteKind) -> String {
        let (layer, files, others) = (self.layer, self.files(), self.others());
        match kind {
            WasteKind::Overwritten if self.others.iter().all(|other| *other == layer) => format!(
                "The tar of layer {layer} has {files} that it brings again or that have no place: build it anew with a \
                 tool that writes each path once."
            ),
            WasteKind::Overwritten => format!(
                "In the step of layer {layer}, write the final content of {files} at once, or leave them out: {others} \
                 overwrites them."
            ),
            WasteKind::Deleted => format!(
                "In the step of layer {layer}, remove {files} in the same RUN that makes them, or build in another \
                 stage: {others} deletes them, which frees nothing."
            ),
            WasteKind::MetadataOnly if self.is_of_base() => format!(
                "In the step of layer {layer}, narrow the chmod, chown or touch: it ships {files} of the base image \
                 whole for a change of attributes."
            ),
            WasteKind::MetadataOnly => format!(
                "In the step of layer {layer}, leave mode, owner and time of {files} alone: set them in {others} \
                 (COPY --chmod --chown), so that nothing is shipped again for this."
            ),
            WasteKind::Repeated => format!(
                "In the step of layer {layer}, leave out {files} that {others} has already, unchanged: copy only what \
                 is new."
            ),
            WasteKind::Duplicate => format!(
                "In the step of layer {layer}, make links (ln) of {files} whose content the image has already, instead \
                 of copies."
            ),
            WasteKind::Leftover => self.leftover("remove what the build leaves behind"),
        }
    }

    fn leftover(&self, remedy: &str) -> String {
        format!("In the step of layer {}, {remedy}: it leaves {} that nothing needs.", self.layer, self.files())
    }

    fn files(&self) -> String {
        if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) }
    }

    fn is_of_base(&self) -> bool {
        self.others.iter().all(|other| *other < self.base)
    }

    /// "layer 2", "layer 2 or 5", "layer 2, 5 or another": with a verb in the singular.
    fn others(&self) -> String {
        let numbers: Vec<String> = self.others.iter().map(u32::to_string).collect();
        match numbers.as_slice() {
            [] => "another layer".to_owned(),
            [one] => format!("layer {one}"),
            [one, two] => format!("layer {one} or {two}"),
            [one, two, ..] => format!("layer {one}, {two} or another"),
        }
    }
}
