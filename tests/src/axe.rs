//! axe-core (Deque's accessibility rules) run in the page as it is shown. `cargo xtask test` fetches it.

use std::{env, fs};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{browser::Page, tools};

/// The rules.
pub struct Axe(String);

impl Axe {
    /// Reads the script; none, and the test ends as skipped, where it is not to be had.
    pub fn find() -> Result<Option<Self>> {
        let Some(path) = env::var_os("LAGVIS_AXE") else {
            return tools::skip("axe-core").map(|_| None);
        };
        let script = fs::read_to_string(&path).with_context(|| format!("LAGVIS_AXE: {}", path.display()))?;
        Ok(Some(Self(script)))
    }

    /// What the page as it is shown does wrong, one line a rule and element.
    pub async fn violations(&self, page: &Page) -> Result<Vec<String>> {
        if page.script("return typeof axe").await? == "undefined" {
            // WebDriver's scripts are not the page's: its policy does not hold for them.
            page.script(&self.0).await?;
        }
        let found = page
            .script_later(
                "const done = arguments[arguments.length - 1]; \
                 axe.run(document, {resultTypes: ['violations']}).then( \
                 found => done(found.violations.flatMap(rule => rule.nodes.map(node => \
                 `${rule.id} (${rule.impact}): ${node.target.join(' ')} | ${node.html.slice(0, 160)} | \
                 ${node.failureSummary.replace(/\\s+/g, ' ')}`))), \
                 error => done('axe failed: ' + error));",
            )
            .await?;
        let found: &Vec<Value> = found.as_array().with_context(|| format!("axe said {found}"))?;
        Ok(found.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect())
    }
}
