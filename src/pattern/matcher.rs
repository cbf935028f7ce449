//! Walks a program over text. Sets of steps become states when they are first reached, so that each further character
//! costs one look into a table. When there are too many states, all are forgotten and made anew.

use std::collections::HashMap;

use super::{
    Pattern,
    ast::Place,
    needs::Needs,
    program::{Program, Step},
};
use crate::limits;

/// What is not known yet.
const UNKNOWN: u32 = u32::MAX;
/// Columns of a row before those of the classes: whether it is found in a text that ends there, whether it can be found
/// from there without a slash, and what follows on a byte that does not stand for one character.
const END: usize = 0;
const WITHIN: usize = 1;
const OTHER: u16 = 2;
const CLASSES: u16 = 3;

/// What stands before or after a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    /// The text begins or ends.
    Nothing,
    Word,
    Other,
}

impl Side {
    const ALL: [Self; 3] = [Self::Nothing, Self::Word, Self::Other];
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// Steps to go on at, ascending.
    steps: Box<[u32]>,
    before: Side,
}

/// Where a matcher stands after a text. It outlives other texts: a text that begins as another did can go on from
/// where that one led, as long as the matcher [`Matcher::knows`] it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    row: u32,
    generation: u32,
}

/// What is settled, whatever follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is found.
    Found,
    /// It will not be found.
    Never,
}

/// A pattern at work.
#[derive(Debug)]
pub struct Matcher<'a> {
    program: &'a Program,
    needs: &'a Needs,
    /// Columns of the table.
    width: usize,
    /// Columns by byte.
    columns: [u16; 256],
    /// For each state a row: the row that follows in the column of each class. The first two rows are for what is
    /// settled.
    table: Vec<u32>,
    states: Vec<State>,
    numbers: HashMap<State, u32>,
    /// Raised when all states are forgotten.
    generation: u32,
    /// The state before any text, once it is known.
    first: Option<u32>,
    /// It can begin at a text's start alone.
    is_anchored: bool,
    seen: Vec<u32>,
    turn: u32,
}

impl<'a> Matcher<'a> {
    /// At work on texts.
    pub fn new(pattern: &'a Pattern) -> Self {
        let program = &pattern.program;
        let mut columns = [OTHER; 256];
        for (byte, column) in (0..=u8::MAX).zip(&mut columns) {
            if let (Some(class), true) = (program.ascii_class(byte), byte != b'\\') {
                *column = class + CLASSES;
            }
        }
        let mut matcher = Self {
            program,
            needs: &pattern.needs,
            width: program.classes() + usize::from(CLASSES),
            columns,
            table: Vec::new(),
            states: Vec::new(),
            numbers: HashMap::new(),
            generation: 0,
            first: None,
            is_anchored: false,
            seen: vec![0; program.steps.len()],
            turn: 0,
        };
        let mut goes_on = |before, after| {
            let entry = State { steps: Box::new([program.entry]), before };
            matcher.reach(&entry, after).is_none_or(|sets| !sets.is_empty())
        };
        let is_anchored =
            ![Side::Word, Side::Other].iter().any(|before| Side::ALL.iter().any(|after| goes_on(*before, *after)));
        matcher.is_anchored = is_anchored;
        matcher.forget();
        matcher
    }

    /// Where it stands before any text.
    pub fn start(&mut self) -> Reached {
        let row = match self.first {
            Some(first) => first,
            None => self.row_of(State { steps: Box::new([self.program.entry]), before: Side::Nothing }),
        };
        self.first = Some(row);
        self.reached(row)
    }

    /// Whether a place still means something.
    pub fn knows(&self, reached: Reached) -> bool {
        reached.generation == self.generation || self.settled(reached).is_some()
    }

    /// What is settled there.
    pub fn settled(&self, reached: Reached) -> Option<Settled> {
        match reached.row {
            0 => Some(Settled::Found),
            row if row as usize == self.width => Some(Settled::Never),
            _ => None,
        }
    }

    /// Where a text leads.
    pub fn run(&mut self, from: Reached, text: &str) -> Reached {
        let mut row = from.row;
        for c in text.chars() {
            if row as usize <= self.width {
                break;
            }
            let class = self.program.class(c);
            row = match self.table.get(row as usize + usize::from(class + CLASSES)) {
                Some(&next) if next != UNKNOWN => next,
                _ => self.follow(row, class),
            };
        }
        self.reached(row)
    }

