//! How smoothly the grid scrolls: its frames, and those of the same rows where no program has any part in it.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::chrome::Window;
use crate::report::{Report, median};

/// How often each way of scrolling is measured; they take turns, so that other work on the machine meets all alike.
const ROUNDS: usize = 3;

/// Milliseconds between frames.
#[derive(Default)]
pub(super) struct Scroll {
    /// Three lines a frame, as a wheel turned fast goes.
    wheel: Vec<f64>,
    /// The same pace over rows that stand in the page once and for all.
    still: Vec<f64>,
    /// From top to bottom in 240 frames: each shows other rows than the one before.
    drag: Vec<f64>,
}

impl Scroll {
    pub(super) async fn measure(window: &Window) -> Result<Self> {
        let mut scroll = Self::default();
        for _ in 0..ROUNDS {
            scroll.wheel.extend(times(window, WHEEL).await?);
            scroll.still.extend(times(window, STILL).await?);
        }
        scroll.drag = times(window, DRAG).await?;
        for times in [&mut scroll.wheel, &mut scroll.still, &mut scroll.drag] {
            times.sort_by(f64::total_cmp);
        }
        Ok(scroll)
    }

    pub(super) fn tell(&self, report: &mut Report, tasks: usize) {
        let (wheel, still) = (late(&self.wheel), late(&self.still));
        report.add("web.scroll_ratio", &ratio_label(tasks), wheel / still, "×");
        report.note(&format!(
            "19 of 20 frames: grid {wheel:.1} ms, still {still:.1} ms; median {:.1} and {:.1}, longest {:.1} and {:.1}",
            median(&self.wheel),
            median(&self.still),
            longest(&self.wheel),
            longest(&self.still)
        ));
        report.add(
            "web.frame_longest_ms",
            &drag_label(tasks),
            longest(&self.drag),
            "ms",
        );
        report.note(&format!(
            "median {:.1} ms of {} frames, each with other rows",
            median(&self.drag),
            self.drag.len()
        ));
    }

    pub(super) fn missing(report: &mut Report, tasks: usize, why: &str) {
        report.missing("web.scroll_ratio", &ratio_label(tasks), "×", why);
        report.missing("web.frame_longest_ms", &drag_label(tasks), "ms", why);
    }
}

fn ratio_label(tasks: usize) -> String {
    format!("web: frames of {tasks} tasks at three lines a frame, against still rows")
}

fn drag_label(tasks: usize) -> String {
    format!("web: longest frame from top to bottom of {tasks} tasks in 240 frames")
}

/// The time that 19 of 20 frames keep.
fn late(sorted: &[f64]) -> f64 {
    sorted
        .get(sorted.len() * 19 / 20)
        .copied()
        .unwrap_or(f64::NAN)
}

fn longest(sorted: &[f64]) -> f64 {
    sorted.last().copied().unwrap_or(f64::NAN)
}

async fn times(window: &Window, scroll: &str) -> Result<Vec<f64>> {
    let seen = window.run(&format!("{FRAMES}{scroll}")).await?;
    let list = seen.as_array().context("the page gave no times")?;
    let time = |value: &Value| value.as_f64().context("the page gave no time");
    list.iter().map(time).collect()
}

/// Scrolls `scroller` by `px` a frame and gives the times between the frames.
const FRAMES: &str = "
    const grid = document.querySelector('[data-testid=plan-grid]');
    const frames = (scroller, px, count) => new Promise((resolve) => {
        const times = [];
        let last = null;
        scroller.scrollTop = 0;
        const next = (now) => {
            if (last !== null) times.push(now - last);
            last = now;
            if (times.length === count) return resolve(times);
            scroller.scrollTop = px * (times.length + 1);
            requestAnimationFrame(next);
        };
        // The jump to the top is not counted.
        requestAnimationFrame(() => requestAnimationFrame(next));
    });
    const row = grid.querySelector('[data-testid=task-row]').offsetHeight;";

const WHEEL: &str = "frames(grid, 3 * row, 200).then(done);";

const DRAG: &str = "frames(grid, (grid.scrollHeight - grid.clientHeight) / 240, 240).then(done);";

/// Copies of the rows in sight, as many as the scroll passes, stand in the grid's place meanwhile.
const STILL: &str = "
    const still = grid.cloneNode(true);
    const body = still.querySelector('.grid-body');
    const rows = [...body.querySelectorAll('[data-testid=task-row]')];
    const count = 3 * 200 + rows.length;
    body.style.height = `${count * row}px`;
    rows[0].parentElement.replaceChildren(...Array.from({ length: count }, (_, at) => {
        const copy = rows[at % rows.length].cloneNode(true);
        copy.style.transform = `translateY(${at * row}px)`;
        return copy;
    }));
    grid.replaceWith(still);
    frames(still, 3 * row, 200).then((times) => { still.replaceWith(grid); done(times); });";
