//! Registries that let in whom they know: open, by password, by tokens that a real registry checks; each directly, from
//! a page that it lets read it, and through the proxy.

use lagvis_fixtures::{Image, Layer, Packing, Platform, multi_archive, sample};
use lagvis_tests::{
    browser::{NEEDS, Page},
    http,
    nginx::{NEEDS as NGINX, Nginx},
    pushed::Pushed,
    registry::{EXPOSED, NEEDS as REGISTRY, PERSON_ONLY, Registry},
    service::Lagvis,
    token_server::{NEEDS as OPENSSL, PERSON, TokenServer},
    tools,
    workdir::Workdir,
};

pub(crate) fn have() -> bool {
    [&NEEDS[..], &REGISTRY, &NGINX, &OPENSSL].iter().all(|needs| tools::have(needs).unwrap())
}

/// The two ways.
pub(crate) const WAYS: [&str; 2] = ["proxy", "direct"];

/// The sample as an archive, and where it lies.
fn archive() -> (Workdir, String) {
    let folder = Workdir::new().unwrap();
    let file = folder.write("sample.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    (folder, format!("oci-archive:{}", file.display()))
}

/// nginx in front of a registry, letting pages read it. With passwords or tokens distribution answers preflights with
/// 401, whatever headers it is told to send (distribution#4458), so that pages can ask it with something in front only.
pub(crate) fn for_pages(registry: &Registry) -> Nginx {
    let allow = format!(
        "add_header Access-Control-Allow-Origin * always;\nadd_header Access-Control-Expose-Headers '{EXPOSED}' always;\n"
    );
    let preflight = "add_header Access-Control-Allow-Origin *;\n\
                     add_header Access-Control-Allow-Headers 'Authorization, Accept, Range';\nreturn 204;";
    let host = &registry.host;
    Nginx::start(
        "",
        &format!(
            "location / {{\nif ($request_method = OPTIONS) {{ {preflight} }}\n{allow}proxy_pass http://{host};\n\
             proxy_set_header Host $http_host;\n}}"
        ),
    )
    .unwrap()
}

/// Opens the page, to ask registries on this way.
pub(crate) async fn open(lagvis: &Lagvis, way: &str) -> Page {
    let page = Page::open(&lagvis.url).await.unwrap();
    choose(&page, lagvis, way).await;
    page
}

/// Chooses the way in the settings, as a person would.
async fn choose(page: &Page, lagvis: &Lagvis, way: &str) {
    page.go(&lagvis.url).await.unwrap();
    page.click_css("[aria-label='Settings']").await.unwrap();
    page.click(&format!("way-{way}")).await.unwrap();
    page.click_css(".dialog .primary").await.unwrap();
    page.wait("the settings are closed", "return !document.querySelector('.dialog')").await.unwrap();
}

/// Pulls; a host that is asked for the first time has to be allowed.
pub(crate) async fn pull(page: &Page, way: &str, reference: &str) {
    page.pull(reference).await.unwrap();
    if way == "direct" {
        let asked = "return document.querySelector(\"[data-testid='confirm-host']\") != null || \
                     ['opening', 'open', 'failed'].includes(document.documentElement.dataset.phase)";
        page.wait("the question, or what comes of it", asked).await.unwrap();
        if !page.all("confirm-host", "testid").await.unwrap().is_empty() {
            page.click("confirm-allow").await.unwrap();
        }
    }
}

pub(crate) async fn log_in(page: &Page, name: &str, password: &str) {
    page.wait("the form", "return document.querySelector(\"[data-testid='login-name']\") != null").await.unwrap();
    page.script("document.querySelector(\"[data-testid='login-name']\").value = ''; return true").await.unwrap();
    page.type_into("login-name", name).await.unwrap();
    page.type_into("login-password", password).await.unwrap();
    page.click("login-button").await.unwrap();
}

/// Waits until the card on the page is of this kind.
pub(crate) async fn refused(page: &Page, kind: &str) {
    let script = format!("return document.querySelector(\"[data-testid='error'][data-kind='{kind}']\") != null");
    page.wait(kind, &script).await.unwrap();
}

/// The texts of the page, its address, and all that it keeps.
async fn everything(page: &Page) -> String {
    page.click("tab-checks").await.unwrap();
    page.click("part-log").await.unwrap();
    page.wait("the requests", "return document.querySelector(\"[data-testid='log']\") != null").await.unwrap();
    let script = "return document.documentElement.outerHTML + location.href + JSON.stringify(localStorage) + \
                  JSON.stringify(sessionStorage) + document.cookie";
    page.script(script).await.unwrap().as_str().unwrap_or_default().to_owned()
}

/// A private image: refused, refused with a wrong password, opened with the right one, and forgotten on reload.
async fn private(lagvis: &Lagvis, way: &str, reference: &str) {
    let page = open(lagvis, way).await;
    pull(&page, way, reference).await;
    refused(&page, "access-denied").await;
    log_in(&page, PERSON.0, "something else").await;
    refused(&page, "login-refused").await;
    let name = page.script("return document.querySelector(\"[data-testid='login-name']\").value").await.unwrap();
    assert_eq!(name, PERSON.0, "the name that was refused is most likely right");
    log_in(&page, PERSON.0, PERSON.1).await;
    assert_eq!(page.verdict().await.unwrap(), "verified", "{way}");
    let receipt = page.receipt().await.unwrap().to_string();
    let shown = everything(&page).await;
    for secret in [PERSON.1, "YW5uYTpwYXNzIHdvcmQ", "Bearer ", "something else"] {
        assert!(!receipt.contains(secret) && !shown.contains(secret), "{way}: {secret} is shown or kept");
    }
    let ways = page.all("log-row", "to").await.unwrap();
    let expected = if way == "proxy" { "proxy" } else { "registry" };
    assert!(ways.iter().any(|to| to == expected), "{way}: {ways:?}");
    assert!(way == "direct" || ways.iter().all(|to| to == "proxy"), "{ways:?}");
    // Loaded anew, the page knows no password any more.
    page.go(&lagvis.url).await.unwrap();
    page.forget().await.unwrap();
    pull(&page, way, reference).await;
    refused(&page, "access-denied").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn an_open_registry_is_asked_directly_when_it_lets_pages_read_it() {
    if !have() {
        return;
    }
    let (_folder, archive) = archive();
    let registry = Registry::start_for_pages().unwrap();
    registry.push(&archive, "demo/app:1").unwrap();
    let before = registry.answered().unwrap().len();
    // The proxy knows no registry: what is opened did not go through it.
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = open(&lagvis, "direct").await;
    let reference = format!("{}/demo/app:1", registry.host);
    page.pull(&reference).await.unwrap();
    page.wait("it is asked first", "return document.querySelector(\"[data-testid='confirm-host']\") != null")
        .await
        .unwrap();
    assert_eq!(registry.answered().unwrap().len(), before, "asked before it is allowed");
    page.click("confirm-allow").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let shown = everything(&page).await;
    assert!(shown.contains("data-way=\"direct\""), "the way is not told");
    let to = page.all("log-row", "to").await.unwrap();
    assert!(!to.is_empty() && to.iter().all(|to| to == "registry"), "{to:?}");
    // Once is enough.
    page.go(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_registry_with_passwords() {
    if !have() {
        return;
    }
    let (_folder, archive) = archive();
    let registry = Registry::start(Some(PERSON_ONLY)).unwrap();
    registry.push_as_person(&archive, "demo/app:1").unwrap();
    let front = for_pages(&registry);
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    for way in WAYS {
        let host = if way == "proxy" { registry.host.as_str() } else { front.url.trim_start_matches("http://") };
        private(&lagvis, way, &format!("{host}/demo/app:1")).await;
    }
}

#[tokio::test]
async fn a_registry_with_tokens() {
    if !have() {
        return;
    }
    let (_folder, archive) = archive();
    let tokens = TokenServer::start().unwrap();
    let registry = Registry::start_with_tokens(&tokens).unwrap();
    registry.push_as_person(&archive, "private/app:1").unwrap();
    registry.push_as_person(&archive, "open/app:1").unwrap();
    let front = for_pages(&registry);
    let lagvis = Lagvis::serve(&[registry.host.clone(), tokens.host.clone()]).unwrap();
    for way in WAYS {
        let host = if way == "proxy" { registry.host.as_str() } else { front.url.trim_start_matches("http://") };
        let page = open(&lagvis, way).await;
        pull(&page, way, &format!("{host}/open/app:1")).await;
        assert_eq!(page.verdict().await.unwrap(), "verified", "anybody may pull it: {way}");
        page.close().await.unwrap();
        let before = tokens.asked().len();
        private(&lagvis, way, &format!("{host}/private/app:1")).await;
        let asked = tokens.asked();
        let with_password = asked.iter().skip(before).filter(|asked| asked.authorization.starts_with("Basic "));
        let scopes: Vec<&str> = with_password.map(|asked| asked.target.as_str()).collect();
        assert!(!scopes.is_empty(), "the password was exchanged for a token");
        for target in scopes {
            let target = target.replace("%3A", ":").replace("%2F", "/");
            assert!(target.contains("scope=repository:private/app:pull"), "{target}");
            assert!(!target.contains("push") && !target.contains("%2C"), "more than pulling was asked for: {target}");
        }
    }
}

#[tokio::test]
async fn a_token_that_runs_out_within_a_pull_is_renewed() {
    if !have() {
        return;
    }
    let folder = Workdir::new().unwrap();
    // Of no usual platform, so that the page asks for one, and the pull stands still meanwhile.
    let index = ["s390x", "riscv64"].map(|architecture| {
        let layer = Layer::new("COPY machine /etc/").file("machine", 0o644, architecture);
        Image::new("multi:1").on(Platform { os: "linux", architecture, variant: None }).layer(layer)
    });
    let file = folder.write("multi.tar", multi_archive(&index, Packing::Gzip).unwrap()).unwrap();
    // Registries bear clocks that are a minute off: these tokens are good for five seconds.
    let tokens = TokenServer::start_with_life(-55).unwrap();
    let registry = Registry::start_with_tokens(&tokens).unwrap();
    registry.push_as_person(&format!("oci-archive:{}", file.display()), "open/multi:1").unwrap();
    let front = for_pages(&registry);
    let lagvis = Lagvis::serve(&[registry.host.clone(), tokens.host.clone()]).unwrap();
    for way in WAYS {
        let host = if way == "proxy" { registry.host.as_str() } else { front.url.trim_start_matches("http://") };
        let page = open(&lagvis, way).await;
        pull(&page, way, &format!("{host}/open/multi:1")).await;
        page.wait("the platforms", "return document.querySelector(\"[data-testid='platform-option']\") != null")
            .await
            .unwrap();
        run_out(&tokens, &registry);
        let before = tokens.asked().len();
        page.click("platform-option").await.unwrap();
        assert_eq!(page.verdict().await.unwrap(), "verified", "{way}");
        assert!(tokens.asked().len() > before, "{way}: no token was got after the first had run out");
        page.close().await.unwrap();
    }
}

/// Waits until a token of this moment is refused: then those before it are, too.
fn run_out(tokens: &TokenServer, registry: &Registry) {
    let url = format!("http://{}/token?service=lagvis-test&scope=repository:open/multi:pull", tokens.host);
    let answer: serde_json::Value = serde_json::from_slice(&http::get(&url, &[]).unwrap().body).unwrap();
    let token = format!("Bearer {}", answer["token"].as_str().unwrap());
    let url = format!("http://{}/v2/open/multi/tags/list", registry.host);
    let status = || http::get(&url, &[("authorization", &token)]).unwrap().status;
    assert_eq!(status(), 200);
    while status() == 200 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_registry_that_lets_no_page_read_it_is_told_and_the_proxy_offered() {
    if !have() {
        return;
    }
    let (_folder, archive) = archive();
    let registry = Registry::start(None).unwrap();
    registry.push(&archive, "demo/app:1").unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = open(&lagvis, "direct").await;
    pull(&page, "direct", &format!("{}/demo/app:1", registry.host)).await;
    refused(&page, "cors-missing").await;
    page.click("use-proxy").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(everything(&page).await.contains("data-way=\"proxy\""));
    // One that is not there is another thing.
    choose(&page, &lagvis, "direct").await;
    let away = format!("127.0.0.1:{}", lagvis_tests::service::free_port().unwrap());
    pull(&page, "direct", &format!("{away}/demo/app:1")).await;
    refused(&page, "registry-unreachable").await;
    page.close().await.unwrap();
}

/// A proxy that the person names: typed wrongly it is explained, typed rightly it is asked, once it is allowed, and alone.
#[tokio::test]
async fn another_proxy_is_typed_into_the_settings() {
    if !have() {
        return;
    }
    let pushed = Pushed::start().unwrap();
    // The server of the page may not ask the registry; the other may.
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click_css("[aria-label='Settings']").await.unwrap();
    page.type_into("proxy-input", "ftp://proxy.example").await.unwrap();
    page.click_css(".dialog .primary").await.unwrap();
    let said = "return document.querySelector('.dialog [role=\"alert\"]')?.innerText.includes('begins with http')";
    page.wait("what is wrong", said).await.unwrap();
    let empty = "const f = document.querySelector(\"[data-testid='proxy-input']\"); f.select(); return true";
    page.script(empty).await.unwrap();
    page.type_into("proxy-input", pushed.lagvis.url.trim_end_matches('/')).await.unwrap();
    page.click_css(".dialog .primary").await.unwrap();
    page.wait("the settings are closed", "return !document.querySelector('.dialog')").await.unwrap();
    page.pull(&pushed.reference).await.unwrap();
    let asked = page.wait("the question", "return document.querySelector(\"[data-testid='confirm-host']\")?.innerText");
    assert!(asked.await.unwrap().as_str().unwrap().contains(pushed.lagvis.host()));
    page.click("confirm-allow").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.click("tab-checks").await.unwrap();
    page.click("part-log").await.unwrap();
    page.wait("the requests", "return document.querySelector(\"[data-testid='log']\") != null").await.unwrap();
    let hosts =
        "return [...document.querySelectorAll(\"[data-testid='log-row']\")].map(row => row.cells[3].textContent)";
    let hosts = page.script(hosts).await.unwrap();
    let hosts = hosts.as_array().unwrap();
    assert!(!hosts.is_empty() && hosts.iter().all(|host| host == pushed.lagvis.host()), "{hosts:?}");
    page.close().await.unwrap();
}
