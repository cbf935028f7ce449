//! What people paste instead of a reference: commands, lines of files, web addresses; with what is most likely meant.

use super::Reference;

/// What a text is, and the reference that is most likely meant; none when it is neither a command nor an address.
pub(super) fn meant(text: &str) -> Option<(&'static str, String)> {
    let words = words(text);
    let (what, offer) = match of_command(&words) {
        Some(offer) => ("a command", offer),
        None => match of_line(&words) {
            Some(offer) => ("a line of a file", offer),
            None => ("a web address", of_address(text)?),
        },
    };
    Some((what, offer.trim_start_matches("docker://").to_owned()))
}

/// Words as a shell takes them, without a prompt, `sudo`, settings of the environment and line ends.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => words.push(String::new()),
            (c, _) => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    let is_setting = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
    };
    let mut words: Vec<String> = words.into_iter().filter(|word| !word.is_empty() && word != "\\").collect();
    while words.len() > 1
        && words.first().is_some_and(|word| matches!(word.as_str(), "$" | "#" | "%" | ">" | "sudo") || is_setting(word))
    {
        words.remove(0);
    }
    words
}

/// Options of `docker run`, `create` and `pull`, and podman's, that take no value: of any other the next word is one.
const FLAGS: [&str; 22] = [
    "all-tags",
    "detach",
    "disable-content-trust",
    "help",
    "init",
    "interactive",
    "no-healthcheck",
    "no-hosts",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "quiet",
    "read-only",
    "replace",
    "rm",
    "rmi",
    "sig-proxy",
    "tls-verify",
    "tty",
    "unsetenv-all",
    "use-api-socket",
    "rootfs",
];
/// The same of one letter.
const LETTERS: &str = "aditPqT";

fn of_command(words: &[String]) -> Option<String> {
    let at = |index: usize| words.get(index).map(String::as_str);
    let program = at(0)?.rsplit('/').next()?;
    match program {
        "docker" | "podman" | "nerdctl" | "buildah" | "finch" => {
            let group = matches!(at(1)?, "image" | "container");
            let verb = at(if group { 2 } else { 1 })?;
            let rest = words.get(if group { 3 } else { 2 }..)?;
            match verb {
                "run" | "create" | "pull" | "push" | "inspect" | "history" | "save" | "from" | "tag" => {
                    first_argument(rest)
                }
                _ => None,
            }
        }
        "skopeo" => words.iter().skip(2).find_map(|word| word.strip_prefix("docker://")).map(str::to_owned),
        "crane" | "oras" | "regctl" | "cosign" | "syft" | "trivy" | "grype" | "dive" => {
            words.iter().skip(1).rfind(|word| !word.starts_with('-') && word.contains(['/', ':'])).cloned()
        }
        _ => None,
    }
}

/// The first word that is neither an option nor the value of one.
fn first_argument(words: &[String]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            return words.next().cloned();
        }
        let takes_value = match (word.strip_prefix("--"), word.strip_prefix('-')) {
            (Some(long), _) => !long.contains('=') && !FLAGS.contains(&long),
            // Letters together: with `-p80:80` the value is attached, with `-itp 80:80` it follows.
            (None, Some(short)) => {
                short.chars().all(|c| LETTERS.contains(c) || short.ends_with(c))
                    && short.chars().last().is_some_and(|c| !LETTERS.contains(c))
            }
            (None, None) => return Some(word.clone()),
        };
        if takes_value {
            words.next();
        }
    }
    None
}

/// `FROM image AS stage` of a Dockerfile, `image: image` of Compose or Kubernetes.
fn of_line(words: &[String]) -> Option<String> {
    let at = |index: usize| words.get(index).map(String::as_str);
    match at(0)? {
        "FROM" => words.iter().skip(1).find(|word| !word.starts_with("--")).cloned(),
        "image:" => at(1).map(str::to_owned),
        "-" if at(1) == Some("image:") => at(2).map(str::to_owned),
        _ => None,
    }
}

