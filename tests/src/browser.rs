//! The page in headless Chromium, used as a person would: by the hooks that DESIGN names (`data-testid`).

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};
use thirtyfour::{
    BrowserLogEntry, By, CapabilitiesHelper as _, ChromeCapabilities, ChromiumLikeCapabilities as _,
    DesiredCapabilities, WebDriver, WindowHandle,
};

pub use thirtyfour::Key;

use crate::{
    http, memory,
    service::{Service, free_port},
    tools,
    trace::{CATEGORIES, Trace},
};

/// Programs that it needs.
pub const NEEDS: [&str; 2] = ["chromium", "chromedriver"];

/// Longest wait for something that the page is to show.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Page {
    /// Stands first, so that it ends first: a test that fails leaves its session open, and ending ChromeDriver ends
    /// the browser, where a polite end would wait for a runtime that is gone.
    service: Service,
    driver: WebDriver,
    /// ChromeDriver's.
    port: u16,
}

impl Page {
    /// Opens the page at `url`, in a profile of its own.
    pub async fn open(url: &str) -> Result<Self> {
        let page = Self::blank().await?;
        page.go(url).await?;
        Ok(page)
    }

    /// The same in a browser that is started with more arguments.
    pub async fn open_with(url: &str, arguments: &[&str]) -> Result<Self> {
        let mut capabilities = logging(&["browser"])?;
        for argument in arguments {
            capabilities.add_arg(argument)?;
        }
        let page = Self::start(capabilities).await?;
        page.go(url).await?;
        Ok(page)
    }

    /// Starts the browser with an empty tab.
    pub async fn blank() -> Result<Self> {
        Self::start(logging(&["browser"])?).await
    }

    /// The same with its performance traced, see [`Page::trace`].
    pub async fn traced() -> Result<Self> {
        let mut capabilities = logging(&["browser", "performance"])?;
        let what = json!({"traceCategories": CATEGORIES, "enableNetwork": false, "enablePage": false});
        capabilities.add_experimental_option("perfLoggingPrefs", what)?;
        Self::start(capabilities).await
    }

    async fn start(mut capabilities: ChromeCapabilities) -> Result<Self> {
        let port = free_port()?;
        let program = tools::find("chromedriver").context("chromedriver")?;
        let mut service = Service::start(
            Command::new(program).arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        service.wait_for_port(port)?;
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ] {
            capabilities.add_arg(argument)?;
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        let page = Self { service, driver, port };
        page.driver.goto("about:blank").await?;
        Ok(page)
    }

    /// Goes to an address, as a new window would.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.visit(url).await?;
        self.wait("the program is up", "return document.querySelector('#app').childElementCount > 0").await?;
        Ok(())
    }

    /// The same for a page that is not Lagvis: waits for no program.
    pub async fn visit(&self, url: &str) -> Result<()> {
        self.driver.goto("about:blank").await?;
        self.driver.goto(url).await?;
        Ok(())
    }

    /// The tab that is shown.
    pub async fn window(&self) -> Result<WindowHandle> {
        Ok(self.driver.window().await?)
    }

    /// Opens an address in another tab of the same browser, and shows that.
    pub async fn new_tab(&self, url: &str) -> Result<WindowHandle> {
        let tab = self.driver.new_tab().await?;
        self.switch(&tab).await?;
        self.go(url).await?;
        Ok(tab)
    }

    /// Shows another tab.
    pub async fn switch(&self, tab: &WindowHandle) -> Result<()> {
        Ok(self.driver.switch_to_window(tab.clone()).await?)
    }

    /// Ends the browser. Whatever the test did, the page has broken no line of its policy.
    pub async fn close(self) -> Result<()> {
        let console = self.console().await?;
        let broken: Vec<_> = console.iter().filter(|line| line.contains("Content Security Policy")).collect();
        anyhow::ensure!(broken.is_empty(), "{broken:?}");
        self.driver.quit().await?;
        drop(self.service);
        Ok(())
    }

    /// Asks the browser itself (DevTools protocol).
    pub async fn cdp(&self, command: &str, parameters: Value) -> Result<()> {
        self.driver.cdp().send_raw(command, parameters).await?;
        Ok(())
    }

