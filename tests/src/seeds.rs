//! Many seeds, on all cores.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

/// Runs a story for as many seeds as `HEQI_SIM_SEEDS` says, from `HEQI_SIM_SEED` on; `one_in` of them where the story
/// is a long one.
pub fn each(default: u64, one_in: u64, story: impl Fn(u64) + Sync) {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let first = number("HEQI_SIM_SEED", 1);
    let seeds = number("HEQI_SIM_SEEDS", default).div_ceil(one_in);
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    story(seed);
                }
            });
        }
    });
    println!("{seeds} seeds from {first}");
}

/// The name of an enum's variant, to count by.
pub fn variant(value: &impl Debug) -> String {
    let mut name = format!("{value:?}");
    let end = name.find(|c: char| !c.is_alphanumeric());
    name.truncate(end.unwrap_or(name.len()));
    name
}