/// What a web address of a registry's pages or of its API shows.
fn of_address(text: &str) -> Option<String> {
    let schemes = ["https://", "http://", "docker://", "oci://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).or_else(|| {
        // As browsers show it.
        text.starts_with("hub.docker.com/").then_some(text)
    })?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let rest = rest.split('#').next().unwrap_or_default().trim_end_matches('/');
    let query = query.split('#').next().unwrap_or_default();
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let found = match (host, parts.as_slice()) {
        ("hub.docker.com", ["_", name, ..]) => (*name).to_owned(),
        ("hub.docker.com", ["r" | "repository", "docker", owner, name, ..] | ["r", owner, name, ..]) => {
            format!("{owner}/{name}")
        }
        ("hub.docker.com", ["layers", owner, name, tag, ..]) => format!("{owner}/{name}:{tag}"),
        ("hub.docker.com", ["layers", owner, name]) => format!("{owner}/{name}"),
        ("github.com", [owner, _, "pkgs", "container", name, ..])
        | ("github.com", ["orgs" | "users", owner, "packages", "container", "package" | "pkg", name, ..]) => {
            let name = name.replace("%2F", "/").replace("%2f", "/");
            tagged(format!("ghcr.io/{owner}/{name}").to_lowercase(), parameter("tag"))
        }
        ("quay.io", ["repository", owner, name, "manifest", digest, ..]) => format!("quay.io/{owner}/{name}@{digest}"),
        ("quay.io", ["repository", owner, name, ..]) => tagged(format!("quay.io/{owner}/{name}"), parameter("tag")),
        ("console.cloud.google.com", ["gcr", "images", project, location, name @ ..]) if !name.is_empty() => {
            let host = match location.to_lowercase().as_str() {
                "global" => "gcr.io".to_owned(),
                region => format!("{region}.gcr.io"),
            };
            format!("{host}/{project}/{}", name.join("/"))
        }
        ("console.cloud.google.com", ["artifacts", "docker", project, location, repository, name, ..]) => {
            let (name, digest) = name.split_once("@").map_or((*name, None), |(name, digest)| (name, Some(digest)));
            let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
            format!("{location}-docker.pkg.dev/{project}/{repository}/{name}{digest}")
        }
        ("mcr.microsoft.com", parts) => match parts {
            [.., "tags" | "about"]
            | [_, "product" | "catalog", ..]
            | ["product" | "catalog", ..]
            | [_, "artifact", ..] => {
                let skip = parts.iter().position(|part| matches!(*part, "product" | "catalog" | "artifact"));
                let names = parts.iter().skip(skip.map_or(0, |skip| skip + 1));
                let names: Vec<&str> =
                    names.copied().filter(|part| !matches!(*part, "tags" | "about" | "mar")).collect();
                format!("mcr.microsoft.com/{}", names.join("/"))
            }
            _ => rest.to_owned(),
        },
        ("gallery.ecr.aws", [owner, name @ ..]) if !name.is_empty() => {
            format!("public.ecr.aws/{owner}/{}", name.join("/"))
        }
        (_, ["v2", names @ .., "manifests", which]) if !names.is_empty() => {
            let mark = if which.contains(':') { '@' } else { ':' };
            let host = if host == "registry-1.docker.io" { "docker.io" } else { host };
            format!("{host}/{}{mark}{which}", names.join("/"))
        }
        (_, ["v2", names @ .., "tags", "list"]) if !names.is_empty() => format!("{host}/{}", names.join("/")),
        _ => rest.to_owned(),
    };
    Some(found)
}