    /// The same for bytes, as long as they are ASCII without a backslash, which most names are, or it is settled
    /// before that; else none.
    pub fn run_plain(&mut self, from: Reached, bytes: &[u8]) -> Option<Reached> {
        let (mut row, mut rest) = (from.row, bytes);
        loop {
            (row, rest) = self.glide(row, rest);
            let Some((byte, after)) = rest.split_first() else { return Some(self.reached(row)) };
            row = self.follow(row, self.column(*byte).checked_sub(CLASSES)?);
            rest = after;
        }
    }

    /// Goes on as long as it is known what follows: the row, and what is left then. Nothing is left of what is settled.
    fn glide<'b>(&self, mut row: u32, bytes: &'b [u8]) -> (u32, &'b [u8]) {
        let (table, settled) = (self.table.as_slice(), self.width);
        for (at, byte) in bytes.iter().enumerate() {
            if row as usize <= settled {
                break;
            }
            match table.get(row as usize + usize::from(self.column(*byte))) {
                Some(&next) if next != UNKNOWN => row = next,
                _ => return (row, bytes.get(at..).unwrap_or_default()),
            }
        }
        (row, &[])
    }

    fn column(&self, byte: u8) -> u16 {
        self.columns.get(usize::from(byte)).copied().unwrap_or(OTHER)
    }

    /// Whether the pattern is found in a text that ends here.
    pub fn accepts(&mut self, reached: Reached) -> bool {
        let at = reached.row as usize + END;
        match self.table.get(at) {
            Some(&ends) if ends != UNKNOWN => ends == 1,
            _ => {
                let Some(state) = self.state(reached.row).cloned() else { return false };
                let ends = self.reach(&state, Side::Nothing).is_none();
                if let Some(slot) = self.table.get_mut(at) {
                    *slot = u32::from(ends);
                }
                ends
            }
        }
    }

    /// Whether the pattern can be found if no slash follows.
    pub fn may_find_within_name(&mut self, reached: Reached) -> bool {
        let at = reached.row as usize + WITHIN;
        match self.table.get(at) {
            Some(&within) if within != UNKNOWN => within == 1,
            _ => {
                let Some(state) = self.state(reached.row) else { return true };
                let within = state.steps.iter().any(|step| self.needs.is_found_within_name(*step));
                if let Some(slot) = self.table.get_mut(at) {
                    *slot = u32::from(within);
                }
                within
            }
        }
    }

    /// Whether the pattern can be found in a text that ends with this byte.
    pub fn may_end(&self, byte: u8) -> bool {
        self.program.ascii_class(byte).is_none_or(|class| self.needs.may_end(class))
    }

    fn reached(&self, row: u32) -> Reached {
        Reached { row, generation: self.generation }
    }

    fn state(&self, row: u32) -> Option<&State> {
        self.states.get((row as usize / self.width).checked_sub(2)?)
    }

    /// The row that follows on a class.
    fn follow(&mut self, row: u32, class: u16) -> u32 {
        let Some(known) = self.state(row).cloned() else { return row };
        let after = if self.program.is_word(class) { Side::Word } else { Side::Other };
        let generation = self.generation;
        let next = match self.reach(&known, after) {
            None => 0,
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
                self.row_of(State { steps: steps.into(), before: after })
            }
        };
        // The states may just have been forgotten.
        if generation == self.generation
            && let Some(slot) = self.table.get_mut(row as usize + usize::from(class + CLASSES))
        {
            *slot = next;
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

    /// The row of a state, made if it is new.
    fn row_of(&mut self, state: State) -> u32 {
        let is_over = self.is_anchored && state.before != Side::Nothing && *state.steps == [self.program.entry];
        if is_over {
            return u32::try_from(self.width).unwrap_or_default();
        }
        if let Some(row) = self.numbers.get(&state) {
            return *row;
        }
        if self.states.len() >= limits::PATTERN_STATES {
            self.generation = self.generation.wrapping_add(1);
            self.forget();
        }
        let row = u32::try_from(self.table.len()).unwrap_or_default();
        self.table.resize(self.table.len() + self.width, UNKNOWN);
        self.states.push(state.clone());
        self.numbers.insert(state, row);
        row
    }

    /// Forgets all states, but not what is settled.
    fn forget(&mut self) {
        self.states.clear();
        self.numbers.clear();
        self.first = None;
        self.table.clear();
        self.table.resize(2 * self.width, UNKNOWN);
        for (row, ends) in [(0, 1), (self.width, 0)] {
            for column in [END, WITHIN] {
                if let Some(slot) = self.table.get_mut(row + column) {
                    *slot = ends;
                }
            }
        }
    }
}
