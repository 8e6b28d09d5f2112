//! The worker that hosts the replica, as started by `static/worker-boot.js`.

fn main() {
    heqi_web::worker::start();
}