/// With a tag, if it makes a reference.
fn tagged(name: String, tag: Option<&str>) -> String {
    match tag.map(|tag| format!("{name}:{tag}")).filter(|tagged| Reference::parse(tagged).is_ok()) {
        Some(tagged) => tagged,
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(text: &str) -> String {
        let (what, offer) = meant(text).unwrap_or_else(|| panic!("{text} is not understood"));
        assert!(Reference::parse(&offer).is_ok(), "{text} is {what}: {offer} is no reference");
        offer
    }

    #[test]
    fn commands() {
        for (text, expected) in [
            ("docker pull nginx:1.27", "nginx:1.27"),
            ("$ sudo docker pull nginx", "nginx"),
            ("docker image pull --platform linux/arm64 nginx", "nginx"),
            ("docker pull --platform=linux/arm64 -q nginx", "nginx"),
            ("podman pull --quiet quay.io/a/b", "quay.io/a/b"),
            ("podman pull docker://quay.io/a/b", "quay.io/a/b"),
            ("docker run --rm -it debian:12-slim bash -c 'echo a/b'", "debian:12-slim"),
            (
                "docker run -d --name web -p 80:80 -v $PWD:/usr/share:ro nginx:alpine nginx -g 'daemon off;'",
                "nginx:alpine",
            ),
            ("docker run -d -p80:80 -eA=b nginx", "nginx"),
            ("docker run -itp 80:80 nginx", "nginx"),
            ("docker run --env \"A=b c\" --restart always -- nginx x", "nginx"),
            ("docker container run --rm \\ -e A=b \\ ghcr.io/o/app:1 serve", "ghcr.io/o/app:1"),
            ("DOCKER_HOST=tcp://x nerdctl run alpine", "alpine"),
            ("docker save -o x.tar busybox", "busybox"),
            ("docker image inspect busybox:1", "busybox:1"),
            ("skopeo copy --all docker://quay.io/a/b:1 oci:x", "quay.io/a/b:1"),
            ("skopeo inspect docker://debian", "debian"),
            ("crane manifest ghcr.io/a/b:1", "ghcr.io/a/b:1"),
            ("FROM --platform=$BUILDPLATFORM golang:1.24 AS build", "golang:1.24"),
            ("image: ghcr.io/a/b:1", "ghcr.io/a/b:1"),
            ("- image: \"nginx:1\"", "nginx:1"),
        ] {
            assert_eq!(offer(text), expected, "{text}");
        }
    }

    #[test]
    fn web_addresses() {
        let hex = "ab".repeat(32);
        let quay = format!("https://quay.io/repository/a/b/manifest/sha256:{hex}");
        let pinned = format!("quay.io/a/b@sha256:{hex}");
        let google = format!("https://console.cloud.google.com/artifacts/docker/p/europe-west1/r/app@sha256:{hex}?x=y");
        let google_pinned = format!("europe-west1-docker.pkg.dev/p/r/app@sha256:{hex}");
        for (text, expected) in [
            ("https://hub.docker.com/_/busybox", "busybox"),
            ("https://hub.docker.com/_/busybox/tags?name=1", "busybox"),
            ("https://hub.docker.com/r/grafana/grafana/tags", "grafana/grafana"),
            ("hub.docker.com/r/grafana/grafana", "grafana/grafana"),
            ("https://hub.docker.com/repository/docker/me/app/general", "me/app"),
            (
                "https://hub.docker.com/layers/library/busybox/1.36/images/sha256-0123?context=explore",
                "library/busybox:1.36",
            ),
            ("https://github.com/Owner/repo/pkgs/container/App", "ghcr.io/owner/app"),
            ("https://github.com/o/r/pkgs/container/app/1234?tag=1.2", "ghcr.io/o/app:1.2"),
            ("https://github.com/orgs/o/packages/container/package/group%2Fapp", "ghcr.io/o/group/app"),
            ("https://ghcr.io/o/app:1", "ghcr.io/o/app:1"),
            (
                "https://quay.io/repository/prometheus/node-exporter?tab=tags&tag=latest",
                "quay.io/prometheus/node-exporter:latest",
            ),
            (&quay, &pinned),
            ("https://console.cloud.google.com/gcr/images/distroless/GLOBAL/base", "gcr.io/distroless/base"),
            ("https://console.cloud.google.com/gcr/images/p/eu/a/b?gcrImageListsize=30", "eu.gcr.io/p/a/b"),
            (&google, &google_pinned),
            ("https://mcr.microsoft.com/en-us/product/dotnet/sdk/about", "mcr.microsoft.com/dotnet/sdk"),
            ("https://mcr.microsoft.com/en-us/artifact/mar/dotnet/runtime/tags", "mcr.microsoft.com/dotnet/runtime"),
            ("https://mcr.microsoft.com/dotnet/sdk:9.0", "mcr.microsoft.com/dotnet/sdk:9.0"),
            ("https://gallery.ecr.aws/nginx/nginx", "public.ecr.aws/nginx/nginx"),
            ("https://registry-1.docker.io/v2/library/busybox/manifests/latest", "docker.io/library/busybox:latest"),
            ("http://localhost:5000/v2/a/b/tags/list", "localhost:5000/a/b"),
            ("oci://registry.example/charts/web", "registry.example/charts/web"),
            ("docker://debian:12", "debian:12"),
            ("https://registry.example/a/b/#readme", "registry.example/a/b"),
        ] {
            assert_eq!(offer(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_neither() {
        for text in [
            "nginx",
            "docker",
            "docker/pull",
            "ghcr.io/a/b:1",
            "docker build .",
            "FROM",
            "image:",
            "podman",
            "hello world",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
