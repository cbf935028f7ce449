//! What differs between two configs, field by field. Layers and history are told elsewhere.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{limits, protocol::Changed};

/// Characters of a value that are shown.
const VALUE: usize = 2_000;

/// The fields that differ, in order, and how many more there are. What is no JSON has no fields.
pub(super) fn differences(old: &str, new: &str) -> (Vec<Changed>, u64) {
    let (old, new) = (fields(old), fields(new));
    let mut changed = Vec::new();
    let mut more = 0;
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        if before == after {
            continue;
        }
        if changed.len() >= limits::CONFIG_DIFFERENCES {
            more += 1;
            continue;
        }
        let shown = |value: &String| value.chars().take(VALUE).collect();
        changed.push(Changed { field: name.clone(), old: before.map(shown), new: after.map(shown) });
    }
    (changed, more)
}

fn fields(text: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Ok(Value::Object(config)) = serde_json::from_str(text) {
        for (name, value) in config {
            if name != "rootfs" && name != "history" {
                add(&mut fields, name, value);
            }
        }
    }
    fields
}

/// Objects field by field, the environment variable by variable, other lists whole.
fn add(fields: &mut BTreeMap<String, String>, path: String, value: Value) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                add(fields, format!("{path}.{name}"), value);
            }
        }
        Value::Array(list) if path.ends_with(".Env") => {
            for (index, entry) in list.into_iter().enumerate() {
                let text = entry.as_str().unwrap_or_default();
                let (name, value) = text.split_once('=').unwrap_or((text, ""));
                // A variable that is there twice would hide its first value.
                let twice = fields.contains_key(&format!("{path} {name}"));
                let nth = if twice { format!(" ({index})") } else { String::new() };
                fields.insert(format!("{path} {name}{nth}"), Value::String(value.to_owned()).to_string());
            }
        }
        // What is empty is as what is not there: tools differ in which of the two they write.
        Value::Null => {}
        Value::Array(list) if list.is_empty() => {}
        Value::Object(_) => {}
        Value::String(text) if text.is_empty() => {}
        value => {
            fields.insert(path, value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let word = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let (changed, more) = differences(old, new);
        assert_eq!(more, 0);
        changed
            .into_iter()
            .map(|changed| format!("{}: {} → {}", changed.field, word(changed.old), word(changed.new)))
            .collect()
    }

    #[test]
    fn fields_variables_and_what_is_empty() {
        let old = r#"{"os":"linux","config":{"Env":["PATH=/bin","A=1"],"Cmd":["sh"],"Labels":{"x":"1","y":"2"},"User":""},
            "rootfs":{"diff_ids":["a"]},"history":[1]}"#;
        let new = r#"{"os":"linux","config":{"Env":["PATH=/bin:/sbin"],"Cmd":["sh","-c"],"Labels":{"x":"1","z":"3"},"Volumes":null},
            "rootfs":{"diff_ids":["b"]},"history":[2],"author":"me"}"#;
        assert_eq!(
            told(old, new),
            [
                r#"author: - → "me""#,
                r#"config.Cmd: ["sh"] → ["sh","-c"]"#,
                r#"config.Env A: "1" → -"#,
                r#"config.Env PATH: "/bin" → "/bin:/sbin""#,
                r#"config.Labels.y: "2" → -"#,
                r#"config.Labels.z: - → "3""#,
            ]
        );
        assert_eq!(told(old, old), Vec::<String>::new());
        assert_eq!(told("", "{"), Vec::<String>::new());
        assert_eq!(told("{\"config\":{\"Env\":[\"A=1\",\"A=2\"]}}", "{}").len(), 2);
    }

    #[test]
    fn more_differences_than_are_listed_are_counted() {
        let labels: Vec<String> = (0..limits::CONFIG_DIFFERENCES + 3).map(|n| format!("\"l{n}\":\"x\"")).collect();
        let (changed, more) = differences("{}", &format!("{{\"config\":{{\"Labels\":{{{}}}}}}}", labels.join(",")));
        assert_eq!((changed.len(), more), (limits::CONFIG_DIFFERENCES, 3));
    }
}
