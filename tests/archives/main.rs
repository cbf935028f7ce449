//! `lagvis inspect` on every shape of file that people have.

mod damage;
mod limits;
mod redo;

use std::{collections::BTreeSet, process::Command};

use lagvis_tests::{
    catalogue::{self, Case},
    tools,
    workdir::Workdir,
};
use serde_json::Value;

/// Checks a case, and gives what differs from what is to be said of it.
fn check(case: &Case) -> Result<(), String> {
    let output = Command::new(tools::lagvis().unwrap()).args(["inspect", "--json"]).arg(&case.path).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let fail = |text: String| Err(format!("{}: {text}; {stderr}", case.name));
    if output.status.code() != Some(case.exit) {
        return fail(format!("exit status {:?}, not {}", output.status.code(), case.exit));
    }
    let receipt: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("{}: {error}", case.name))?;
    if receipt["source"]["kind"] != case.kind {
        return fail(format!("the kind is {}, not {}", receipt["source"]["kind"], case.kind));
    }
    let images = receipt["images"].as_array().cloned().unwrap_or_default();
    let verdicts: Vec<&str> = images.iter().filter_map(|image| image["verdict"].as_str()).collect();
    if verdicts != case.verdicts {
        return fail(format!("the verdicts are {verdicts:?}, not {:?}: {}", case.verdicts, receipt["problems"]));
    }
    let said: BTreeSet<String> = images
        .iter()
        .filter_map(|image| image["warnings"].as_array())
        .chain(receipt["problems"].as_array())
        .flatten()
        .filter_map(|item| item["kind"].as_str().map(str::to_owned))
        .collect();
    match case.says.iter().find(|kind| !said.contains(**kind)) {
        Some(kind) => fail(format!("{kind} is not among {said:?}")),
        None => Ok(()),
    }
}

fn check_all(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn shapes_by_our_generator() {
    let folder = Workdir::new().unwrap();
    check_all(&catalogue::generated(&folder).unwrap());
}

#[test]
fn shapes_by_real_tools() {
    if !tools::have(&catalogue::NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    check_all(&catalogue::made_by_tools(&folder).unwrap());
}
