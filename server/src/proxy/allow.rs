//! Which registries may be reached.

/// Registries that are allowed without a word, by host. A leading dot allows every subdomain.
const DEFAULT: [&str; 9] = [
    "docker.io",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    ".pkg.dev",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "registry.k8s.io",
    "registry.gitlab.com",
];

/// Docker Hub's other names.
const HUB: [&str; 3] = ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// The allowlist.
pub(super) struct Allowed {
    pub(super) default: String,
    hosts: Vec<String>,
}

impl Allowed {
    pub(super) fn new(default: &str, extra: &[String], plain: &[String]) -> Self {
        let own = extra.iter().chain(plain).map(|host| canonical(host));
        Self { default: canonical(default), hosts: own.chain(DEFAULT.map(str::to_owned)).collect() }
    }

    /// Whether a registry may be reached; `host` as [`canonical`] gives it.
    pub(super) fn allows(&self, host: &str) -> bool {
        host == self.default
            || self.hosts.iter().any(|allowed| match allowed.strip_prefix('.') {
                Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
                None => allowed == host,
            })
    }
}

/// One name for a registry: lower case, Docker Hub by its usual one.
pub(super) fn canonical(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    if HUB.contains(&host.as_str()) { "docker.io".to_owned() } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_allowed_and_not() {
        let allowed = Allowed::new("docker.io", &["r.example".into()], &["127.0.0.1:5000".into()]);
        for (host, is) in [
            ("docker.io", true),
            ("registry-1.docker.io", true),
            ("europe-docker.pkg.dev", true),
            ("pkg.dev", false),
            ("evilpkg.dev", false),
            ("x.evil.pkg.dev.evil.example", false),
            ("R.example", true),
            ("r.example:444", false),
            ("127.0.0.1:5000", true),
            ("127.0.0.1:5001", false),
            ("localhost", false),
        ] {
            assert_eq!(allowed.allows(&canonical(host)), is, "{host}");
        }
    }
}
