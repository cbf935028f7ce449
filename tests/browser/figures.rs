//! What the page says of an image that Docker made and saved is what Docker says of it: settings, history, the sizes and
//! ids of its layers.

use std::{collections::BTreeMap, process::Command};

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    docker::{Docker, NEEDS as DOCKER},
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::{Value, json};

/// What is set when the image is made, with what a page could show wrongly.
const CHANGES: [&str; 8] = [
    "USER 1000:1000",
    "ENV ODD=\"it's <b>odd</b> = $x\"",
    "WORKDIR \"/srv/a b\"",
    "ENTRYPOINT [\"/bin/entry point\", \"-x\"]",
    "CMD [\"--name\", \"a b\"]",
    "EXPOSE 53/udp 443",
    "VOLUME [\"/data\", \"/var/lib/x\"]",
    "LABEL quote=\"'\" a.b=\"c=d e\"",
];

/// An image that Docker itself committed; its archive.
fn committed(docker: &Docker, folder: &Workdir) -> std::path::PathBuf {
    docker.load(&folder.write("sample.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap()).unwrap();
    let id = docker.run(&["create", "--stop-signal", "SIGQUIT", lagvis_fixtures::SAMPLE_NAME, "/none"]).unwrap();
    let (id, new) = (id.trim(), folder.write("new file", "thirteen bytes").unwrap());
    docker.run(&["cp", &new.display().to_string(), &format!("{id}:/etc/")]).unwrap();
    let mut commit = vec!["commit", "--author", "Ann <ann@example.org>", "--message", "with a message"];
    commit.extend(CHANGES.iter().flat_map(|change| ["--change", change]));
    commit.extend([id, "figures:1"]);
    docker.run(&commit).unwrap();
    let file = folder.path().join("figures.tar");
    docker.run(&["save", "--output", &file.display().to_string(), "figures:1"]).unwrap();
    file
}

/// The terms and values of what carries the hook.
async fn facts(page: &Page, hook: &str) -> BTreeMap<String, String> {
    let script = format!(
        "const list = document.querySelector(\"[data-testid='{hook}']\"); return list && [...list.querySelectorAll('dt')].map(dt => \
         [(dt.firstChild?.textContent ?? dt.textContent).trim(), dt.nextElementSibling.dataset.bytes ?? dt.nextElementSibling.textContent])"
    );
    serde_json::from_value::<Vec<(String, String)>>(page.wait(hook, &script).await.unwrap())
        .unwrap()
        .into_iter()
        .collect()
}

/// Keys of a JSON object as the page lists them.
fn keys(object: &Value) -> String {
    object.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(", ")
}

async fn settings_are(page: &Page, told: &Value) {
    page.click("tab-config").await.unwrap();
    let config = &told["Config"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let settings = facts(page, "settings").await;
    for (name, theirs) in [
        ("Entrypoint", config["Entrypoint"].to_string()),
        ("Command", config["Cmd"].to_string()),
        ("User", text(&config["User"])),
        ("Working folder", text(&config["WorkingDir"])),
        ("Ports", keys(&config["ExposedPorts"])),
        ("Volumes", keys(&config["Volumes"])),
        ("Stop signal", text(&config["StopSignal"])),
        ("Platform", format!("{}/{}", text(&told["Os"]), text(&told["Architecture"]))),
        ("Created", text(&told["Created"])),
        ("Author", text(&told["Author"])),
    ] {
        assert_eq!(settings.get(name), Some(&theirs), "{name} in {settings:?}");
    }
    let pairs: BTreeMap<String, String> = config["Env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(facts(page, "environment").await, pairs);
    assert_eq!(json!(facts(page, "labels").await), config["Labels"]);
}

async fn history_is(page: &Page, docker: &Docker) {
    let told = docker.run(&["history", "--no-trunc", "--human=false", "--format", "json", "figures:1"]).unwrap();
    let mut theirs: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    theirs.reverse();
    let script = "return [...document.querySelectorAll(\"[data-testid='history-step']\")].map(step => \
                  ({by: step.dataset.createdBy, size: step.dataset.size ?? '0', at: step.dataset.created, text: step.textContent}))";
    let ours = page.script(script).await.unwrap();
    assert_eq!(ours.as_array().unwrap().len(), theirs.len());
    for (ours, theirs) in ours.as_array().unwrap().iter().zip(&theirs) {
        assert_eq!((&ours["by"], &ours["size"]), (&theirs["CreatedBy"], &theirs["Size"]));
        // docker history prints whole seconds, of this machine's zone: UTC by its environment.
        assert_eq!(ours["at"].as_str().map(|at| &at[..19]), theirs["CreatedAt"].as_str().map(|at| &at[..19]));
        let (text, comment) = (ours["text"].as_str().unwrap(), theirs["Comment"].as_str().unwrap());
        assert!(text.contains(comment), "{comment} in {text}");
    }
    assert!(theirs.last().unwrap()["Comment"] == "with a message", "Docker told all: {theirs:?}");
}

/// Prints what a shell does.
fn shell(docker: &Docker, command: &str) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env("DOCKER_HOST", docker.host());
    String::from_utf8(tools::output(&mut shell).unwrap()).unwrap().trim().to_owned()
}

async fn layers_are(page: &Page, docker: &Docker, told: &Value, file: &str) {
    let manifest: Value = serde_json::from_str(&shell(docker, &format!("tar -xOf {file} manifest.json"))).unwrap();
    let members = manifest[0]["Layers"].as_array().unwrap();
    let diff_ids = told["RootFS"]["Layers"].as_array().unwrap();
    assert_eq!(members.len(), diff_ids.len());
    let mut chain = String::new();
    for (index, (member, diff_id)) in members.iter().zip(diff_ids).enumerate() {
        page.script(&format!("document.querySelectorAll(\"[data-testid='layer-row']\")[{index}].click()"))
            .await
            .unwrap();
        let is_shown =
            format!("return document.querySelector(\"[data-testid='layer-detail']\")?.dataset.index == '{index}'");
        page.wait("the layer's panel", &is_shown).await.unwrap();
        let script = "return [...document.querySelectorAll(\"[data-testid='layer-detail'] > .id\")].filter(id => id.querySelector('b')).map(id => \
                      [id.querySelector('b').textContent, id.querySelector('code, .value, .full')?.textContent])";
        let ids = page.script(script).await.unwrap();
        let id = |name: &str| ids.as_array().unwrap().iter().find(|id| id[0] == name).map(|id| id[1].clone());
        let diff_id = diff_id.as_str().unwrap();
        chain = match index {
            0 => diff_id.to_owned(),
            _ => shell(
                docker,
                &format!("printf 'sha256:%s' $(printf '%s %s' {chain} {diff_id} | sha256sum | cut -d' ' -f1)"),
            ),
        };
        assert_eq!(id("DiffID"), Some(json!(diff_id)), "layer {index}: {ids}");
        assert_eq!(id("ChainID"), Some(json!(chain)), "layer {index}: {ids}");
        // Docker keeps what it knows of a layer under its chainID.
        let encoded = chain.trim_start_matches("sha256:");
        let known = format!("$(docker info --format '{{{{.DockerRootDir}}}}')/image/vfs/layerdb/sha256/{encoded}");
        assert_eq!(shell(docker, &format!("cat {known}/diff")), diff_id);
        let facts = facts(page, "layer-detail").await;
        assert_eq!(facts["Its files"], shell(docker, &format!("cat {known}/size")), "layer {index}");
        let member = member.as_str().unwrap();
        let bytes = shell(docker, &format!("tar -xOf {file} {member} | wc -c"));
        assert_eq!((&facts["Transported"], &facts["Unpacked"]), (&bytes, &bytes), "layer {index}");
    }
}

#[tokio::test]
async fn settings_history_sizes_and_ids_are_dockers() {
    if !tools::have(&[&NEEDS[..], &DOCKER, &["sh", "tar", "sha256sum"]].concat()).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let file = committed(&docker, &folder);
    let told: Value = serde_json::from_str(&docker.run(&["image", "inspect", "figures:1"]).unwrap()).unwrap();
    let told = &told[0];
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    settings_are(&page, told).await;
    history_is(&page, &docker).await;
    layers_are(&page, &docker, told, &file.display().to_string()).await;
    page.close().await.unwrap();
}
