//! Walks a program over text. Sets of steps become states when they are first reached, so that each further character
//! costs one look into a table. When there are too many states, all are forgotten and made anew.

use std::collections::HashMap;

use super::{
    Pattern,
    ast::Place,
    program::{Program, Step},
};
use crate::limits;

/// Found, whatever follows.
const FOUND: u32 = 0;
const UNKNOWN: u32 = u32::MAX;

/// What stands before or after a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    /// The text begins or ends.
    Nothing,
    Word,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// Steps to go on at, ascending.
    steps: Box<[u32]>,
    before: Side,
}

/// A pattern at work. States are numbers, and outlive other texts: a text that begins as another did can go on from
/// the state that was reached, as long as it [`Matcher::knows`] that state.
#[derive(Debug)]
pub struct Matcher<'a> {
    program: &'a Program,
    classes: usize,
    /// Number of the first state that is known.
    base: u32,
    states: Vec<State>,
    /// For each state, whether a text may end there.
    ends: Vec<Option<bool>>,
    /// For each state and class, the state that follows.
    table: Vec<u32>,
    numbers: HashMap<State, u32>,
    /// The state before any text, once it is known.
    first: Option<u32>,
    seen: Vec<u32>,
    turn: u32,
}

impl<'a> Matcher<'a> {
    /// At work on texts.
    pub fn new(pattern: &'a Pattern) -> Self {
        let program = &pattern.program;
        Self {
            program,
            classes: program.classes(),
            base: FOUND + 1,
            states: Vec::new(),
            ends: Vec::new(),
            table: Vec::new(),
            numbers: HashMap::new(),
            first: None,
            seen: vec![0; program.steps.len()],
            turn: 0,
        }
    }

    /// The state before any text.
    pub fn start(&mut self) -> u32 {
        if let Some(first) = self.first {
            return first;
        }
        let first = self.number(State { steps: Box::new([self.program.entry]), before: Side::Nothing });
        self.first = Some(first);
        first
    }

    /// Whether a state still means something.
    pub fn knows(&self, state: u32) -> bool {
        state == FOUND || state >= self.base
    }

    /// The state after a text.
    pub fn run(&mut self, mut state: u32, text: &str) -> u32 {
        for c in text.chars() {
            if state == FOUND {
                break;
            }
            state = self.after(state, self.program.class(c));
        }
        state
    }

    /// The same for bytes, as long as they are ASCII without a backslash, which most names are; else none.
    pub fn run_plain(&mut self, mut state: u32, bytes: &[u8]) -> Option<u32> {
        for byte in bytes {
            if *byte == b'\\' {
                return None;
            }
            let class = self.program.ascii_class(*byte)?;
            if state != FOUND {
                state = self.after(state, class);
            }
        }
        Some(state)
    }

    #[inline]
    fn after(&mut self, state: u32, class: u16) -> u32 {
        let at = state.wrapping_sub(self.base) as usize * self.classes + usize::from(class);
        match self.table.get(at) {
            Some(&next) if next != UNKNOWN => next,
            _ => self.follow(state, class),
        }
    }

    /// Whether the pattern is found in a text that ends in this state.
    pub fn accepts(&mut self, state: u32) -> bool {
        if state == FOUND {
            return true;
        }
        let index = state.wrapping_sub(self.base) as usize;
        if let Some(Some(ends)) = self.ends.get(index) {
            return *ends;
        }
        let Some(known) = self.states.get(index).cloned() else { return false };
        let ends = self.reach(&known, Side::Nothing).is_none();
        if let Some(slot) = self.ends.get_mut(index) {
            *slot = Some(ends);
        }
        ends
    }

    fn follow(&mut self, state: u32, class: u16) -> u32 {
        let Some(known) = self.states.get(state.wrapping_sub(self.base) as usize).cloned() else { return FOUND };
        let after = if self.program.is_word(class) { Side::Word } else { Side::Other };
        let next = match self.reach(&known, after) {
            None => FOUND,
            Some(reached) => {
                let mut steps: Vec<u32> = reached
                    .into_iter()
                    .filter_map(|step| match self.program.step(step) {
                        Step::Set(set, next) if self.program.holds(set, class) => Some(next),
                        _ => None,
                    })
                    .collect();
                // It may begin at any place.
                steps.push(self.program.entry);
                steps.sort_unstable();
                steps.dedup();
                self.number(State { steps: steps.into(), before: after })
            }
        };
        // The states may just have been forgotten.
        if state >= self.base {
            let at = state.wrapping_sub(self.base) as usize * self.classes + usize::from(class);
            if let Some(slot) = self.table.get_mut(at) {
                *slot = next;
            }
        }
        next
    }

    /// The sets that can be tried from a state, given what follows; none when it is found.
    fn reach(&mut self, state: &State, after: Side) -> Option<Vec<u32>> {
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 {
            self.seen.fill(0);
            self.turn = 1;
        }
        let is_edge = (state.before == Side::Word) != (after == Side::Word);
        let mut pending = state.steps.to_vec();
        let mut reached = Vec::new();
        while let Some(step) = pending.pop() {
            match self.seen.get_mut(step as usize) {
                Some(seen) if *seen != self.turn => *seen = self.turn,
                _ => continue,
            }
            match self.program.step(step) {
                Step::Found => return None,
                Step::Set(..) => reached.push(step),
                Step::Split(a, b) => pending.extend([a, b]),
                Step::At(place, next) => {
                    let holds = match place {
                        Place::Start => state.before == Side::Nothing,
                        Place::End => after == Side::Nothing,
                        Place::WordEdge => is_edge,
                        Place::NoWordEdge => !is_edge,
                    };
                    pending.extend(holds.then_some(next));
                }
            }
        }
        Some(reached)
    }

    fn number(&mut self, state: State) -> u32 {
        if let Some(number) = self.numbers.get(&state) {
            return *number;
        }
        if self.states.len() >= limits::PATTERN_STATES {
            self.base = self.base.wrapping_add(u32::try_from(self.states.len()).unwrap_or_default());
            self.states.clear();
            self.ends.clear();
            self.table.clear();
            self.numbers.clear();
            self.first = None;
        }
        let number = self.base + u32::try_from(self.states.len()).unwrap_or_default();
        self.states.push(state.clone());
        self.ends.push(None);
        self.table.resize(self.states.len() * self.classes, UNKNOWN);
        self.numbers.insert(state, number);
        number
    }
}
