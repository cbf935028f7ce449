//! Text with colours, numbers of lines and a search. Long files come in parts, parts in pages.

use std::{ops::Range, rc::Rc};

use lagvis::{
    protocol::{Content, FileAt},
    text::{Found, Highlighter, Lang, Row, Span, clean, find, rows},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Held, ask, marks};
use crate::ui::{driver::Driver, format, page};

/// Bytes of a part: as much as can be coloured and searched within a frame or two.
const PART: u64 = 512 << 10;
/// Rows of a page.
const ROWS: usize = 500;

/// Properties of [`TextView`].
#[derive(Properties, PartialEq)]
pub struct TextProps {
    /// The file.
    pub file: FileAt,
    /// Its language.
    pub lang: Lang,
    /// Bytes of it.
    pub size: u64,
    /// What came of files.
    pub held: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
    /// Number of the tree.
    pub tree: u32,
}

/// Where a part begins: its byte and its line, from 0.
type Begin = (u64, u32);

/// A part of the file.
#[derive(PartialEq)]
struct Part {
    text: String,
    rows: Vec<Row>,
    /// Where the next one begins.
    next: Option<Begin>,
}

impl Part {
    /// A part ends with a line wherever it can.
    fn new(content: &Content, (start, line): Begin) -> Self {
        let bytes = &content.bytes.0;
        let is_last = start.saturating_add(bytes.len() as u64) >= content.total;
        let last_line = bytes.iter().rposition(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        let length = if is_last { bytes.len() } else { last_line };
        let text = clean(bytes.get(..length).unwrap_or_default());
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        let next = (!is_last).then(|| (start + length as u64, line.saturating_add(lines)));
        Self { rows: rows(&text), text, next }
    }

    fn pages(&self) -> usize {
        self.rows.len().div_ceil(ROWS).max(1)
    }

    /// The rows of a page with the colours of their lines.
    fn page(&self, page: usize, lang: Lang) -> Vec<(Row, Rc<Vec<Span>>)> {
        let mut highlighter = Highlighter::new(lang);
        let shown = page * ROWS..(page + 1) * ROWS;
        let mut spans = Rc::default();
        let mut all = Vec::new();
        for (number, row) in self.rows.iter().enumerate().take(shown.end) {
            if row.is_first() {
                spans = Rc::new(highlighter.line(self.text.get(row.whole.clone()).unwrap_or_default()));
            }
            if shown.contains(&number) {
                all.push((row.clone(), Rc::clone(&spans)));
            }
        }
        all
    }

    /// The page of a byte.
    fn page_of(&self, at: usize) -> usize {
        self.rows.partition_point(|row| row.range.end <= at) / ROWS
    }
}

/// The text.
#[component]
pub fn TextView(props: &TextProps) -> Html {
    let parts = use_state_eq(|| vec![(0, 0)]);
    let at_page = use_state_eq(|| 0_usize);
    let what = use_state_eq(String::new);
    let current = use_state_eq(|| 0_usize);
    {
        let (parts, at_page, current) = (parts.clone(), at_page.clone(), current.clone());
        use_effect_with(props.file, move |_| {
            parts.set(vec![(0, 0)]);
            at_page.set(0);
            current.set(0);
        });
    }
    let begin = parts.last().copied().unwrap_or_default();
    {
        let (driver, held) = (props.driver.clone(), props.held.clone());
        use_effect_with((props.file, begin.0, props.tree), move |(file, start, _)| {
            ask(&driver, &held, *file, *start, PART);
        });
    }
    let content = props.held.range(props.file, begin.0, PART);
    let part = use_memo((content.clone(), begin), |(content, begin)| content.as_ref().map(|c| Part::new(c, *begin)));
    let shown = use_memo((content.clone(), begin, *at_page, props.lang), |(.., at_page, lang)| {
        part.as_ref().as_ref().map(|part| part.page((*at_page).min(part.pages() - 1), *lang)).unwrap_or_default()
    });
    let found = use_memo((content.clone(), begin, (*what).clone()), |(.., what)| {
        part.as_ref().as_ref().map(|part| find(&part.text, what)).unwrap_or_default()
    });
    use_effect_with(((*what).clone(), *current, *at_page), |_| page::reveal(".content mark.on"));
    if let Some(problem) = content.as_ref().and_then(|content| content.problem.as_ref()) {
        return html! { <p class="hint" data-testid="content-problem">{ format!("{}: {}", problem.place, problem.detail) }</p> };
    }
    let Some(part) = part.as_ref() else {
        return html! { <p class="hint" aria-busy="true">{ "Reading…" }</p> };
    };
    let seek = Seek { at_page: at_page.clone(), what, current };
    let go = {
        let (parts, at_page) = (parts.clone(), at_page.clone());
        move |list: Vec<Begin>, to: usize| {
            let (parts, at_page) = (parts.clone(), at_page.clone());
            Callback::from(move |_: MouseEvent| {
                parts.set(list.clone());
                at_page.set(to);
            })
        }
    };
    let at = (*at_page).min(part.pages() - 1);
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
    let digits = format!("d{}", shown.last().map_or(1, |(row, _)| (begin.1 + row.line + 1).to_string().len()).min(7));
    let draw = |(row, spans): &(Row, Rc<Vec<Span>>)| line(part, row, spans, begin, &found, *seek.current);
    html! {
        <div class="text" onkeydown={seek.keys(part, &found)}>
            { seek.field(part, &found, begin.0 > 0 || part.next.is_some()) }
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
        |row: Option<&(Row, Rc<Vec<Span>>)>| u64::from(begin.1) + row.map_or(0, |(row, _)| u64::from(row.line)) + 1;
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
    let number = row.is_first().then(|| (u64::from(begin.1) + u64::from(row.line) + 1).to_string());
    let ends = row.range.end == row.whole.end && row.whole.end < part.text.len();
    html! { <span class="line" data-line={number}>{ for pieces }{ if ends { "\n" } else { "" } }</span> }
}

/// The search within a part.
struct Seek {
    at_page: UseStateHandle<usize>,
    what: UseStateHandle<String>,
    current: UseStateHandle<usize>,
}

impl Seek {
    /// Goes to the next place, or to the one before; around the end.
    fn step(&self, part: &Part, found: &Found) -> impl Fn(bool) + 'static {
        let pages: Vec<usize> = found.places.iter().map(|place| part.page_of(place.start)).collect();
        let (current, at_page) = (self.current.clone(), self.at_page.clone());
        move |backwards: bool| {
            let by = if backwards { pages.len().saturating_sub(1) } else { 1 };
            let next = (*current + by).checked_rem(pages.len()).unwrap_or_default();
            if let Some(page) = pages.get(next) {
                current.set(next);
                at_page.set(*page);
            }
        }
    }

    /// Ctrl-F goes to the field, n and N to places.
    fn keys(&self, part: &Part, found: &Found) -> Callback<KeyboardEvent> {
        let step = self.step(part, found);
        Callback::from(move |event: KeyboardEvent| {
            let typing = event.target_dyn_into::<HtmlInputElement>().is_some();
            let with = event.ctrl_key() || event.meta_key();
            match event.key().as_str() {
                "f" if with => page::focus("content-find"),
                "n" if !typing && !with => step(false),
                "N" if !typing && !with => step(true),
                _ => return,
            }
            event.prevent_default();
        })
    }

    fn field(&self, part: &Part, found: &Found, in_part: bool) -> Html {
        let on_input = {
            let (what, current, at_page) = (self.what.clone(), self.current.clone(), self.at_page.clone());
            let text: Rc<str> = part.text.as_str().into();
            let pages: Vec<Range<usize>> = part.rows.chunks(ROWS).map(page_bytes).collect();
            Callback::from(move |event: InputEvent| {
                let field: HtmlInputElement = event.target_unchecked_into();
                let first = find(&text, &field.value()).places.first().map(|place| place.start);
                let page = first.and_then(|first| pages.iter().position(|page| page.contains(&first)));
                what.set(field.value());
                current.set(0);
                if let Some(page) = page {
                    at_page.set(page);
                }
            })
        };
        let on_key = {
            let (step, what) = (self.step(part, found), self.what.clone());
            Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" => {
                    event.prevent_default();
                    step(event.shift_key());
                }
                "Escape" if !what.is_empty() => {
                    event.prevent_default();
                    what.set(String::new());
                }
                _ => {}
            })
        };
        let (count, more) = (found.places.len() as u64, if found.more { "+" } else { "" });
        let place = if in_part { " in this part" } else { "" };
        let said = match (self.what.is_empty(), count) {
            (true, _) => String::new(),
            (false, 0) => format!("not found{place}"),
            (false, _) => {
                format!("{} of {}{more}{place}", format::count(*self.current as u64 + 1), format::count(count))
            }
        };
        html! {
            <div class="content-bar" role="search">
                <input class="chip find" type="text" placeholder="Find in the text" aria-label="Find in the text" data-testid="content-find"
                    value={(*self.what).clone()} oninput={on_input} onkeydown={on_key} />
                <span class="dim num" role="status" data-testid="content-found">{ said }</span>
            </div>
        }
    }
}

