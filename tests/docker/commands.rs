//! Commands that the page shows do in a shell what they say.

use std::process::Command;

use lagvis::command::{docker_run, quote};
use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    docker::{Docker, NEEDS},
    opened::Opened,
    tools,
    workdir::Workdir,
};
use serde_json::{Value, json};

/// Settings with everything that a shell could misread.
pub fn settings() -> Value {
    json!({
        "User": "1000:1000",
        "Env": ["PATH=/usr/bin:/bin", "ODD=it's \"odd\" $HOME `id` \\ *\nnext", "EMPTY="],
        "Entrypoint": ["/bin/entry point", "-x"],
        "Cmd": ["--name", "a b", "$(id)"],
        "WorkingDir": "/srv/a b",
        "ExposedPorts": {"443/tcp": {}, "53/udp": {}},
        "Volumes": {"/data": {}, "/var/lib/x": {}},
        "Labels": {"a.b": "c=d e", "quote": "'"},
        "StopSignal": "SIGQUIT",
        "Healthcheck": {"Test": ["CMD-SHELL", "wget -q 'http://localhost' || exit 1"], "Interval": 90_000_000_000_u64, "Timeout": 3_000_000_000_u64, "Retries": 4},
        "Shell": ["/bin/bash", "-c"],
        "OnBuild": ["RUN true"],
    })
}

#[test]
fn quoted_words_come_out_of_a_shell_as_they_were() {
    let words = [
        "", " ", "a b", "it's", "''", "$HOME", "`id`", "a\nb", "\\", "\"", "*", "~", "-n", "!x", "#", "é", "a;b", "&",
        "(", "\t",
    ];
    let command = format!("printf '%s\\0' {}", words.map(quote).join(" "));
    let printed = tools::output(Command::new("sh").args(["-c", &command])).unwrap();
    let printed = String::from_utf8(printed).unwrap();
    assert_eq!(printed.split_terminator('\0').collect::<Vec<_>>(), words);
}

#[test]
fn docker_run_arguments_say_what_the_image_says() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let layer = || Layer::new("COPY x /").file("x", 0o755, "x");
    let full = Image::new("full:1").run(settings()).layer(layer());
    let full = folder.write("full.tar", full.docker_archive(Packing::Plain).unwrap()).unwrap();
    let bare =
        folder.write("bare.tar", Image::new("bare:1").layer(layer()).docker_archive(Packing::Plain).unwrap()).unwrap();
    docker.load(&full).unwrap();
    docker.load(&bare).unwrap();
    // Upon an image that says nothing itself: whatever the container has, it has from the arguments.
    let command =
        docker_run(&Opened::of(&full).unwrap().summary.run, "bare:1").replacen("docker run", "docker create", 1);
    let id = tools::output(Command::new("sh").args(["-c", &command]).env("DOCKER_HOST", docker.host())).unwrap();
    let id = String::from_utf8(id).unwrap().trim().to_owned();
    let made: Value =
        serde_json::from_str(&docker.run(&["inspect", "--format", "{{json .Config}}", &id]).unwrap()).unwrap();
    let wanted = settings();
    // The docker client passes the variables through a map: their order is any.
    assert_eq!(sorted(&made["Env"]), sorted(&wanted["Env"]), "Env by {command}");
    for field in ["User", "WorkingDir", "ExposedPorts", "Volumes", "Labels", "StopSignal"] {
        assert_eq!(made[field], wanted[field], "{field} by {command}");
    }
    assert_eq!(made["Healthcheck"]["Test"], wanted["Healthcheck"]["Test"]);
    for field in ["Interval", "Timeout", "Retries"] {
        assert_eq!(made["Healthcheck"][field], wanted["Healthcheck"][field], "{field}");
    }
    let words = |config: &Value| {
        let list = |field: &str| config[field].as_array().cloned().unwrap_or_default();
        [list("Entrypoint"), list("Cmd")].concat()
    };
    assert_eq!(words(&made), words(&wanted), "what is run");
}

/// The words of a list in one order.
fn sorted(list: &Value) -> Vec<&str> {
    let mut words: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    words.sort_unstable();
    words
}
