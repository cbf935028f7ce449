//! Text with colours, numbers of lines and a search. Long files come in parts, parts in pages.

use std::{ops::Range, rc::Rc};

use lagvis::{
    protocol::{Content, FileAt, Task, TaskKind},
    text::{Begin, Found, Highlighter, Lang, PART_BYTES, Row, Span, clean, find, part_length, rows},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Held, ask, marks};
use crate::ui::{
    driver::Driver,
    format, page,
    work::{self, Mark, Work},
};

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
    /// What is marked in it, and is to be seen.
    pub mark: Option<Mark>,
    /// Tasks of the session: the way to what is marked.
    pub work: Work,
    /// What came of files.
    pub held: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
    /// Number of the tree.
    pub tree: u32,
}

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
    fn new(content: &Content, begin: Begin) -> Self {
        let bytes = &content.bytes.0;
        let is_last = begin.byte.saturating_add(bytes.len() as u64) >= content.total;
        let length = part_length(bytes, is_last);
        let text = clean(bytes.get(..length).unwrap_or_default());
        let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
        let next = Begin { byte: begin.byte + length as u64, line: begin.line.saturating_add(lines) };
        Self { rows: rows(&text), text, next: (!is_last).then_some(next) }
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

/// Where the mark is in the text of its part: what was read may have been cleaned to other lengths.
fn marked(content: &Content, begin: Begin, text: &str, mark: Mark) -> Option<Range<usize>> {
    let from = usize::try_from(mark.offset.checked_sub(begin.byte)?).ok()?;
    let to = from.saturating_add(usize::try_from(mark.length).ok()?).min(content.bytes.0.len());
    let shown = |bytes: usize| content.bytes.0.get(..bytes).map(|bytes| clean(bytes).len().min(text.len()));
    let range = text.floor_char_boundary(shown(from)?)..text.ceil_char_boundary(shown(to)?);
    (!range.is_empty()).then_some(range)
}

/// The text.
#[component]
pub fn TextView(props: &TextProps) -> Html {
    let parts = use_state_eq(|| vec![Begin::default()]);
    // None: that of the mark.
    let at_page = use_state_eq(|| None::<usize>);
    let what = use_state_eq(String::new);
    let current = use_state_eq(|| 0_usize);
    {
        let (parts, at_page, current, what) = (parts.clone(), at_page.clone(), current.clone(), what.clone());
        let driver = props.driver.clone();
        use_effect_with((props.file, props.mark), move |(file, mark)| {
            parts.set(vec![Begin::default()]);
            at_page.set(None);
            current.set(0);
            if let Some(mark) = mark {
                what.set(String::new());
                work::start(&driver, Task::Seek { file: *file, byte: mark.offset });
            }
        });
    }
    {
        let (parts, mark) = (parts.clone(), props.mark);
        use_effect_with(props.work.parts.clone(), move |sought| {
            if let (Some(sought), Some(mark)) = (sought, mark)
                && (sought.file, sought.byte) == (mark.file, mark.offset)
            {
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
    let mark = use_memo((content.clone(), begin, props.mark), |(content, begin, mark)| {
        marked(content.as_ref()?, *begin, &part.as_ref().as_ref()?.text, (*mark)?)
    });
    let at = match (part.as_ref(), *at_page) {
        (Some(part), Some(at)) => at.min(part.pages() - 1),
        (Some(part), None) => (*mark).as_ref().map_or(0, |mark| part.page_of(mark.start)).min(part.pages() - 1),
        (None, _) => 0,
    };
    let shown = use_memo((content.clone(), begin, at, props.lang), |(.., at, lang)| {
        part.as_ref().as_ref().map(|part| part.page(*at, *lang)).unwrap_or_default()
    });
    let found = use_memo((content.clone(), begin, (*what).clone(), (*mark).clone()), |(.., what, mark)| {
        match (part.as_ref(), mark) {
            (Some(_), Some(mark)) if what.is_empty() => Found { places: vec![mark.clone()], more: false },
            (Some(part), _) => find(&part.text, what),
            (None, _) => Found::default(),
        }
    });
    let is_sought = props.mark.is_some() && props.work.progress(TaskKind::Seek).is_some();
    // What is marked may be known before the text is drawn.
    let drawn = !is_sought && part.is_some();
    use_effect_with(((*what).clone(), *current, at, (*mark).clone(), drawn), |_| page::reveal(".content mark.on"));
    if is_sought {
        return work::progress(&props.work, TaskKind::Seek, "Going there", &props.driver);
    }
    if let Some(problem) = content.as_ref().and_then(|content| content.problem.as_ref()) {
        return html! { <p class="hint" data-testid="content-problem">{ format!("{}: {}", problem.place, problem.detail) }</p> };
    }
    let Some(part) = part.as_ref() else {
        return html! { <p class="hint" aria-busy="true">{ "Reading…" }</p> };
    };
    let seek = Seek { at_page: at_page.clone(), what, current };
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
    let draw = |(row, spans): &(Row, Rc<Vec<Span>>)| line(part, row, spans, begin, &found, *seek.current);
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

/// The search within a part.
struct Seek {
    at_page: UseStateHandle<Option<usize>>,
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
                at_page.set(Some(*page));
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
                if page.is_some() {
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
        let content = Content { file, from: 0, start: begin.byte, total, bytes: Bytes(bytes.to_vec()), problem: None };
        Part::new(&content, begin)
    }

    #[test]
    fn parts_end_with_a_line() {
        let begin = |byte, line| Begin { byte, line };
        let first = part(b"a\nb\nhalf", 100, begin(0, 0));
        assert_eq!((first.text.as_str(), first.next), ("a\nb\n", Some(begin(4, 2))));
        let last = part(b"half\nc", 10, begin(4, 2));
        assert_eq!((last.text.as_str(), last.next), ("half\nc", None));
        let long = part(b"no end of a line", 100, begin(7, 1));
        assert_eq!(long.next, Some(begin(23, 1)));
    }

    #[test]
    fn pages_carry_colours_over() {
        let text = format!("/*\n{}*/ null\n", "x\n".repeat(ROWS));
        let part = part(text.as_bytes(), text.len() as u64, Begin::default());
        assert_eq!((part.pages(), part.page_of(0), part.page_of(text.len() - 3)), (2, 0, 1));
        let rows = part.page(1, Lang::Json);
        let tokens: Vec<_> = rows.iter().map(|(_, spans)| spans.iter().map(|s| s.token).collect::<Vec<_>>()).collect();
        assert_eq!(tokens.len(), 2);
        assert_eq!(tokens[1].last(), Some(&lagvis::text::Token::Keyword));
    }
}
