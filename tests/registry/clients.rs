//! Other clients pull through the proxy: skopeo, podman and dockerd, from registries that are open, want a password, or
//! a token that a token server signed.

use std::{path::Path, process::Command};

use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    docker::{Docker, NEEDS as DOCKER},
    registry::{NEEDS, PERSON_ONLY, Registry},
    service::{Lagvis, free_port},
    token_server::{NEEDS as TOKENS, PERSON, TokenServer},
    tools,
    workdir::Workdir,
};

/// The sample as a file.
fn archive(folder: &Workdir) -> String {
    let file = folder.write("sample.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    format!("oci-archive:{}", file.display())
}

/// A proxy for one registry, which docker, podman and skopeo can log in at.
fn with_login(registry: &Registry) -> Lagvis {
    let listen = format!("127.0.0.1:{}", free_port().unwrap());
    let url = format!("http://{listen}");
    Lagvis::proxy(&[
        "--listen",
        &listen,
        "--login-url",
        &url,
        "--plain-http",
        &registry.host,
        "--default-registry",
        &registry.host,
    ])
    .unwrap()
}

/// Copies from the proxy with skopeo into a new folder; what it said, and whether it went well.
fn copy(name: &str, lagvis: &Lagvis, to: &Path, credentials: Option<&str>) -> (bool, String) {
    let mut command = Command::new("skopeo");
    command.args(["copy", "--src-tls-verify=false", "--preserve-digests"]);
    if let Some(credentials) = credentials {
        command.args(["--src-creds", credentials]);
    }
    command.arg(format!("docker://{}/{name}", lagvis.host())).arg(format!("dir:{}", to.display()));
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn skopeo_copies_through_the_proxy_what_the_registry_has() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&archive(&folder), "demo/app:1").unwrap();
    let plain = Lagvis::proxy(&["--plain-http", &registry.host, "--default-registry", &registry.host]).unwrap();
    for (number, lagvis) in [plain, with_login(&registry)].iter().enumerate() {
        let to = folder.path().join(number.to_string());
        let (is_copied, said) = copy("demo/app:1", lagvis, &to, None);
        assert!(is_copied, "{said}");
        let manifest = std::fs::read(to.join("manifest.json")).unwrap();
        let digest = lagvis::image::Digest::of(&manifest);
        assert_eq!(manifest, std::fs::read(registry.blob(&digest.to_string())).unwrap());
    }
}

#[test]
fn skopeo_logs_in_where_a_password_or_a_signed_token_is_wanted() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&TOKENS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let archive = archive(&folder);
    let server = TokenServer::start().unwrap();
    let registries = [Registry::start(Some(PERSON_ONLY)).unwrap(), Registry::start_with_tokens(&server).unwrap()];
    let (right, wrong) = (format!("{}:{}", PERSON.0, PERSON.1), format!("{}:wrong", PERSON.0));
    for (number, registry) in registries.iter().enumerate() {
        registry.push_as_person(&archive, "demo/app:1").unwrap();
        let lagvis = with_login(registry);
        let to = |which: &str| folder.path().join(format!("{which}{number}"));
        let (is_copied, said) = copy("demo/app:1", &lagvis, &to("right"), Some(&right));
        assert!(is_copied, "{said}");
        for credentials in [None, Some(wrong.as_str())] {
            let (is_copied, said) = copy("demo/app:1", &lagvis, &to("wrong"), credentials);
            assert!(
                !is_copied && (said.contains("unauthorized") || said.contains("authentication required")),
                "{said}"
            );
        }
    }
    // Nobody's token is not somebody's: the proxy asked for each, for pulling alone.
    let asked = server.asked();
    let proxys: Vec<_> = asked.iter().filter(|asked| !asked.target.contains("push")).collect();
    assert!(proxys.iter().any(|asked| asked.authorization.is_empty()), "{asked:?}");
    assert!(
        proxys.iter().any(|asked| !asked.authorization.is_empty() && asked.target.contains("demo%2Fapp%3Apull")),
        "{asked:?}"
    );
}

