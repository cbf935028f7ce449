//! The start, dialogs, the tour.

use lagvis_tests::{browser::Key, service::Lagvis};

use super::Audit;

#[tokio::test]
async fn start_dialogs_and_tour() {
    let lagvis = Lagvis::serve(&[]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    audit.view("start").await;
    audit.page.click_css(".learn summary").await.unwrap();
    audit.view("start with its words").await;
    audit.page.click_css("[aria-label='Settings']").await.unwrap();
    audit.see("the settings", "dialog[open]").await;
    audit.view("settings").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.control('k').await.unwrap();
    audit.see("the palette", "[data-testid='command']").await;
    audit.view("palette at the start").await;
    audit.page.keys(Key::Escape).await.unwrap();

    audit.page.click("tour-button").await.unwrap();
    for stop in 0..8 {
        audit.see("the stop", &format!("[data-testid='tour'][data-stop='{stop}']")).await;
        audit.view(&format!("tour, stop {stop}")).await;
        audit.page.click("tour-next").await.unwrap();
    }
    audit.page.keys("?").await.unwrap();
    audit.see("the keys", "[data-testid='key-help']").await;
    audit.view("keys").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.control('k').await.unwrap();
    audit.see("the palette", "[data-testid='command']").await;
    audit.view("palette of an image").await;
    audit.page.keys("nothing has these words").await.unwrap();
    audit.view("palette without a command").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.click_css(".head [data-testid='word'][data-term='Image ID']").await.unwrap();
    audit.see("the word", ".word-text:popover-open").await;
    audit.view("a word").await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.see("the image before", "[data-testid='recent-image']").await;
    audit.view("start with an image opened before").await;
    audit.end(17).await;
}
