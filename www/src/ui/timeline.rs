//! A path over the layers: what each did to it, and how two of its versions differ.

use lagvis::{
    protocol::{Change, Comparison, Detail, DiffLine, Difference, EntryType, TaskKind, VersionInfo},
    share::{FileLook, LayerChoice},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    format, icons,
    layers::instruction,
    phase::Open,
    reasons::reasons,
    see::{See, SeeFile},
    select::Select,
    words::{Term, Word},
    work,
};

/// The timeline, oldest version first.
pub fn timeline(detail: &Detail, open: &Open, look: &FileLook, driver: &Driver) -> Html {
    let line = |(at, version): (usize, &VersionInfo)| {
        let before = at.checked_sub(1).and_then(|at| detail.versions.get(at));
        version_line(detail, version, before, open, look, driver)
    };
    let compared = |comparison: &&std::rc::Rc<Comparison>| {
        comparison.new.node == detail.row.node && look.compared == Some((comparison.old.layer, comparison.new.layer))
    };
    html! {
        <>
            <ol class="timeline" aria-label="Versions of this path" data-testid="timeline">{ for detail.versions.iter().enumerate().map(line) }</ol>
            { any_two(detail, open, look, driver) }
            { work::progress(&open.work, TaskKind::Compare, "Comparing", driver) }
            if let Some(comparison) = open.work.comparison.as_ref().filter(compared) {
                { difference(comparison) }
            }
        </>
    }
}

fn is_file(version: &VersionInfo) -> bool {
    matches!(version.kind, Some(EntryType::File | EntryType::Hardlink))
}

/// A choice of any two versions, where there are more than neighbours to compare.
fn any_two(detail: &Detail, open: &Open, look: &FileLook, driver: &Driver) -> Html {
    let layers: Vec<u32> = detail.versions.iter().filter(|version| is_file(version)).map(|v| v.layer).collect();
    let (Some(first), Some(last), true) = (layers.first(), layers.last(), layers.len() > 2) else { return html! {} };
    if open.outcome.is_none() {
        return html! {};
    }
    let (old, new) = look.compared.unwrap_or((*first, *last));
    let options: Vec<_> = layers.iter().map(|layer| (layer.to_string(), format!("layer {layer}"))).collect();
    let choice = |label: &'static str, hook: &'static str, value: u32, pair: fn(u32, (u32, u32)) -> (u32, u32)| {
        let driver = driver.clone();
        let on_change = Callback::from(move |chosen: String| {
            if let Ok(chosen) = chosen.parse() {
                let (old, new) = pair(chosen, (old, new));
                driver.see(See::File(SeeFile::Compare(old.min(new), old.max(new))));
            }
        });
        html! { <Select {label} {hook} value={value.to_string()} options={options.clone()} {on_change} /> }
    };
    html! {
        <div class="content-bar" role="group" aria-label="Any two versions">
            <span class="dim">{ "Compare" }</span>
            { choice("The older version", "compare-old", old, |chosen, (_, new)| (chosen, new)) }
            <span class="dim">{ "with" }</span>
            { choice("The newer version", "compare-new", new, |chosen, (old, _)| (old, chosen)) }
        </div>
    }
}

