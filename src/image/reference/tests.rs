//! The grammar case by case, and what people paste.

use super::*;

const HEX: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

#[test]
fn names_and_what_they_stand_for() {
    let pinned = format!("ubuntu@sha256:{HEX}");
    let both = format!("xyz.com/a/b:t@sha256:{HEX}");
    for (text, canonical, familiar) in [
        ("busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("busybox:1", "docker.io/library/busybox:1", "busybox:1"),
        ("library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("index.docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("index.docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"),
        ("dmcgowan/app:v1", "docker.io/dmcgowan/app:v1", "dmcgowan/app:v1"),
        ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
        ("localhost:5000/app:t", "localhost:5000/app:t", "localhost:5000/app:t"),
        ("test.com:8000/a/b/c", "test.com:8000/a/b/c:latest", "test.com:8000/a/b/c:latest"),
        ("Uppercase/app", "Uppercase/app:latest", "Uppercase/app:latest"),
        ("[2001:db8::1]:5000/repo:t", "[2001:db8::1]:5000/repo:t", "[2001:db8::1]:5000/repo:t"),
        ("[::1]/repo", "[::1]/repo:latest", "[::1]/repo:latest"),
        ("a/foo__bar/x-----y.z_w", "docker.io/a/foo__bar/x-----y.z_w:latest", "a/foo__bar/x-----y.z_w:latest"),
        ("xn--n3h.com/my-app:xn--n3h", "xn--n3h.com/my-app:xn--n3h", "xn--n3h.com/my-app:xn--n3h"),
        ("docker.io/s.sl/co", "docker.io/s.sl/co:latest", "docker.io/s.sl/co:latest"),
        ("docker.io/localhost/app", "docker.io/localhost/app:latest", "docker.io/localhost/app:latest"),
        ("docker.io/docker.io/app", "docker.io/docker.io/app:latest", "docker.io/docker.io/app:latest"),
        (
            "docker.io/index.docker.io/app",
            "docker.io/index.docker.io/app:latest",
            "docker.io/index.docker.io/app:latest",
        ),
        ("  busybox ", "docker.io/library/busybox:latest", "busybox:latest"),
        (&pinned, &format!("docker.io/library/{pinned}"), &pinned),
        (&both, &both, &both),
    ] {
        let reference = Reference::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((reference.to_string().as_str(), reference.familiar().as_str()), (canonical, familiar), "{text}");
        assert_eq!(Reference::parse(&reference.to_string()), Ok(reference.clone()), "canonical form of {text}");
        assert_eq!(Reference::parse(&reference.familiar()), Ok(reference), "familiar form of {text}");
    }
}

#[test]
fn texts_that_are_no_references() {
    let long = format!("{}a:tag", "a/".repeat(128));
    for text in [
        "",
        "Busybox",
        "a//b",
        "a/b:",
        "a/b:-x",
        "a/b@",
        "a/b@sha256:short",
        "-a.com/x",
        "a-.com/x",
        "foo___bar",
        "-foo",
        "foo-",
        "foo.",
        ".foo",
        "a:b:c",
        "test:5000:x",
        "[::1/x",
        "[zz]/x",
        "a b",
        "aa/asdf$$^/aa",
        &long,
        HEX,
        "x.com:/y",
    ] {
        assert!(Reference::parse(text).is_err(), "{text:?} was taken");
    }
    let longest = format!("registry.example:5000/{}a:the-tag-does-not-count", "a/".repeat(127));
    assert!(Reference::parse(&longest).is_ok(), "255 characters of path, domain and tag not counted");
    assert!(matches!(Reference::parse(HEX), Err(ReferenceError::BareId(_))));
    assert!(matches!(Reference::parse(&format!("a:{}", "x".repeat(129))), Err(ReferenceError::Tag(_))));
}

/// The cases of distribution/reference's own tests (reference_test.go, normalize_test.go). Names are normal here as
/// Docker takes them, so that one without a slash is Docker Hub's; an algorithm of digests that is not known is read,
/// and what it names cannot be verified.
#[test]
fn cases_of_the_distribution() {
    let sha512 = format!("xn--7o8h.com/myimage:xn--7o8h.com@sha512:{HEX}{HEX}");
    for (text, domain, path, tag) in [
        ("test_com", "docker.io", "library/test_com", "latest"),
        ("test.com:tag", "docker.io", "library/test.com", "tag"),
        ("test.com:5000", "docker.io", "library/test.com", "5000"),
        ("test.com/repo:tag", "test.com", "repo", "tag"),
        ("test:5000/repo", "test:5000", "repo", "latest"),
        ("test:5000/repo:tag", "test:5000", "repo", "tag"),
        ("lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase"),
        ("sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com", "bar/baz/quux", "latest"),
        ("sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com", "bar/baz/quux", "some-long-tag"),
        (
            "b.gcr.io/test.example.com/my-app:test.example.com",
            "b.gcr.io",
            "test.example.com/my-app",
            "test.example.com",
        ),
        ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com"),
        (&sha512, "xn--7o8h.com", "myimage", "xn--7o8h.com"),
        ("foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080"),
        ("foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080"),
        ("192.168.1.1", "docker.io", "library/192.168.1.1", "latest"),
        ("192.168.1.1:5000", "docker.io", "library/192.168.1.1", "5000"),
        ("192.168.1.1:5050/repo", "192.168.1.1:5050", "repo", "latest"),
        ("[2001:db8::1]/repo", "[2001:db8::1]", "repo", "latest"),
        ("[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag"),
        ("[2001:db8::]:5000/repo", "[2001:db8::]:5000", "repo", "latest"),
        ("docker/docker", "docker.io", "docker/docker", "latest"),
        ("docker.io/docker/docker", "docker.io", "docker/docker", "latest"),
        ("index.docker.io/docker/docker", "docker.io", "docker/docker", "latest"),
        ("127.0.0.1:5000/docker/docker", "127.0.0.1:5000", "docker/docker", "latest"),
        ("192.168.0.1:8/debian", "192.168.0.1:8", "debian", "latest"),
        ("localhost/library/aa", "localhost", "library/aa", "latest"),
        ("[fc00::1]:5000/docker", "[fc00::1]:5000", "docker", "latest"),
        ("[fc00:1:2:3:4:5:6:7]:5000/docker/docker", "[fc00:1:2:3:4:5:6:7]:5000", "docker/docker", "latest"),
        (
            "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c",
            "docker.io",
            "library/1a3f5e7d9c1b3a5f7e9d1c3b5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c5d7f9e1a3c",
            "latest",
        ),
        (
            "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
            "docker.io",
            "library/thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
            "latest",
        ),
    ] {
        let reference = Reference::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (reference.domain(), reference.path(), reference.tag().unwrap_or_default()),
            (domain, path, tag),
            "{text}"
        );
    }
    let short = format!("repo@sha256:{}", &HEX[..62]);
    for text in [
        ":justtag",
        "@sha256:ff",
        &short,
        "Uppercase:tag",
        "test:5000/Uppercase/lowercase:tag",
        "a/a/a//a",
        "aa/asdf$$^/aa",
        "[2001:db8::1]",
        "[2001:db8::1]:5000",
        "[fe80::1%eth0]:5000/repo",
        "[fe80::1%@invalidzone]:5000/repo",
        "[2001:db8:3:4::192.0.2.33]:5000/debian",
        "fc00::1:5000/debian",
        "https://github.com/docker/docker",
        "docker/Docker",
        "-docker",
        "-docker/docker",
        "-docker.io/docker/docker",
        "docker///docker",
        "docker.io/docker/Docker",
        "docker.io/docker///docker",
        "foo_bar.com/repo",
        HEX,
    ] {
        assert!(Reference::parse(text).is_err(), "{text} was taken");
    }
}

#[test]
fn what_people_paste_is_offered_as_a_reference() {
    for (text, offer) in [
        ("docker pull nginx:1.27", "nginx:1.27"),
        ("podman pull --quiet quay.io/a/b", "quay.io/a/b"),
        ("https://hub.docker.com/_/busybox", "busybox"),
        ("https://hub.docker.com/r/grafana/grafana/tags", "grafana/grafana"),
        ("https://ghcr.io/owner/app:1", "ghcr.io/owner/app:1"),
        ("docker://quay.io/a/b", "quay.io/a/b"),
        ("user/App", "user/app"),
        ("Ghcr.io/Owner/App:V1", "Ghcr.io/owner/app:V1"),
    ] {
        let error = Reference::parse(text).unwrap_err();
        assert_eq!(error.suggestion().as_deref(), Some(offer), "{text}");
    }
}
