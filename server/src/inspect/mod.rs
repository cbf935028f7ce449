//! `lagvis inspect`: the engine on files, folders, pipes and references.

mod args;
mod cat;
mod export;
mod http;
mod layers;
mod problem_text;
mod registry;
mod report;
mod source;
mod spool;
mod within;

use std::{io::Write as _, process::ExitCode};

pub use args::InspectArgs;
use lagvis::{
    opened::OpenedImage,
    problem::{Problem, ProblemKind},
    receipt::{ProblemReceipt, Receipt},
    session::ImageState,
    tree::Tree,
    verify::Verdict,
};

use self::source::open;

/// Runs the command. 0: at least one image is present and every present one verified; 1: opened, but not so; 2: not
/// opened, or what was asked for is not there.
pub fn run(args: &InspectArgs) -> ExitCode {
    match inspect(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(problem) => {
            let Problem { place, detail, kind } = &problem;
            let line = format!("lagvis: {place}: {detail}; {}", problem_text::next_step(*kind));
            // One line, whatever a name brings: no control character reaches the terminal.
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            _ = writeln!(std::io::stderr(), "{line}");
            ExitCode::from(2)
        }
    }
}

fn inspect(args: &InspectArgs) -> Result<bool, Problem> {
    let opened = open(args)?;
    let wanted = choose(args, &opened.images)?;
    let one = [
        ("--files lists", args.files),
        ("--cat reads", args.cat.is_some()),
        ("--export writes", args.export.is_some()),
    ];
    if let Some((option, _)) = one.into_iter().find(|(_, wanted)| *wanted).filter(|_| wanted.len() != 1) {
        let detail = format!("{option} exactly one image, there are {}: choose with --image", wanted.len());
        return Err(Problem::new(ProblemKind::ImageUnknown, opened.name, detail));
    }
    let mut receipt = Receipt::new(opened.kind, opened.name.clone());
    receipt.problems.extend(opened.problems.iter().map(ProblemReceipt::from));
    let mut verdicts = Vec::new();
    let mut listing = None;
    let mut read: Vec<ImageState> = Vec::new();
    for image in wanted {
        let mut state = ImageState::new(image);
        read.iter().for_each(|before| state.share(before));
        layers::read(&opened, &mut state, args.cat.is_some() || args.export.is_some(), args.limits.into())?;
        let tree = state.tree();
        if args.cat.is_some() {
            cat::print(args, &opened, &state, &tree)?;
            return Ok(warn_unless_verified(&state));
        }
        if let Some(target) = &args.export {
            export::write(target, &opened, &state, &tree)?;
        }
        receipt.add(&state, Some(&tree));
        verdicts.push(state.verdict());
        listing = Some(tree);
        read.push(state);
    }
    print(args, &receipt, listing.as_ref()).map_err(|error| {
        Problem::new(ProblemKind::ReadFailed, "standard output", format!("cannot be written: {error}"))
    })?;
    if args.files && !args.json {
        notes(&receipt);
    }
    let mut present = verdicts.iter().filter(|verdict| **verdict != Verdict::Absent).peekable();
    Ok(present.peek().is_some() && present.all(|verdict| *verdict == Verdict::Verified))
}

/// A listing has no room for what is wrong: it is said beside it.
fn notes(receipt: &Receipt) {
    for image in receipt.images.iter().filter(|image| image.verdict != Verdict::Verified) {
        let why = receipt.problems.first().map(|problem| &problem.text);
        let why = why.or(image.warnings.first().map(|warning| &warning.text)).map_or("", String::as_str);
        let verdict = serde_json::to_value(image.verdict).unwrap_or_default();
        _ = writeln!(std::io::stderr(), "lagvis: the image is {}: {why}", verdict.as_str().unwrap_or_default());
    }
}

/// What was printed is verified; the image as a whole may not be, and then another layer may have another file there.
fn warn_unless_verified(state: &ImageState) -> bool {
    let verified = state.verdict() == Verdict::Verified;
    if !verified {
        let left_out = cat::left_out(state, u32::MAX);
        _ = writeln!(std::io::stderr(), "lagvis: the file is verified, but not the image as a whole{left_out}");
    }
    verified
}

/// The images that the arguments name, else all.
fn choose(args: &InspectArgs, images: &[OpenedImage]) -> Result<Vec<OpenedImage>, Problem> {
    let by_platform = |image: &&OpenedImage| match (&args.platform, &image.platform) {
        (Some(wanted), Some(platform)) => platform.answers(wanted),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let named = |image: &OpenedImage, name: &str| {
        let id = image.image_id.as_ref();
        image.names.iter().any(|own| own == name || own.strip_suffix(":latest") == Some(name))
            || id.is_some_and(|id| id.to_string() == name || id.encoded() == name)
    };
    let chosen: Vec<OpenedImage> = match &args.image {
        None => images.iter().filter(by_platform).cloned().collect(),
        // A number means the position, even where a tag looks like one.
        Some(wanted) => match wanted.parse().ok().and_then(|n: usize| images.get(n)) {
            Some(image) => vec![image.clone()],
            None => images.iter().find(|image| named(image, wanted)).cloned().into_iter().collect(),
        },
    };
    if chosen.is_empty() {
        let asked = match (&args.image, &args.platform) {
            (Some(image), _) => format!("no image is called or numbered {image}"),
            (None, Some(platform)) => format!("no image is for {platform}"),
            (None, None) => "it lists no image".to_owned(),
        };
        return Err(Problem::new(ProblemKind::ImageUnknown, args.source.clone(), asked));
    }
    Ok(chosen)
}

fn print(args: &InspectArgs, receipt: &Receipt, tree: Option<&Tree>) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        out.write_all(receipt.to_json().as_bytes())?;
    } else if !args.files {
        report::write(&mut out, receipt, report::Paint::of_stdout())?;
    }
    if args.files {
        for line in tree.into_iter().flat_map(Tree::files) {
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}