fn version_line(
    detail: &Detail,
    version: &VersionInfo,
    before: Option<&VersionInfo>,
    open: &Open,
    look: &FileLook,
    driver: &Driver,
) -> Html {
    let what = match version.change {
        Change::Added => "added",
        Change::Modified => "changed",
        Change::Removed => "removed",
        Change::None => "repeated, nothing differs",
    };
    let created_by = usize::try_from(version.layer)
        .ok()
        .and_then(|at| open.summary.layers.get(at))
        .and_then(|spec| spec.created_by.clone());
    let layer = version.layer;
    let on_layer = {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Layer(LayerChoice::One(layer))))
    };
    let shown = open.shown_version(detail, look) == Some(layer);
    let see = |see: SeeFile| {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::File(see.clone())))
    };
    let readable = is_file(version) && open.outcome.is_some();
    let old = before.filter(|before| readable && is_file(before)).map(|before| before.layer);
    html! {
        <li class={classes!(icons::colour(layer), version.change.name())} data-testid="timeline-version" data-layer={layer.to_string()} data-change={version.change.name()}>
            <button class="link" onclick={on_layer}>{ format!("Layer {layer}") }</button>
            <span>{ format!(" {what}{}", size(version, before)) }</span>
            if version.change == Change::Removed { <Word term={Term::Whiteout} at={format!("timeline-{layer}")} /> }
            { reasons(&version.reasons) }
            if version.metadata_only { <span class="hint">{ format!("Content as before, {} shipped again.", format::bytes(version.size)) }</span> }
            if let Some(text) = created_by { <code class="step-text">{ instruction(&text) }</code> }
            if readable {
                <span class="content-bar">
                    <button class={classes!("chip", shown.then_some("on"))} aria-pressed={shown.to_string()} aria-label={format!("Open the content as of layer {layer}")} data-testid="timeline-open" onclick={see(SeeFile::Version(layer))}>{ "Open" }</button>
                    if let Some(old) = old {
                        <button class="chip" aria-label={format!("Compare with layer {old}: layer {layer}")} data-testid="timeline-compare" onclick={see(SeeFile::Compare(old, layer))}>{ format!("Compare with layer {old}") }</button>
                    }
                </span>
            }
        </li>
    }
}

fn size(version: &VersionInfo, before: Option<&VersionInfo>) -> String {
    let Some(before) = before.filter(|before| before.kind.is_some() && before.size != version.size) else {
        return if is_file(version) { format!(", {}", format::bytes(version.size)) } else { String::new() };
    };
    if !is_file(version) {
        return String::new();
    }
    let sign = if version.size > before.size { "+" } else { "−" };
    format!(", {} ({sign}{})", format::bytes(version.size), format::bytes(version.size.abs_diff(before.size)))
}

fn difference(comparison: &Comparison) -> Html {
    let Comparison { old, new, sizes, difference } = comparison;
    let both = format!("{} and {} bytes", format::count(sizes.0), format::count(sizes.1));
    let (said, lines) = match difference {
        Difference::None => (format!("The same content, {both}."), None),
        Difference::Binary { first } => {
            (format!("No text: {both}, the first difference at byte {}.", format::count(*first)), None)
        }
        Difference::TooLarge { first, cap } => (
            format!(
                "Too large to be compared line by line ({} at most): {both}, the first difference at byte {}.",
                format::bytes(*cap),
                format::count(*first)
            ),
            None,
        ),
        Difference::Text(text) => {
            let more = match text.left_out {
                0 => String::new(),
                left_out => format!(" {} more differing lines are not shown.", format::count(left_out.into())),
            };
            (format!("{} lines added, {} removed.{more}", text.added, text.removed), Some(text))
        }
    };
    html! {
        <section class="difference" data-testid="difference" aria-label={format!("Layer {} against layer {}", new.layer, old.layer)}>
            <h3>{ format!("Layer {} against layer {}", new.layer, old.layer) }</h3>
            <p class="hint" role="status">{ said }</p>
            if let Some(text) = lines {
                <div class="diff mono" tabindex="0" role="region" aria-label="Differing lines">
                    { for text.hunks.iter().map(|hunk| html! { <div class="hunk">{ for hunk.iter().map(line) }</div> }) }
                </div>
            }
        </section>
    }
}

fn line(line: &DiffLine) -> Html {
    let (class, mark) = match (line.old, line.new) {
        (Some(_), Some(_)) => ("same", " "),
        (Some(_), None) => ("removed", "−"),
        _ => ("added", "+"),
    };
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let cut = if line.cut > 0 { format!(" … {} more bytes", line.cut) } else { String::new() };
    let end = if line.unended { " (no newline at the end)" } else { "" };
    html! {
        <div class={classes!("diff-line", class)}>
            <span class="dim">{ number(line.old) }</span><span class="dim">{ number(line.new) }</span>
            <span>{ mark }</span><span class="diff-text">{ super::content::harmless(&line.text) }<i class="dim">{ cut }{ end }</i></span>
        </div>
    }
}
