//! The program, of the page and of its workers: where it runs says which. One program is a third less to load than two.

fn main() {
    if lagvis_web::worker::is_here() {
        lagvis_web::worker::run();
    } else {
        lagvis_web::ui::run();
    }
}
