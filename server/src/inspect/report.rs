//! The summary for people.

use std::io::{self, IsTerminal as _, Write};

use lagvis::{
    receipt::{ImageReceipt, Receipt},
    verify::{AnchorKind, CheckState, Verdict},
};

/// Colours of a terminal; plain text elsewhere, and where NO_COLOR is set.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    on: bool,
}

/// SGR parameters.
#[derive(Clone, Copy)]
enum Colour {
    Good = 32,
    Bad = 31,
    Doubt = 33,
    Dim = 2,
}

impl Paint {
    /// As standard output wants it.
    pub(super) fn of_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: io::stdout().is_terminal() && !refused }
    }

    fn text(self, colour: Colour, text: &str) -> String {
        if self.on { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
    }
}

/// Writes the summary of a receipt.
pub(super) fn write(out: &mut impl Write, receipt: &Receipt, paint: Paint) -> io::Result<()> {
    for (number, image) in receipt.images.iter().enumerate() {
        if receipt.images.len() > 1 {
            let heading = format!("{}image {number}", if number > 0 { "\n" } else { "" });
            writeln!(out, "{}", paint.text(Colour::Dim, &heading))?;
        }
        write_image(out, image, paint)?;
    }
    for problem in &receipt.problems {
        let label = paint.text(Colour::Bad, "problem");
        writeln!(out, "{label}: {}: {} ({})", problem.place, problem.text, problem.kind)?;
    }
    Ok(())
}

fn write_image(out: &mut impl Write, image: &ImageReceipt, paint: Paint) -> io::Result<()> {
    let none = || "none".to_owned();
    let names = if image.names.is_empty() { none() } else { image.names.join(", ") };
    let id = |digest: &Option<lagvis::image::Digest>| digest.as_ref().map_or_else(none, ToString::to_string);
    writeln!(out, "names     {names}")?;
    writeln!(out, "image ID  {}", id(&image.image_id))?;
    writeln!(out, "manifest  {}", id(&image.manifest_digest))?;
    writeln!(out, "platform  {}", image.platform.clone().unwrap_or_else(none))?;
    let verified = image.checks.iter().filter(|check| check.state == CheckState::Verified).count();
    let anchor = match image.anchor.kind {
        AnchorKind::Digest => format!("matches {}", image.anchor.value),
        AnchorKind::Tag => format!("as told by {}", image.anchor.value),
        AnchorKind::None => "consistent with itself; compare the image ID".to_owned(),
    };
    let verdict = match image.verdict {
        Verdict::Verified => paint.text(Colour::Good, "verified"),
        Verdict::Mismatched => paint.text(Colour::Bad, "MISMATCHED"),
        Verdict::Unverifiable => paint.text(Colour::Doubt, "unverifiable"),
        Verdict::Absent => paint.text(Colour::Doubt, "absent"),
    };
    writeln!(out, "verdict   {verdict}, {verified} of {} checks ({anchor})", image.checks.len())?;
    let heading = "  #     size unpacked entries  diffID        instruction";
    writeln!(out, "\n{}", paint.text(Colour::Dim, heading))?;
    for (index, layer) in image.layers.iter().enumerate() {
        let size = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), decimal);
        let diff_id = layer.diff_id.as_ref().map_or("-", |digest| digest.short());
        let by: String =
            layer.created_by.as_deref().unwrap_or_default().chars().filter(|c| !c.is_control()).take(60).collect();
        writeln!(
            out,
            "{index:>3} {:>8} {:>8} {:>7}  {diff_id:<12}  {by}",
            size(layer.size),
            size(layer.uncompressed_size),
            layer.entries.map_or_else(|| "-".to_owned(), |n| n.to_string()),
        )?;
    }
    for check in image.checks.iter().filter(|check| check.state == CheckState::Mismatched) {
        let actual = check.actual.as_deref().unwrap_or("not computed");
        let label = paint.text(Colour::Bad, "mismatch");
        writeln!(out, "{label}: {}: expected {}, actual {actual}", check.subject, check.expected)?;
    }
    for warning in &image.warnings {
        let path = warning.path.as_deref().unwrap_or_default();
        let label = paint.text(Colour::Doubt, "warning");
        writeln!(out, "{label}: {} {path}", warning.text)?;
    }
    Ok(())
}

/// Decimal units with three digits, as Docker prints them.
fn decimal(bytes: u64) -> String {
    let mut unit = 1u64;
    for name in ["B", "kB", "MB", "GB", "TB"] {
        if bytes < unit.saturating_mul(1000) || name == "TB" {
            let (whole, tenth) = (bytes / unit, bytes % unit * 10 / unit);
            return if unit == 1 || whole >= 100 {
                format!("{whole} {name}")
            } else {
                format!("{whole}.{tenth} {name}")
            };
        }
        unit *= 1000;
    }
    bytes.to_string()
}
