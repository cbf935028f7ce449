//! Content of the selected file: as text or as hexadecimal, page by page, and to be saved. Never as anything that the
//! browser would run or draw.

use std::rc::Rc;

use lagvis::protocol::{Content, FileAt, ToSession};
use yew::prelude::*;

use super::{driver::Driver, format, icons};

/// Bytes of one page.
const PAGE: u32 = 32 << 10;
/// Bytes of one line of hexadecimal: the panel is narrow.
const LINE: usize = 8;

/// Properties of [`ContentPane`].
#[derive(Properties, PartialEq)]
pub struct ContentProps {
    /// The path's node.
    pub node: u32,
    /// Layers that made a version of it, oldest first; the last is shown at first.
    pub versions: Vec<u32>,
    /// Raised with each tree: nodes of another mean nothing.
    pub tree: u32,
    /// What came last, of this file or another.
    pub content: Option<Rc<Content>>,
    /// The page's hands.
    pub driver: Driver,
}

/// The pane.
#[component]
pub fn ContentPane(props: &ContentProps) -> Html {
    let hex = use_state(|| None::<bool>);
    let version = use_state(|| None::<FileAt>);
    let newest = FileAt { node: props.node, layer: props.versions.last().copied().unwrap_or_default() };
    let chosen = version.filter(|file| file.node == props.node && props.versions.contains(&file.layer));
    let file = chosen.unwrap_or(newest);
    {
        let (driver, hex) = (props.driver.clone(), hex.clone());
        use_effect_with((file, props.tree), move |(file, _)| {
            hex.set(None);
            driver.send(ToSession::Content { file: *file, start: 0, length: PAGE });
        });
    }
    let others = (props.versions.len() > 1).then(|| {
        let chip = |layer: u32| {
            let (version, at) = (version.clone(), FileAt { node: props.node, layer });
            let choose = Callback::from(move |_: MouseEvent| version.set(Some(at)));
            let is_on = layer == file.layer;
            html! { <button class={classes!("chip", icons::colour(layer), is_on.then_some("on"))} aria-pressed={is_on.to_string()} data-testid="content-version" data-layer={layer.to_string()} onclick={choose}>{ format!("layer {layer}") }</button> }
        };
        html! { <div class="content-bar" role="group" aria-label="Versions">{ for props.versions.iter().copied().map(chip) }</div> }
    });
    let Some(content) = props.content.as_ref().filter(|content| content.file == file) else {
        return html! { <div class="content">{ others }<p class="hint" aria-busy="true">{ "Reading…" }</p></div> };
    };
    if let Some(problem) = &content.problem {
        return html! { <div class="content">{ others }<p class="hint" data-testid="content-problem">{ format!("{}: {}", problem.place, problem.detail) }</p></div> };
    }
    let as_text = text(&content.bytes.0, content.start > 0);
    let is_hex = (*hex).unwrap_or(as_text.is_none());
    let choose = |value: bool| {
        let hex = hex.clone();
        Callback::from(move |_: MouseEvent| hex.set(Some(value)))
    };
    let shown = if is_hex { hexadecimal(content) } else { lossy(&content.bytes.0) };
    let save = {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| driver.send(ToSession::Save(file)))
    };
    html! {
        <div class="content" data-testid="file-content" data-mode={if is_hex { "hex" } else { "text" }}>
            { others }
            <div class="content-bar">
                <button class={classes!("chip", (!is_hex).then_some("on"))} aria-pressed={(!is_hex).to_string()} onclick={choose(false)}>{ "Text" }</button>
                <button class={classes!("chip", is_hex.then_some("on"))} aria-pressed={is_hex.to_string()} data-testid="content-hex" onclick={choose(true)}>{ "Hex" }</button>
                <button class="chip" data-testid="content-save" title="Save the whole file" onclick={save}>{ "Save" }</button>
            </div>
            <pre class="mono" tabindex="0" aria-label="Content">{ shown }</pre>
            { pages(props, content) }
        </div>
    }
}

fn pages(props: &ContentProps, content: &Content) -> Html {
    let end = content.start + content.bytes.0.len() as u64;
    let go = |start: u64| {
        let (driver, file) = (props.driver.clone(), content.file);
        Callback::from(move |_: MouseEvent| driver.send(ToSession::Content { file, start, length: PAGE }))
    };
    if content.start == 0 && end >= content.total {
        return html! {};
    }
    html! {
        <div class="content-bar">
            <button class="chip" disabled={content.start == 0} onclick={go(content.start.saturating_sub(PAGE.into()))}>{ "Back" }</button>
            <button class="chip" disabled={end >= content.total} data-testid="content-next" onclick={go(end)}>{ "Next" }</button>
            <span class="dim">{ format!("bytes {} to {} of {}", format::count(content.start), format::count(end), format::count(content.total)) }</span>
        </div>
    }
}

/// Whether the bytes read as text. A page may begin and end inside a character.
fn text(bytes: &[u8], inside: bool) -> Option<()> {
    let begin = if inside { bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() } else { 0 };
    let bytes = bytes.get(begin..).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_some() => None,
        _ => bytes.iter().all(|byte| *byte >= 0x20 || b"\t\n\r\x0c\x1b".contains(byte)).then_some(()),
    }
}

/// Text with nothing in it that changes how the page reads.
fn lossy(bytes: &[u8]) -> String {
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t' && c != '\r')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    String::from_utf8_lossy(bytes).chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// Offset, bytes, characters.
fn hexadecimal(content: &Content) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(content.bytes.0.len() * 5);
    for (number, line) in (0_u64..).zip(content.bytes.0.chunks(LINE)) {
        _ = write!(out, "{:08x} ", content.start + number * LINE as u64);
        for at in 0..LINE {
            _ = match line.get(at) {
                Some(byte) => write!(out, " {byte:02x}"),
                None => write!(out, "   "),
            };
        }
        out.push_str("  ");
        out.extend(line.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        assert!(text("caf\u{e9}\n".as_bytes(), false).is_some());
        assert!(text(&"\u{20ac}".as_bytes()[..2], false).is_some(), "cut inside a character");
        assert!(text(&"\u{20ac}a".as_bytes()[1..], true).is_some(), "begun inside a character");
        assert!(text(b"\x7fELF\x02\x01\x01\x00", false).is_none());
        assert!(text(b"\xff\xfe", false).is_none());
    }

    #[test]
    fn nothing_turns_the_page_around() {
        assert_eq!(lossy("a\u{202e}b\x07\n".as_bytes()), "a\u{fffd}b\u{fffd}\n");
    }

    #[test]
    fn hexadecimal_lines_say_where_they_are() {
        let content = Content {
            file: FileAt { node: 1, layer: 0 },
            from: 0,
            start: 32,
            total: 42,
            bytes: lagvis::protocol::Bytes(b"01234567\x00\xff".to_vec()),
            problem: None,
        };
        let lines: Vec<String> = hexadecimal(&content).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "00000020  30 31 32 33 34 35 36 37  01234567");
        assert!(lines[1].starts_with("00000028  00 ff") && lines[1].ends_with("  .."));
    }
}
