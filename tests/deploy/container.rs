//! The container image, built by buildah and run with nothing but what is in it.

use std::process::Command;

use lagvis_tests::{
    http,
    service::{Service, free_port},
    tools,
    workdir::Workdir,
};

const NEEDS: [&str; 3] = ["buildah", "chroot", "/etc/ssl/certs/ca-certificates.crt"];

#[test]
fn the_image_holds_all_that_the_server_needs() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let storage = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
        at("graph").display(),
        at("run").display()
    );
    let storage = folder.write("storage.conf", storage).unwrap();
    let mut build = Command::new(tools::root().join("deploy/container/build.sh"));
    build.arg(tools::lagvis().unwrap()).arg(tools::site().unwrap()).arg("lagvis-test");
    tools::output(build.env("CONTAINERS_STORAGE_CONF", &storage)).unwrap();
    let buildah = |arguments: &[&str]| {
        let mut command = Command::new("buildah");
        let output = tools::output(command.args(arguments).env("CONTAINERS_STORAGE_CONF", &storage)).unwrap();
        String::from_utf8(output).unwrap().trim().to_owned()
    };
    let config: serde_json::Value =
        serde_json::from_str(&buildah(&["inspect", "--type", "image", "lagvis-test"])).unwrap();
    assert_eq!(config["OCIv1"]["config"]["User"], "65534:65534");
    assert_eq!(config["OCIv1"]["config"]["Entrypoint"][0], "/usr/local/bin/lagvis");
    let container = buildah(&["from", "lagvis-test"]);
    let root = buildah(&["mount", &container]);
    let port = free_port().unwrap();
    // Its own root, and nothing of this machine's: a library that is missing would show.
    let mut command = Command::new(tools::find("chroot").unwrap());
    command.args(["--userspec=65534:65534", &root, "/usr/local/bin/lagvis", "serve"]);
    command.env_clear().env("LAGVIS_LISTEN", format!("127.0.0.1:{port}")).env("LAGVIS_SITE", "/srv/lagvis");
    let mut service = Service::start(&mut command).unwrap();
    service.wait_for_port(port).unwrap();
    let url = format!("http://127.0.0.1:{port}");
    assert_eq!(http::get(&format!("{url}/healthz"), &[]).unwrap().text(), "ok\n");
    assert!(http::get(&format!("{url}/"), &[]).unwrap().text().contains("Lagvis"));
    // No network here: what shows is that names are looked up, and that certificates were read.
    let away = http::get(&format!("{url}/v2/a/manifests/1?ns=ghcr.io"), &[]).unwrap();
    assert_eq!(away.status, 502);
    assert!(!away.text().contains("certificate"), "{}", away.text());
    drop(service);
    buildah(&["umount", &container]);
    buildah(&["rm", &container]);
    buildah(&["rmi", "lagvis-test"]);
}
