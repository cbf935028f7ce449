//! Text with colours, numbers of lines and a search. Long files come in parts, parts in pages.

mod find;
mod part;

use std::{ops::Range, rc::Rc};

use lagvis::{
    protocol::{FileAt, Task, TaskKind},
    share::FileLook,
    text::{Begin, Found, Lang, PART_BYTES, Row, Span, find},
};
use yew::prelude::*;

use self::{
    find::Seek,
    part::{Part, byte_of, place},
};
use super::{Held, ask, marks};
use crate::ui::{
    driver::Driver,
    format, page,
    see::{See, SeeFile},
    work::{self, Work},
};

/// Properties of [`TextView`].
#[derive(Properties, PartialEq)]
pub struct TextProps {
    /// The file.
    pub file: FileAt,
    /// Its language.
    pub lang: Lang,
    /// Bytes of it.
    pub size: u64,
    /// What of it is looked at.
    pub look: FileLook,
    /// Raised when a place of it is to be gone to.
    pub went: u32,
    /// Tasks of the session: the way to a place.
    pub work: Work,
    /// What came of files.
    pub held: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
    /// Number of the tree.
    pub tree: u32,
}

/// The text.
#[component]
pub fn TextView(props: &TextProps) -> Html {
    let parts = use_state_eq(|| vec![Begin::default()]);
    // The place that is gone to, until one pages away from it.
    let aim = use_state_eq(|| aim_of(&props.look));
    // None: that of the aim.
    let at_page = use_state_eq(|| None::<usize>);
    {
        let (parts, at_page, aim) = (parts.clone(), at_page.clone(), aim.clone());
        let (driver, wanted) = (props.driver.clone(), aim_of(&props.look));
        use_effect_with((props.file, props.went), move |(file, _)| {
            parts.set(vec![Begin::default()]);
            at_page.set(None);
            aim.set(wanted);
            if let Some(byte) = wanted {
                work::start(&driver, Task::Seek { file: *file, byte });
            }
        });
    }
    {
        let (parts, aim, file) = (parts.clone(), aim.clone(), props.file);
        use_effect_with((props.work.parts.clone(), props.work.sought), move |(sought, _)| {
            if let Some(sought) = sought.as_ref().filter(|sought| (sought.file, Some(sought.byte)) == (file, *aim)) {
                parts.set(sought.begins.clone());
            }
        });
    }
    let begin = parts.last().copied().unwrap_or_default();
    {
        let (driver, held) = (props.driver.clone(), props.held.clone());
        use_effect_with((props.file, begin.byte, props.tree), move |(file, start, _)| {
            ask(&driver, &held, *file, *start, PART_BYTES);
        });
    }
    let content = props.held.range(props.file, begin.byte, PART_BYTES);
    let part = use_memo((content.clone(), begin), |(content, begin)| content.as_ref().map(|c| Part::new(c, *begin)));
    let mark = use_memo((content.clone(), begin, props.look.mark), |(content, begin, mark)| {
        place(content.as_ref()?, *begin, &part.as_ref().as_ref()?.text, (*mark)?).filter(|mark| !mark.is_empty())
    });
    let aimed = use_memo((content.clone(), begin, *aim), |(content, begin, aim)| {
        place(content.as_ref()?, *begin, &part.as_ref().as_ref()?.text, ((*aim)?, 0)).map(|place| place.start)
    });
    let at = match (part.as_ref(), *at_page) {
        (Some(part), Some(at)) => at.min(part.pages() - 1),
        (Some(part), None) => (*aimed).map_or(0, |at| part.page_of(at)).min(part.pages() - 1),
        (None, _) => 0,
    };
    {
        // Where one paged to is in the link.
        let (driver, went) = (props.driver.clone(), props.went);
        let first = match (content.as_ref(), part.as_ref()) {
            (Some(content), Some(part)) => part.first_row(at).map(|row| byte_of(content, begin, part, row)),
            _ => None,
        };
        use_effect_with((first, at_page.is_some()), move |(first, paged)| {
            if let (Some(byte), true) = (*first, *paged) {
                driver.see(See::File(SeeFile::Paged { byte, went }));
            }
        });
    }
    let shown = use_memo((content.clone(), begin, at, props.lang), |(.., at, lang)| {
        part.as_ref().as_ref().map(|part| part.page(*at, *lang)).unwrap_or_default()
    });
    let what = &props.look.find;
    let found = use_memo((content.clone(), begin, what.clone(), (*mark).clone()), |(.., what, mark)| {
        match (part.as_ref(), mark) {
            (Some(_), Some(mark)) if what.is_empty() => Found { places: vec![mark.clone()], more: false },
            (Some(part), _) => find(&part.text, what),
            (None, _) => Found::default(),
        }
    });
    let is_sought = aim.is_some() && props.work.progress(TaskKind::Seek).is_some();
    // What is marked may be known before the text is drawn.
    let drawn = !is_sought && part.is_some();
    use_effect_with((what.clone(), props.look.nth, at, (*mark).clone(), drawn), |_| page::reveal(".content mark.on"));
    if is_sought {
        return work::progress(&props.work, TaskKind::Seek, "Going there", &props.driver);
    }
    if let Some(problem) = content.as_ref().and_then(|content| content.problem.as_ref()) {
        return html! { <p class="hint" data-testid="content-problem">{ format!("{}: {}", problem.place, problem.detail) }</p> };
    }
    let Some(part) = part.as_ref() else {
        return html! { <p class="hint" aria-busy="true">{ "Reading…" }</p> };
    };
    let seek = Seek { at_page: at_page.clone(), look: props.look.clone(), driver: props.driver.clone() };
    let go = {
        let (parts, at_page) = (parts.clone(), at_page);
        move |list: Vec<Begin>, to: usize| {
            let (parts, at_page) = (parts.clone(), at_page.clone());
            Callback::from(move |_: MouseEvent| {
                parts.set(list.clone());
                at_page.set(Some(to));
            })
        }
    };
    let forward = match part.next {
        _ if at + 1 < part.pages() => Some(go((*parts).clone(), at + 1)),
        Some(next) => Some(go([parts.as_slice(), &[next]].concat(), 0)),
        None => None,
    };
    let back = match parts.split_last() {
        _ if at > 0 => Some(go((*parts).clone(), at - 1)),
        // The page is clamped to the part's last.
        Some((_, before)) if !before.is_empty() => Some(go(before.to_vec(), usize::MAX)),
        _ => None,
    };
    let digits =
        format!("d{}", shown.last().map_or(1, |(row, _)| (begin.line + row.line + 1).to_string().len()).min(7));
    let draw = |(row, spans): &(Row, Rc<Vec<Span>>)| line(part, row, spans, begin, &found, props.look.nth as usize);
    html! {
        <div class="text" onkeydown={seek.keys(part, &found)}>
            { seek.field(part, &found, begin.byte > 0 || part.next.is_some()) }
            <pre class={classes!("mono", "lines", digits)} tabindex="0" role="region" aria-label="Content">{ for shown.iter().map(draw) }</pre>
            if forward.is_some() || back.is_some() {
                <div class="content-bar">
                    <button class="chip" disabled={back.is_none()} data-testid="content-previous" onclick={back.unwrap_or_default()}>{ "Back" }</button>
                    <button class="chip" disabled={forward.is_none()} data-testid="content-next" onclick={forward.unwrap_or_default()}>{ "Next" }</button>
                    <span class="dim" data-testid="content-range">{ lines_shown(&shown, begin, part, props.size) }</span>
                </div>
            }
        </div>
    }
}

