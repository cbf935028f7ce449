//! The page's program.

fn main() {
    lagvis_web::ui::run();
}
