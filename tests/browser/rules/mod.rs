//! Every view held against axe-core's rules: light and dark, wide and as narrow as a phone. With `LAGVIS_SHOTS=FOLDER` each
//! leaves its pictures there.

mod open_image;
mod opening;
mod registry;
mod start;
mod states;
mod transfers;

use std::{env, path::Path};

use lagvis_tests::{
    axe::Axe,
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
};

/// Width and height of windows.
const WINDOWS: [(u32, u32); 2] = [(1440, 900), (400, 860)];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// The page and what was found wrong with it.
pub(super) struct Audit {
    pub(super) page: Page,
    axe: Axe,
    wrong: Vec<String>,
    views: usize,
}

impl Audit {
    pub(super) async fn of(lagvis: &Lagvis) -> Option<Self> {
        if !tools::have(&NEEDS).unwrap() {
            return None;
        }
        let axe = Axe::find().unwrap()?;
        let page = Page::open(&lagvis.url).await.unwrap();
        page.resize(1440, 900).await.unwrap();
        page.prefers("light").await.unwrap();
        Some(Self { page, axe, wrong: Vec::new(), views: 0 })
    }

    /// The page as it is shown.
    pub(super) async fn view(&mut self, name: &str) {
        self.pane(name, None).await;
    }

    /// The page; where the window is narrow, this pane of it.
    pub(super) async fn pane(&mut self, name: &str, pane: Option<&str>) {
        self.part(name, pane, "body").await;
    }

    /// Brings a pane to the front of narrow windows, before something is opened that closes when the focus leaves it.
    pub(super) async fn front(&self, pane: &str) {
        let [wide, narrow] = WINDOWS;
        self.page.resize(narrow.0, narrow.1).await.unwrap();
        self.page.click(&format!("pane-{pane}")).await.unwrap();
        self.page.resize(wide.0, wide.1).await.unwrap();
    }

    /// A pane, in which at each width this can be seen.
    pub(super) async fn part(&mut self, name: &str, pane: Option<&str>, css: &str) {
        self.views += 1;
        for (width, height) in WINDOWS {
            self.page.resize(width, height).await.unwrap();
            if let Some(pane) = pane.filter(|_| width < 960) {
                let is_front =
                    format!("return document.querySelector(\"[data-testid='pane-{pane}']\").ariaSelected == 'true'");
                if self.page.script(&is_front).await.unwrap() != true {
                    self.page.click(&format!("pane-{pane}")).await.unwrap();
                }
            }
            let in_sight = format!(
                "const e = [...document.querySelectorAll(\"{css}\")].find(e => e.checkVisibility()); \
                 e?.scrollIntoView({{block: 'nearest'}}); return e != null"
            );
            self.page.wait(&format!("{name}: {css} at {width} px"), &in_sight).await.unwrap();
            for scheme in SCHEMES {
                self.page.prefers(scheme).await.unwrap();
                self.fits(&format!("{name}, {width} px, {scheme}")).await;
                let found = self.axe.violations(&self.page).await.unwrap();
                self.shot(&format!("{name}, {width}, {scheme}")).await;
                self.wrong.extend(found.into_iter().map(|line| format!("{name}, {width} px, {scheme}: {line}")));
            }
        }
        self.page.resize(1440, 900).await.unwrap();
    }

    /// The page is no wider than its window, and an open image no higher: its panes scroll, not the page. The buttons in the
    /// corner lie on no card, and no heading is that of an empty list.
    async fn fits(&mut self, name: &str) {
        let script = "const d = document.documentElement; return [d.scrollWidth - innerWidth, \
                      document.querySelector('.open-page') ? d.scrollHeight - innerHeight : 0]";
        let over = self.page.script(script).await.unwrap();
        if over.as_array().unwrap().iter().any(|over| over.as_f64() > Some(0.0)) {
            self.wrong.push(format!("{name}: larger than its window by {over}"));
        }
        let script = "const place = e => e.getBoundingClientRect(); \
                      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom; \
                      const corner = document.querySelector('.corner'); \
                      const cards = corner ? [...document.querySelectorAll('.problem, .waiting')] : []; \
                      const empty = [...document.querySelectorAll('h2 + ol:empty')]; \
                      return [...cards.filter(card => meet(place(corner), place(card))), ...empty].map(e => e.outerHTML.slice(0, 99))";
        let odd = self.page.script(script).await.unwrap();
        self.wrong.extend(odd.as_array().unwrap().iter().map(|odd| format!("{name}: {odd}")));
    }

    /// Keeps a picture where `LAGVIS_SHOTS` names a folder: to be looked at, not compared.
    async fn shot(&self, name: &str) {
        let Some(folder) = env::var_os("LAGVIS_SHOTS") else { return };
        let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{plain}.png")), self.page.picture().await.unwrap()).unwrap();
    }

    pub(super) async fn see(&self, what: &str, css: &str) {
        self.page.wait(what, &format!("return document.querySelector(\"{css}\") != null")).await.unwrap();
    }

    pub(super) async fn select(&self, path: &str, mode: &str) {
        self.page.click_css(&format!("[data-testid='tree-row'][data-path='{path}']")).await.unwrap();
        let css =
            format!("[data-testid='file-detail'][data-path='{path}'] [data-testid='file-content'][data-mode='{mode}']");
        self.see(path, &css).await;
        let whole = ":is(pre, img, dl, table)";
        self.see(path, &format!("[data-testid='file-content'][data-mode='{mode}'] {whole}")).await;
    }

    /// Ends the browser; nothing was wrong in so many views.
    pub(super) async fn end(self, views: usize) {
        self.page.close().await.unwrap();
        assert_eq!(self.views, views);
        assert!(self.wrong.is_empty(), "{} violations:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}
