//! A file of any size as hexadecimal: offset, bytes, characters; a window of lines that moves.

use std::{fmt::Write as _, ops::Range, rc::Rc};

use lagvis::{protocol::FileAt, share::FileLook};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Held, ask};
use crate::ui::{
    driver::Driver,
    format,
    see::{See, SeeFile},
};

/// Lines of a window.
const LINES: u64 = 32;
/// Windows are read by blocks that begin at multiples of this and are twice as long, so that one has every window.
const BLOCK: u64 = 32 << 10;

/// Properties of [`HexView`].
#[derive(Properties, PartialEq)]
pub struct HexProps {
    /// The file.
    pub file: FileAt,
    /// Bytes of it.
    pub size: u64,
    /// What of it is looked at. Enlarged it has sixteen bytes a line, else eight.
    pub look: FileLook,
    /// What came of files.
    pub held: Rc<Held>,
    /// The page's hands.
    pub driver: Driver,
    /// Number of the tree.
    pub tree: u32,
}

/// The window.
#[component]
pub fn HexView(props: &HexProps) -> Html {
    let width = width(props);
    let mark = props.look.mark.map_or(0..0, |(first, length)| first..first.saturating_add(length));
    let size = props.size;
    let first = top_line(props.look.at.unwrap_or(mark.start), size, width);
    let block = first / BLOCK * BLOCK;
    {
        let (driver, held) = (props.driver.clone(), props.held.clone());
        use_effect_with((props.file, block, props.tree), move |(file, block, _)| {
            ask(&driver, &held, *file, *block, 2 * BLOCK);
        });
    }
    let on_key = {
        let driver = props.driver.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(to) = step(&event.key(), first, size, width).filter(|_| !event.ctrl_key() && !event.meta_key())
            {
                event.prevent_default();
                driver.see(See::File(SeeFile::At(to)));
            }
        })
    };
    let content = props.held.range(props.file, block, 2 * BLOCK);
    let shown = match &content {
        Some(content) if content.problem.is_some() => {
            content.problem.as_ref().map(|p| p.detail.clone()).unwrap_or_default()
        }
        Some(content) => {
            let from = usize::try_from(first - block).unwrap_or(usize::MAX);
            let bytes = content.bytes.0.get(from..).unwrap_or_default();
            let count = usize::try_from(LINES * width).unwrap_or_default().min(bytes.len());
            return view(props, first, &lines(bytes.get(..count).unwrap_or_default(), first, width), &mark, on_key);
        }
        None => "…".to_owned(),
    };
    view(props, first, &[(first, shown, String::new())], &mark, on_key)
}

fn view(
    props: &HexProps,
    first: u64,
    lines: &[(u64, String, String)],
    mark: &Range<u64>,
    on_key: Callback<KeyboardEvent>,
) -> Html {
    let width = width(props);
    let size = props.size;
    let end = first.saturating_add(LINES * width).min(size);
    let go = |key: &'static str| {
        let (driver, to) = (props.driver.clone(), step(key, first, size, width).unwrap_or(first));
        Callback::from(move |_: MouseEvent| driver.see(See::File(SeeFile::At(to))))
    };
    let on_offset = {
        let driver = props.driver.clone();
        Callback::from(move |event: KeyboardEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            if event.key() == "Enter" {
                let offset = offset(&field.value()).filter(|offset| *offset < size);
                field.set_custom_validity(if offset.is_some() {
                    ""
                } else {
                    "Decimal, or 0x and hexadecimal digits, within the file"
                });
                field.report_validity();
                if let Some(offset) = offset {
                    driver.see(See::File(SeeFile::GoTo(offset)));
                }
            } else {
                field.set_custom_validity("");
            }
        })
    };
    let on_slide = {
        let driver = props.driver.clone();
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let to = format::whole(field.value_as_number()).saturating_mul(width);
            driver.see(See::File(SeeFile::At(to)));
        })
    };
    let line = |(at, hex, text): &(u64, String, String)| {
        let aimed = aimed(mark, *at, width);
        let is_aim = !aimed.is_empty();
        let (digits, signs) = (3 * aimed.start..(3 * aimed.end).saturating_sub(1), aimed);
        html! { <span class={classes!("hex-line", is_aim.then_some("on"))}><span class="dim">{ format!("{at:08x}") }</span>{ "  " }{ marked(hex, digits) }{ "  " }{ marked(text, signs) }{ "\n" }</span> }
    };
    let many = size > LINES * width;
    html! {
        <>
            <pre class="mono hex" tabindex="0" role="region" aria-label="Bytes as hexadecimal; arrows, Page Up and Page Down move" onkeydown={on_key}>{ for lines.iter().map(line) }</pre>
            if many {
                <input type="range" class="hex-slide" aria-label="Place in the file" min="0" max={last_line(size, width).checked_div(width).unwrap_or_default().to_string()} value={(first / width).to_string()} oninput={on_slide} />
            }
            <div class="content-bar">
                <button class="chip" disabled={first == 0} data-testid="content-previous" onclick={go("PageUp")}>{ "Back" }</button>
                <button class="chip" disabled={end >= size} data-testid="content-next" onclick={go("PageDown")}>{ "Next" }</button>
                <input class="chip" type="text" size="12" placeholder="Go to offset" aria-label="Go to offset" data-testid="content-offset" onkeydown={on_offset} />
                <span class="dim" data-testid="content-range">{ format!("bytes {} to {} of {}", format::count(first), format::count(end), format::count(size)) }</span>
            </div>
        </>
    }
}