    /// What the window shows, as a PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        Ok(self.driver.screenshot_as_png().await?)
    }

    /// Runs a script; its value.
    pub async fn script(&self, script: &str) -> Result<Value> {
        Ok(self.driver.execute(script, vec![]).await?.json().clone())
    }

    /// Runs a script that gives its value to the last of its arguments, a function.
    pub async fn script_later(&self, script: &str) -> Result<Value> {
        self.script_async(script, vec![]).await
    }

    /// Runs a script that calls its last argument with its value, once it has it.
    pub async fn script_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driver.execute_async(script, arguments).await?.json().clone())
    }

    /// Runs a script in every page before the page's own.
    pub async fn inject(&self, script: &str) -> Result<()> {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await
    }

    /// Sets what the page remembers, by keys without `lagvis.`; it is read when it is needed next.
    pub async fn remember(&self, items: &[(&str, &str)]) -> Result<()> {
        for (key, value) in items {
            self.script_async(
                "localStorage.setItem('lagvis.' + arguments[0], arguments[1]); arguments[2](true)",
                vec![json!(key), json!(value)],
            )
            .await?;
        }
        Ok(())
    }

    /// Types into the command palette.
    pub async fn palette(&self, words: &str) -> Result<()> {
        self.control('k').await?;
        let script = "const e = document.activeElement; \
                      return e?.dataset.testid == 'palette-input' && e.getClientRects().length > 0";
        self.wait("the palette has the focus", script).await?;
        self.keys(words).await
    }

    /// Runs the first command of the palette that has these words.
    pub async fn run_command(&self, words: &str) -> Result<()> {
        self.palette(words).await?;
        self.keys(Key::Enter).await
    }

    /// What the browser did since this was asked last. ChromeDriver may hold it back once: it is asked until marks come.
    pub async fn trace(&self) -> Result<Trace> {
        for _ in 0..10 {
            let entries = self.driver.get_log("performance").await?;
            let message =
                |entry: &BrowserLogEntry| Ok(serde_json::from_str::<Value>(&entry.message)?["message"].take());
            if let Some(trace) = Trace::read(&entries.iter().map(message).collect::<Result<Vec<_>>>()?) {
                return Ok(trace);
            }
        }
        bail!("the performance trace has no mark")
    }

    /// Peak memory of the tab's process, in MB.
    pub fn peak_memory(&self) -> Result<f64> {
        memory::renderer_peak(self.service.id())
    }

    /// What the console says since this was asked last, workers' words too.
    pub async fn console(&self) -> Result<Vec<String>> {
        let url = format!("http://127.0.0.1:{}/session/{}/se/log", self.port, self.driver.session_id());
        let kind = [("content-type", "application/json")];
        let answer = http::send("POST", &url, &kind, br#"{"type":"browser"}"#)?;
        let log: Value = serde_json::from_slice(&answer.body)?;
        let entries = log["value"].as_array().context("the browser gives no log")?;
        Ok(entries.iter().filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect())
    }

    /// Waits until a script's value is true-like, and gives it.
    pub async fn wait(&self, what: &str, script: &str) -> Result<Value> {
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.script(script).await?;
            if !matches!(&value, Value::Null | Value::Bool(false)) && value != "" {
                return Ok(value);
            }
            if Instant::now() > end {
                let text = self.script("return document.body.innerText.slice(0, 2000)").await?;
                bail!("waited in vain: {what}. The page shows:\n{}", text.as_str().unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until something holds that a script alone cannot tell.
    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !holds().await? {
            anyhow::ensure!(Instant::now() < end, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }

    /// Clicks what carries the hook.
    pub async fn click(&self, hook: &str) -> Result<()> {
        self.click_css(&format!("[data-testid='{hook}']")).await
    }

    /// Clicks the first that a selector finds.
    pub async fn click_css(&self, css: &str) -> Result<()> {
        self.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await?;
        self.driver.find(By::Css(css)).await?.click().await?;
        Ok(())
    }

    /// Chooses a file, or a folder.
    pub async fn choose(&self, path: &Path) -> Result<()> {
        let hook = if path.is_dir() { "folder-input" } else { "file-input" };
        self.type_into(hook, path.to_str().context("the path is text")?).await
    }

    /// Types a reference and opens it.
    pub async fn pull(&self, reference: &str) -> Result<()> {
        let css = "[data-testid='reference-input']";
        self.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await?;
        let input = self.driver.find(By::Css(css)).await?;
        input.clear().await?;
        input.send_keys(reference).await?;
        self.click("open-button").await
    }

    /// Types into what carries the hook.
    pub async fn type_into(&self, hook: &str, text: &str) -> Result<()> {
        let css = format!("[data-testid='{hook}']");
        self.wait(&css, &format!("return document.querySelector(\"{css}\") != null")).await?;
        self.driver.find(By::Css(&css)).await?.send_keys(text).await?;
        Ok(())
    }

    /// Types where the focus is.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) -> Result<()> {
        self.driver.action_chain().send_keys(keys).perform().await?;
        Ok(())
    }

    /// Presses a key while Control is held.
    pub async fn control(&self, key: char) -> Result<()> {
        let chain = self.driver.action_chain().key_down(Key::Control).key_down(key).key_up(key);
        chain.key_up(Key::Control).perform().await?;
        Ok(())
    }

    /// Presses a key while Shift is held.
    pub async fn shift(&self, key: Key) -> Result<()> {
        let chain = self.driver.action_chain().key_down(Key::Shift).key_down(key.clone()).key_up(key);
        chain.key_up(Key::Shift).perform().await?;
        Ok(())
    }

    /// Clicks twice what carries the hook.
    pub async fn double_click(&self, hook: &str) -> Result<()> {
        let element = self.driver.find(By::Css(format!("[data-testid='{hook}']"))).await?;
        self.driver.action_chain().double_click_element(&element).perform().await?;
        Ok(())
    }

    /// Turns the pointer's wheel at a place of the window.
    pub async fn wheel(&self, x: u32, y: u32, down: i32) -> Result<()> {
        let wheel = json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": down});
        self.cdp("Input.dispatchMouseEvent", wheel).await
    }

    /// Drags a file from outside over the page, or lets it fall there: `dragEnter`, `dragOver`, `drop`.
    pub async fn drag_file(&self, what: &str, file: &Path) -> Result<()> {
        let data = json!({"items": [], "files": [file], "dragOperationsMask": 1});
        self.cdp("Input.dispatchDragEvent", json!({"type": what, "x": 300, "y": 300, "data": data})).await
    }

    /// Drags what carries the hook to the right, by so many pixels.
    pub async fn drag(&self, hook: &str, by: i64) -> Result<()> {
        let element = self.driver.find(By::Css(format!("[data-testid='{hook}']"))).await?;
        let chain = self.driver.action_chain().move_to_element_center(&element).click_and_hold();
        chain.move_by_offset(by / 2, 0).move_by_offset(by - by / 2, 0).release().perform().await?;
        Ok(())
    }

    /// Goes from control to control by Tab until the focus is on what a selector finds.
    pub async fn tab_to(&self, css: &str) -> Result<()> {
        self.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await?;
        let is_there = format!("return document.activeElement.matches(\"{css}\")");
        for _ in 0..300 {
            if self.script(&is_there).await? == true {
                return Ok(());
            }
            self.keys(Key::Tab).await?;
        }
        bail!("Tab does not come to {css}");
    }

    /// Removes what the browser keeps of images: then everything is asked for again.
    pub async fn forget(&self) -> Result<()> {
        let script = "const root = await navigator.storage.getDirectory(); \
                      for await (const name of root.keys()) await root.removeEntry(name, {recursive: true}); return true";
        self.script(&format!("return (async () => {{ {script} }})()")).await?;
        Ok(())
    }

    /// Waits until the browser keeps the site itself, so that it opens without its server.
    pub async fn site_is_kept(&self) -> Result<()> {
        let kept = "return navigator.serviceWorker.controller != null && navigator.serviceWorker.getRegistration().then( \
                    own => own?.active != null && own.scope == new URL('./', location.href).href)";
        self.wait("the site is kept", kept).await?;
        Ok(())
    }

    /// What the network is to the browser from now on: its pages, their workers and service workers alike.
    pub async fn offline(&self, offline: bool) -> Result<()> {
        let state = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.cdp("Network.overrideNetworkState", state).await
    }

    /// Goes back, as the browser's button and key do.
    pub async fn back(&self) -> Result<()> {
        Ok(self.driver.back().await?)
    }

    /// The names of what the page's workers keep in the origin private file system.
    pub async fn kept(&self) -> Result<Vec<String>> {
        let names = self
            .script_later(
                "const done = arguments[arguments.length - 1]; (async () => { \
                 const root = await navigator.storage.getDirectory(); const names = []; \
                 const folder = await root.getDirectoryHandle('lagvis', {create: true}); \
                 for await (const name of folder.keys()) names.push(name); done(names); })()",
            )
            .await?;
        let names = names.as_array().cloned().unwrap_or_default();
        Ok(names.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// Presses a key where the focus is.
    pub async fn press_key(&self, key: &str) -> Result<()> {
        self.driver.active_element().await?.send_keys(key).await?;
        Ok(())
    }

    /// Presses a key in what carries the hook.
    pub async fn press_in(&self, hook: &str, key: &str) -> Result<()> {
        self.driver.find(By::Css(format!("[data-testid='{hook}']"))).await?.send_keys(key).await?;
        Ok(())
    }

    /// Makes the window tall enough for every row of a small image.
    pub async fn tall(&self) -> Result<()> {
        self.driver.set_window_rect(0, 0, 1280, 4000).await?;
        Ok(())
    }

    /// Makes the page as wide and high as this, in CSS pixels; a window cannot be as narrow as a phone.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = serde_json::json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        self.wait("the new width", &format!("return innerWidth == {width}")).await?;
        Ok(())
    }

    /// What the system is said to prefer, `light` or `dark`, without anything in motion.
    pub async fn prefers(&self, scheme: &str) -> Result<()> {
        let features = serde_json::json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Waits for the verdict; its `data-state`.
    pub async fn verdict(&self) -> Result<String> {
        let script = "const v = document.querySelector(\"[data-testid='verdict']\"); \
                      return v && v.dataset.state != 'checking' && document.documentElement.dataset.phase == 'open' \
                      ? v.dataset.state : null";
        Ok(self.wait("a verdict", script).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for an error card; its `data-kind`.
    pub async fn error(&self) -> Result<String> {
        let script = "const e = document.querySelector(\"[data-testid='error']\"); return e && e.dataset.kind";
        Ok(self.wait("an error card", script).await?.as_str().unwrap_or_default().to_owned())
    }

    /// The receipt that the page offers for download.
    pub async fn receipt(&self) -> Result<Value> {
        // The download goes through a blob URL: its content is taken where the page makes it.
        self.script(
            "window.saved = null; const make = URL.createObjectURL; URL.createObjectURL = blob => { \
             blob.text().then(text => window.saved = text); return make.call(URL, blob); }; return true",
        )
        .await?;
        self.click("receipt-button").await?;
        let text = self.wait("the receipt", "return window.saved").await?;
        Ok(serde_json::from_str(text.as_str().unwrap_or_default())?)
    }

    /// Saves what the page offers into a folder.
    pub async fn save_into(&self, folder: &Path) -> Result<()> {
        let parameters = json!({"behavior": "allow", "downloadPath": folder});
        self.cdp("Browser.setDownloadBehavior", parameters).await
    }

    /// Waits for a file that the page saves; it has its name once it is complete.
    pub async fn saved(&self, path: &Path) -> Result<Vec<u8>> {
        let begin = std::time::Instant::now();
        // The browser keeps the name by an empty file until the whole takes its place.
        while !path.metadata().is_ok_and(|file| file.len() > 0) {
            anyhow::ensure!(begin.elapsed() < Duration::from_secs(30), "{} was not saved", path.display());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Ok(std::fs::read(path)?)
    }

    /// `data-…` of everything that carries a hook.
    pub async fn all(&self, hook: &str, field: &str) -> Result<Vec<String>> {
        let script =
            format!("return [...document.querySelectorAll(\"[data-testid='{hook}']\")].map(e => e.dataset.{field})");
        let values = self.script(&script).await?;
        let list = values.as_array().cloned().unwrap_or_default();
        Ok(list.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// The page's address.
    pub async fn address(&self) -> Result<String> {
        Ok(self.script("return location.href").await?.as_str().unwrap_or_default().to_owned())
    }
}

/// Chromium that keeps logs of these kinds.
fn logging(kinds: &[&str]) -> Result<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    let levels: Map<String, Value> = kinds.iter().map(|kind| ((*kind).to_owned(), json!("ALL"))).collect();
    capabilities.set("goog:loggingPrefs", levels)?;
    Ok(capabilities)
}