#[test]
fn what_anybody_may_pull_needs_no_password_of_a_registry_with_signed_tokens() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&TOKENS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let server = TokenServer::start().unwrap();
    let registry = Registry::start_with_tokens(&server).unwrap();
    registry.push_as_person(&archive(&folder), "open/app:1").unwrap();
    let lagvis = with_login(&registry);
    let (is_copied, said) = copy("open/app:1", &lagvis, &folder.path().join("copy"), None);
    assert!(is_copied, "{said}");
}

#[test]
fn podman_pulls_from_the_proxy_as_a_mirror_and_logs_in() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&["podman"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let archive = archive(&folder);
    let open = Registry::start(None).unwrap();
    open.push(&archive, "demo/app:1").unwrap();
    let closed = Registry::start(Some(PERSON_ONLY)).unwrap();
    closed.push_as_person(&archive, "demo/app:1").unwrap();
    let (mirror, login) = (with_login(&open), with_login(&closed));
    let configuration = format!(
        "[[registry]]\nlocation = \"images.example\"\n[[registry.mirror]]\nlocation = \"{}\"\ninsecure = true\n",
        mirror.host()
    );
    let configuration = folder.write("registries.conf", configuration).unwrap();
    let policy = folder.write("policy.json", r#"{"default": [{"type": "insecureAcceptAnything"}]}"#).unwrap();
    let logins = folder.write("auth.json", "{}").unwrap();
    let podman = |arguments: &[&str]| {
        let mut command = Command::new("podman");
        command.arg("--root").arg(folder.path().join("root")).arg("--runroot").arg(folder.path().join("run"));
        command.args(["--storage-driver", "vfs"]).args(arguments);
        command.env("CONTAINERS_REGISTRIES_CONF", &configuration).env("REGISTRY_AUTH_FILE", &logins);
        command
    };
    let pull = |name: &str| {
        let mut command = podman(&["pull", "--quiet", "--tls-verify=false", "--signature-policy"]);
        tools::output(command.arg(&policy).arg(name))
    };
    pull("images.example/demo/app:1").unwrap();
    let private = format!("{}/demo/app:1", login.host());
    assert!(pull(&private).is_err());
    tools::output(
        podman(&["login", "--tls-verify=false", "--username", PERSON.0, "--password", PERSON.1]).arg(login.host()),
    )
    .unwrap();
    pull(&private).unwrap();
    let id = |name: &str| tools::output(&mut podman(&["image", "inspect", "--format", "{{.Id}}", name])).unwrap();
    assert_eq!(id("images.example/demo/app:1"), id(&private));
}

#[test]
fn dockerd_pulls_from_the_proxy_as_its_mirror_and_logs_in() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&DOCKER).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let archive = archive(&folder);
    let open = Registry::start(None).unwrap();
    open.push(&archive, "library/lagvis-sample:1").unwrap();
    let closed = Registry::start(Some(PERSON_ONLY)).unwrap();
    closed.push_as_person(&archive, "demo/app:1").unwrap();
    let (mirror, login) = (with_login(&open), with_login(&closed));
    let docker = Docker::start_as("vfs", &["--registry-mirror", mirror.url.trim_end_matches('/')]).unwrap();
    docker.run(&["pull", "--quiet", "lagvis-sample:1"]).unwrap();
    let private = format!("{}/demo/app:1", login.host());
    assert!(docker.run(&["pull", "--quiet", &private]).is_err());
    docker.run(&["login", "--username", PERSON.0, "--password", PERSON.1, login.host()]).unwrap();
    docker.run(&["pull", "--quiet", &private]).unwrap();
    let id = |name: &str| docker.run(&["image", "inspect", "--format", "{{.Id}}", name]).unwrap();
    assert_eq!(id("lagvis-sample:1"), id(&private));
}
