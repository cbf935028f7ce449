//! The worker program.

fn main() {
    lagvis_web::worker::run();
}