/// The bytes of a page's rows, with the ends of their lines.
fn page_bytes(rows: &[Row]) -> Range<usize> {
    let start = rows.first().map_or(0, |row| row.range.start);
    start..rows.last().map_or(start, |row| row.range.end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lagvis::protocol::Bytes;

    fn part(bytes: &[u8], total: u64, begin: Begin) -> Part {
        let file = FileAt { node: 1, layer: 0 };
        let content = Content { file, from: 0, start: begin.0, total, bytes: Bytes(bytes.to_vec()), problem: None };
        Part::new(&content, begin)
    }

    #[test]
    fn parts_end_with_a_line() {
        let first = part(b"a\nb\nhalf", 100, (0, 0));
        assert_eq!((first.text.as_str(), first.next), ("a\nb\n", Some((4, 2))));
        let last = part(b"half\nc", 10, (4, 2));
        assert_eq!((last.text.as_str(), last.next), ("half\nc", None));
        let long = part(b"no end of a line", 100, (7, 1));
        assert_eq!(long.next, Some((23, 1)));
    }

    #[test]
    fn pages_carry_colours_over() {
        let text = format!("/*\n{}*/ null\n", "x\n".repeat(ROWS));
        let part = part(text.as_bytes(), text.len() as u64, (0, 0));
        assert_eq!((part.pages(), part.page_of(0), part.page_of(text.len() - 3)), (2, 0, 1));
        let rows = part.page(1, Lang::Json);
        let tokens: Vec<_> = rows.iter().map(|(_, spans)| spans.iter().map(|s| s.token).collect::<Vec<_>>()).collect();
        assert_eq!(tokens.len(), 2);
        assert_eq!(tokens[1].last(), Some(&lagvis::text::Token::Keyword));
    }
}