fn lines_shown(shown: &[(Row, Rc<Vec<Span>>)], begin: Begin, part: &Part, size: u64) -> String {
    let number =
        |row: Option<&(Row, Rc<Vec<Span>>)>| u64::from(begin.line) + row.map_or(0, |(row, _)| u64::from(row.line)) + 1;
    let all = match part.next {
        None => format::count(number(None) + part.rows.last().map_or(0, |row| u64::from(row.line))),
        Some(_) => format::bytes(size),
    };
    format!("lines {} to {} of {all}", format::count(number(shown.first())), format::count(number(shown.last())))
}

fn line(part: &Part, row: &Row, spans: &[Span], begin: Begin, found: &Found, current: usize) -> Html {
    let text = |range: &Range<usize>| part.text.get(range.clone()).unwrap_or_default().to_owned();
    let pieces = marks::pieces(row, spans, &found.places).into_iter().map(|piece| {
        let inner = text(&piece.range);
        match (piece.found, marks::class(piece.token)) {
            (Some(number), class) => {
                html! { <mark class={classes!(class, (number == current).then_some("on"))}>{ inner }</mark> }
            }
            (None, Some(class)) => html! { <span {class}>{ inner }</span> },
            (None, None) => html! { { inner } },
        }
    });
    let number = row.is_first().then(|| (u64::from(begin.line) + u64::from(row.line) + 1).to_string());
    let ends = row.range.end == row.whole.end && row.whole.end < part.text.len();
    html! { <span class="line" data-line={number}>{ for pieces }{ if ends { "\n" } else { "" } }</span> }
}

/// The byte that is gone to at first.
fn aim_of(look: &FileLook) -> Option<u64> {
    look.at.or(look.mark.map(|(first, _)| first))
}
