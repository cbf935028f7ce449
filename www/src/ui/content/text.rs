//! Text with colours, numbers of lines and a search. Long files come in parts, parts in pages.

use std::{ops::Range, rc::Rc};

use lagvis::{
    protocol::{Content, FileAt, Task, TaskKind},
    share::FileLook,
    text::{Begin, Found, Highlighter, Lang, PART_BYTES, Row, Span, clean, find, part_length, rows},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Held, ask, marks};
use crate::ui::{
    driver::Driver,
    format, page,
    see::{See, SeeFile},
    work::{self, Work},
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

/// Where bytes of the file are in the text of their part: what was read may have been cleaned to other lengths.
fn place(content: &Content, begin: Begin, text: &str, (first, length): (u64, u64)) -> Option<Range<usize>> {
    let from = usize::try_from(first.checked_sub(begin.byte)?).ok()?;
    let to = from.saturating_add(usize::try_from(length).ok()?).min(content.bytes.0.len());
    let shown = |bytes: usize| content.bytes.0.get(..bytes).map(|bytes| clean(bytes).len().min(text.len()));
    Some(text.floor_char_boundary(shown(from)?)..text.ceil_char_boundary(shown(to)?))
}

/// The byte of the file at which a row begins, the other way round: by its line's end before, and bytes within the line.
fn byte_of(content: &Content, begin: Begin, part: &Part, row: &Row) -> u64 {
    let lines = part.text.get(..row.whole.start).unwrap_or_default().matches('\n').count();
    let mut ends = content.bytes.0.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let line = lines.checked_sub(1).map_or(Some(0), |before| ends.nth(before)).unwrap_or_default();
    begin.byte + (line + (row.range.start - row.whole.start)) as u64
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
            (Some(content), Some(part)) => part.rows.get(at * ROWS).map(|row| byte_of(content, begin, part, row)),
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

/// The search within a part.
struct Seek {
    at_page: UseStateHandle<Option<usize>>,
    look: FileLook,
    driver: Driver,
}

impl Seek {
    /// Goes to the next place, or to the one before; around the end.
    fn step(&self, part: &Part, found: &Found) -> impl Fn(bool) + 'static {
        let pages: Vec<usize> = found.places.iter().map(|place| part.page_of(place.start)).collect();
        let (current, at_page, driver) = (self.look.nth as usize, self.at_page.clone(), self.driver.clone());
        move |backwards: bool| {
            let by = if backwards { pages.len().saturating_sub(1) } else { 1 };
            let next = (current + by).checked_rem(pages.len()).unwrap_or_default();
            if let Some(page) = pages.get(next) {
                driver.see(See::File(SeeFile::Nth(u32::try_from(next).unwrap_or_default())));
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
            let (driver, at_page) = (self.driver.clone(), self.at_page.clone());
            let text: Rc<str> = part.text.as_str().into();
            let pages: Vec<Range<usize>> = part.rows.chunks(ROWS).map(page_bytes).collect();
            Callback::from(move |event: InputEvent| {
                let field: HtmlInputElement = event.target_unchecked_into();
                let first = find(&text, &field.value()).places.first().map(|place| place.start);
                let page = first.and_then(|first| pages.iter().position(|page| page.contains(&first)));
                driver.see(See::File(SeeFile::Find(field.value())));
                if page.is_some() {
                    at_page.set(page);
                }
            })
        };
        let on_key = {
            let (step, driver) = (self.step(part, found), self.driver.clone());
            let is_finding = !self.look.find.is_empty();
            Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" => {
                    event.prevent_default();
                    step(event.shift_key());
                }
                "Escape" if is_finding => {
                    event.prevent_default();
                    driver.see(See::File(SeeFile::Find(String::new())));
                }
                _ => {}
            })
        };
        let (count, more) = (found.places.len() as u64, if found.more { "+" } else { "" });
        let place = if in_part { " in this part" } else { "" };
        let said = match (self.look.find.is_empty(), count) {
            (true, _) => String::new(),
            (false, 0) => format!("not found{place}"),
            (false, _) => {
                format!("{} of {}{more}{place}", format::count(u64::from(self.look.nth) + 1), format::count(count))
            }
        };
        html! {
            <div class="content-bar" role="search">
                <input class="chip find" type="text" placeholder="Find in the text" aria-label="Find in the text" data-testid="content-find"
                    value={self.look.find.clone()} oninput={on_input} onkeydown={on_key} />
                <span class="dim num" role="status" data-testid="content-found">{ said }</span>
            </div>
        }
    }
}

/// The byte that is gone to at first.
fn aim_of(look: &FileLook) -> Option<u64> {
    look.at.or(look.mark.map(|(first, _)| first))
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
    fn rows_and_bytes_lead_to_each_other() {
        let bytes = b"a\xff\xff\nb\xc3\xa9\n\nlast";
        let file = FileAt { node: 1, layer: 0 };
        let (from, start, total) = (0, 100, 200);
        let content = Content { file, from, start, total, bytes: Bytes(bytes.to_vec()), problem: None };
        let begin = Begin { byte: 100, line: 7 };
        let part = Part::new(&Content { total: 112, ..content.clone() }, begin);
        let firsts: Vec<u64> = part.rows.iter().map(|row| byte_of(&content, begin, &part, row)).collect();
        assert_eq!(firsts, [100, 104, 108, 109]);
        for (row, first) in part.rows.iter().zip(firsts) {
            assert_eq!(place(&content, begin, &part.text, (first, 0)).map(|at| at.start), Some(row.range.start));
        }
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
