//! What a pattern needs of a text, told from its program before any text is seen.

use super::{
    ast::Place,
    program::{Program, Step},
};

#[derive(Clone, Debug)]
pub(super) struct Needs {
    /// Classes of which a text's last character has to be; none if it can be found before the end.
    last: Option<Vec<bool>>,
    /// For each step, whether it can be found from there without a slash.
    within_name: Vec<bool>,
}

impl Needs {
    pub(super) fn of(program: &Program) -> Self {
        let slash = program.class('/');
        let is_slash = |class: u16| class == slash && program.is_slash_alone();
        let within_name = reaching(program, true, |set, reached| {
            reached && (0..).zip(0..program.classes()).any(|(class, _)| program.holds(set, class) && !is_slash(class))
        });
        Self { last: last(program), within_name }
    }

    /// Whether a text of this last character can match.
    pub(super) fn may_end(&self, class: u16) -> bool {
        self.last.as_ref().is_none_or(|last| last.get(usize::from(class)).copied().unwrap_or_default())
    }

    /// Whether it can be found from a step without a slash.
    pub(super) fn is_found_within_name(&self, step: u32) -> bool {
        holds(&self.within_name, step)
    }
}

fn last(program: &Program) -> Option<Vec<bool>> {
    let found = |at_end: bool| reaching(program, at_end, |_, _| false);
    let (anywhere, at_end) = (found(false), found(true));
    if holds(&at_end, program.entry) {
        return None;
    }
    let mut last = vec![false; program.classes()];
    for step in &program.steps {
        let Step::Set(set, next) = *step else { continue };
        if holds(&anywhere, next) {
            return None;
        }
        for (class, slot) in (0..).zip(&mut last).filter(|_| holds(&at_end, next)) {
            *slot |= program.holds(set, class);
        }
    }
    Some(last)
}

/// For each step whether it leads to where the pattern is found, at a text's end or at any other place, and over those
/// sets that `passes` lets through, given whether it does behind them.
fn reaching(program: &Program, at_end: bool, passes: impl Fn(u32, bool) -> bool) -> Vec<bool> {
    let mut reaching = vec![false; program.steps.len()];
    loop {
        let mut changed = false;
        for (at, step) in program.steps.iter().enumerate() {
            let is_reaching = match *step {
                Step::Found => true,
                Step::Split(a, b) => holds(&reaching, a) || holds(&reaching, b),
                Step::At(Place::End, next) => at_end && holds(&reaching, next),
                Step::At(_, next) => holds(&reaching, next),
                Step::Set(set, next) => passes(set, holds(&reaching, next)),
            };
            if let Some(slot) = reaching.get_mut(at).filter(|slot| is_reaching && !**slot) {
                *slot = true;
                changed = true;
            }
        }
        if !changed {
            return reaching;
        }
    }
}

fn holds(steps: &[bool], step: u32) -> bool {
    steps.get(step as usize).copied().unwrap_or_default()
}
