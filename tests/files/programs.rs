//! Programs and libraries of this machine, and some that are compiled here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lagvis::file::{About, Elf, Symbols};
use lagvis_tests::{tools, workdir::Workdir};

/// What `readelf` says of a file, in the summary's words.
fn by_readelf(path: &Path) -> Elf {
    let run =
        |what: &str| tools::output(Command::new("readelf").args(["-W", what]).arg(path).env("LC_ALL", "C")).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (header, segments) = (text(run("-h")), text(run("-l")));
    let (sections, dynamic, notes) = (text(run("-S")), text(run("-d")), text(run("-n")));
    let field = |name: &str| {
        let line = header.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_default();
        line.trim().to_owned()
    };
    let bracket = |line: &str| line.split_once('[').unwrap().1.trim_end_matches(']').to_owned();
    let dynamic_of =
        |tag: &str| -> Vec<String> { dynamic.lines().filter(|line| line.contains(tag)).map(bracket).collect() };
    let needed = dynamic_of("(NEEDED)");
    let soname = dynamic_of("(SONAME)").pop();
    let interpreter = segments.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("[Requesting program interpreter: ")?;
        Some(rest.trim_end_matches(']').to_owned())
    });
    let is_pie = dynamic.lines().any(|line| line.contains("FLAGS_1") && line.contains("PIE"));
    let kind = match field("Type:").split(' ').next().unwrap_or_default() {
        "EXEC" => "executable",
        "REL" => "object file",
        "DYN" if soname.is_none() && (is_pie || interpreter.is_some()) => "position-independent executable",
        _ => "shared library",
    };
    let machine = match field("Machine:").as_str() {
        "Advanced Micro Devices X86-64" => "x86-64",
        "Intel 80386" => "x86 (i386)",
        "AArch64" => "AArch64",
        "Linux BPF" => "BPF",
        other => panic!("a machine that this test does not know: {other}"),
    };
    let abi = match field("OS/ABI:").as_str() {
        "UNIX - System V" => "System V",
        "UNIX - GNU" => "GNU/Linux",
        other => panic!("an ABI that this test does not know: {other}"),
    };
    let has_dynamic = segments.lines().any(|line| line.trim().starts_with("DYNAMIC"));
    let has_load = segments.lines().any(|line| line.trim().starts_with("LOAD"));
    let symbols = match (sections.contains(" .symtab "), sections.contains(" .debug_info ")) {
        (true, true) => Symbols::Debug,
        (true, false) => Symbols::Table,
        _ => Symbols::Stripped,
    };
    Elf {
        bits: if field("Class:") == "ELF64" { 64 } else { 32 },
        big_endian: field("Data:").contains("big"),
        kind: kind.into(),
        machine: machine.into(),
        abi: abi.into(),
        is_static: if has_dynamic { needed.is_empty() && interpreter.is_none() && is_pie } else { has_load },
        interpreter,
        needed,
        soname,
        runpath: dynamic_of("(RUNPATH)").pop().or(dynamic_of("(RPATH)").pop()),
        build_id: notes.lines().find_map(|line| Some(line.split_once("Build ID: ")?.1.trim().to_owned())),
        symbols,
    }
}

fn compare(path: &Path) {
    let (summary, read) = super::examine(path);
    let About::Elf(elf) = &summary.about else { panic!("{}: {summary:?}", path.display()) };
    assert_eq!(**elf, by_readelf(path), "{}", path.display());
    assert_eq!(summary.problem, None, "{}", path.display());
    assert!(
        read <= 4_096 * 40 + summary.size / 8 || summary.size < 1 << 20,
        "{}: {read} of {}",
        path.display(),
        summary.size
    );
}

/// Files of a folder that begin as ELF files do.
fn programs(folder: &str, count: usize) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    let is_elf = |path: &PathBuf| path.is_file() && fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    found.into_iter().filter(is_elf).take(count).collect()
}

#[test]
fn programs_of_this_machine_are_as_readelf_says() {
    if !tools::have(&["readelf"]).unwrap() {
        return;
    }
    let mut all = programs("/usr/bin", 40);
    all.extend(programs("/usr/lib/x86_64-linux-gnu", 40));
    all.extend(
        ["/lib64/ld-linux-x86-64.so.2", "/sbin/ldconfig"].map(PathBuf::from).into_iter().filter(|path| path.is_file()),
    );
    assert!(all.len() > 20, "only {} programs were found", all.len());
    for path in all {
        compare(&path);
    }
}

#[test]
fn compiled_programs_are_as_readelf_says() {
    if !tools::have(&["readelf", "gcc"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let source = folder.write("a.c", "int answer(void) { return 42; }\nint main(void) { return answer(); }\n").unwrap();
    for (name, arguments) in [
        ("object", &["-c"][..]),
        ("debug", &["-g"]),
        ("fixed", &["-no-pie"]),
        ("stripped", &["-s"]),
        ("library.so", &["-shared", "-fPIC", "-Wl,-soname,libanswer.so.1", "-Wl,-rpath,/opt/lib"]),
        ("static", &["-static"]),
        ("static-pie", &["-static-pie"]),
        ("sections", &["-c", "-ffunction-sections", "-m64"]),
        ("narrow", &["-c", "-m32"]),
    ] {
        let path = folder.path().join(name);
        let made = Command::new("gcc").args(arguments).arg("-o").arg(&path).arg(&source).output().unwrap();
        assert!(made.status.success(), "gcc {arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
        compare(&path);
    }
}
