//! A pattern as steps of a non-deterministic automaton, and the classes of characters that it tells apart.

use super::{
    PatternError,
    ast::{Ast, Place, WORD},
};
use crate::limits;

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// One character of a set, then that step.
    Set(u32, u32),
    /// A place, then that step.
    At(Place, u32),
    /// Either of two steps.
    Split(u32, u32),
    /// Found.
    Found,
}

#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) entry: u32,
    /// Where classes begin: class `n` is from the scalar value `bounds[n - 1]` up to `bounds[n]`.
    bounds: Vec<u32>,
    /// Classes of ASCII.
    ascii: [u16; 128],
    /// For each set, the classes that are in it.
    sets: Vec<Vec<bool>>,
    /// Classes of word characters, if edges of words matter.
    word: Vec<bool>,
}

impl Program {
    pub(super) fn compile(ast: &Ast) -> Result<Self, PatternError> {
        let mut compiler = Compiler { steps: vec![Step::Found], sets: Vec::new(), has_edges: false };
        let entry = compiler.add(ast, 0)?;
        let Compiler { steps, sets, has_edges } = compiler;
        let word: &[(u32, u32)] = if has_edges { &WORD } else { &[] };
        let mut bounds: Vec<u32> =
            sets.iter().flatten().chain(word).flat_map(|(first, last)| [*first, last.saturating_add(1)]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        // Every class lies wholly in a range or outside of it, so that its first character speaks for it.
        let first_of = |class: usize| class.checked_sub(1).and_then(|i| bounds.get(i)).copied().unwrap_or(0);
        let classes_in = |ranges: &[(u32, u32)]| -> Vec<bool> {
            let holds = |c: u32| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
            (0..=bounds.len()).map(|class| holds(first_of(class))).collect()
        };
        let sets = sets.iter().map(|ranges| classes_in(ranges)).collect();
        let word = classes_in(word);
        let mut ascii = [0; 128];
        for (c, slot) in (0_u32..).zip(&mut ascii) {
            *slot = class_of(&bounds, c);
        }
        Ok(Self { steps, entry, bounds, ascii, sets, word })
    }

    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.bounds.len() + 1
    }

    pub(super) fn class(&self, c: char) -> u16 {
        match self.ascii.get(c as usize) {
            Some(class) => *class,
            None => class_of(&self.bounds, c.into()),
        }
    }

    /// The class of an ASCII character.
    #[inline]
    pub(super) fn ascii_class(&self, byte: u8) -> Option<u16> {
        self.ascii.get(usize::from(byte)).copied()
    }

    /// Whether no other character is of the slash's class.
    pub(super) fn is_slash_alone(&self) -> bool {
        let slash = u32::from('/');
        self.bounds.contains(&slash) && self.bounds.contains(&(slash + 1))
    }

    pub(super) fn holds(&self, set: u32, class: u16) -> bool {
        self.sets.get(set as usize).and_then(|set| set.get(usize::from(class))).copied().unwrap_or_default()
    }

    pub(super) fn is_word(&self, class: u16) -> bool {
        self.word.get(usize::from(class)).copied().unwrap_or_default()
    }

    pub(super) fn step(&self, step: u32) -> Step {
        self.steps.get(step as usize).copied().unwrap_or(Step::Found)
    }
}

fn class_of(bounds: &[u32], c: u32) -> u16 {
    u16::try_from(bounds.partition_point(|bound| *bound <= c)).unwrap_or(u16::MAX)
}

struct Compiler {
    steps: Vec<Step>,
    sets: Vec<Vec<(u32, u32)>>,
    has_edges: bool,
}

impl Compiler {
    fn push(&mut self, step: Step) -> Result<u32, PatternError> {
        if self.steps.len() >= limits::PATTERN_STEPS {
            return Err(PatternError::new(0, "it repeats too much: it would have too many steps"));
        }
        self.steps.push(step);
        Ok(u32::try_from(self.steps.len() - 1).unwrap_or(u32::MAX))
    }

    /// Adds steps that match the tree and go on at `next`; gives the first.
    fn add(&mut self, ast: &Ast, next: u32) -> Result<u32, PatternError> {
        match ast {
            Ast::Set(ranges) => {
                let set = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
                let known = self.sets.iter().rposition(|known| known == ranges);
                let set = known.and_then(|known| u32::try_from(known).ok()).unwrap_or_else(|| {
                    self.sets.push(ranges.clone());
                    set
                });
                self.push(Step::Set(set, next))
            }
            Ast::At(place) => {
                self.has_edges |= matches!(place, Place::WordEdge | Place::NoWordEdge);
                self.push(Step::At(*place, next))
            }
            Ast::Sequence(parts) => parts.iter().rev().try_fold(next, |next, part| self.add(part, next)),
            Ast::Either(choices) => {
                let mut entries = Vec::new();
                for choice in choices {
                    entries.push(self.add(choice, next)?);
                }
                let last = entries.pop().unwrap_or(next);
                entries.into_iter().rev().try_fold(last, |rest, entry| self.push(Step::Split(entry, rest)))
            }
            Ast::Repeat(part, least, most) => self.repeat(part, *least, *most, next),
        }
    }

    fn repeat(&mut self, part: &Ast, least: u32, most: Option<u32>, next: u32) -> Result<u32, PatternError> {
        let mut entry = next;
        match most {
            None => {
                let back = self.push(Step::Split(next, next))?;
                let inner = self.add(part, back)?;
                if let Some(step) = self.steps.get_mut(back as usize) {
                    *step = Step::Split(inner, next);
                }
                entry = back;
            }
            Some(most) => {
                for _ in least..most {
                    let inner = self.add(part, entry)?;
                    entry = self.push(Step::Split(inner, next))?;
                }
            }
        }
        for _ in 0..least {
            // A part that is empty adds no step, however often: counting on would only take time.
            let before = self.steps.len();
            entry = self.add(part, entry)?;
            if self.steps.len() == before {
                break;
            }
        }
        Ok(entry)
    }
}
