//! The worker that hosts the replica, as started by `static/worker-boot.js`.

fn main() {}
