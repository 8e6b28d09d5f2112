//! The interface, as started by `static/boot.js`.

fn main() {
    heqi_web::ui::start();
}