fn width(props: &HexProps) -> u64 {
    if props.look.large { 16 } else { 8 }
}

/// Which bytes of a line are aimed at.
fn aimed(aim: &Range<u64>, line: u64, width: u64) -> Range<usize> {
    let within = |byte: u64| usize::try_from(byte.saturating_sub(line).min(width)).unwrap_or_default();
    within(aim.start)..within(aim.end)
}

/// A text of one-byte characters with a part of it marked.
fn marked(text: &str, part: Range<usize>) -> Html {
    let piece = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
    let end = part.end.min(text.len());
    if part.start >= end {
        return html! { { text.to_owned() } };
    }
    html! { <>{ piece(0..part.start) }<mark>{ piece(part.start..end) }</mark>{ piece(end..text.len()) }</> }
}

/// The beginning of the last window.
fn last_line(size: u64, width: u64) -> u64 {
    (size.div_ceil(width)).saturating_sub(LINES) * width
}

/// The beginning of the window that shows a byte at its top, or as far up as the file's end lets it.
fn top_line(top: u64, size: u64, width: u64) -> u64 {
    (top / width * width).min(last_line(size, width))
}

/// Where a key leads.
fn step(key: &str, first: u64, size: u64, width: u64) -> Option<u64> {
    let to = match key {
        "ArrowDown" => first.saturating_add(width),
        "ArrowUp" => first.saturating_sub(width),
        "PageDown" => first.saturating_add(LINES * width),
        "PageUp" => first.saturating_sub(LINES * width),
        "Home" => 0,
        "End" => u64::MAX,
        _ => return None,
    };
    Some(top_line(to, size, width))
}

/// `0x1f` or `31`; spaces and commas do not matter.
fn offset(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | ',' | '_')).collect();
    match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Offset, bytes, characters of each line.
fn lines(bytes: &[u8], first: u64, width: u64) -> Vec<(u64, String, String)> {
    let width = usize::try_from(width).unwrap_or(8);
    let line = |(number, line): (u64, &[u8])| {
        let mut hex = String::with_capacity(width * 3);
        for at in 0..width {
            _ = match line.get(at) {
                Some(byte) => write!(hex, "{byte:02x}"),
                None => write!(hex, "  "),
            };
            if at + 1 < width {
                hex.push(' ');
            }
        }
        let text = line.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
        (first + number * width as u64, hex, text)
    };
    (0_u64..).zip(bytes.chunks(width)).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_where_they_are() {
        let lines = lines(b"01234567\x00\xff", 32, 8);
        assert_eq!(lines[0], (32, "30 31 32 33 34 35 36 37".to_owned(), "01234567".to_owned()));
        assert_eq!(lines[1], (40, format!("00 ff{}", " ".repeat(18)), "..".to_owned()));
    }

    #[test]
    fn what_is_aimed_at_is_cut_at_lines() {
        assert_eq!([0, 8, 16, 24].map(|line| aimed(&(6..17), line, 8)), [6..8, 0..8, 0..1, 0..0]);
    }

    #[test]
    fn keys_stay_within_the_file() {
        let size = 10_000;
        for (key, from, to) in [
            ("ArrowDown", 0, Some(8)),
            ("ArrowUp", 0, Some(0)),
            ("PageDown", 0, Some(256)),
            ("End", 0, Some(9_744)),
            ("PageDown", 9_700, Some(9_744)),
            ("Home", 9_700, Some(0)),
            ("x", 0, None),
        ] {
            assert_eq!(step(key, from, size, 8), to, "{key}");
        }
        assert_eq!(step("End", 0, 10, 8), Some(0), "all of it is there");
        assert_eq!(top_line(u64::MAX, 0, 8), 0);
    }

    #[test]
    fn offsets_in_both_notations() {
        assert_eq!(offset("0x1F"), Some(31));
        assert_eq!(offset("1,000"), Some(1_000));
        assert_eq!(offset("1f"), None);
        assert_eq!(offset(""), None);
    }
}
