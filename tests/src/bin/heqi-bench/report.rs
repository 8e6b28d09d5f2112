//! Figures, their goals and the conditions they were taken under.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Everything that was measured.
pub(crate) struct Report {
    quick: bool,
    processors: usize,
    load_before: Option<String>,
    figures: Vec<Figure>,
}

/// One number.
pub(crate) struct Figure {
    /// For programs: `relay.envelopes_per_s`.
    key: &'static str,
    /// For people.
    label: String,
    /// `None` where it could not be measured.
    value: Option<f64>,
    unit: &'static str,
    goal: Option<Goal>,
    /// How it came about, or why it is missing.
    note: String,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {}", number(goal)),
            Self::AtMost(goal) => format!("≤ {}", number(goal)),
        }
    }
}

impl Report {
    /// Notes what else the machine is doing.
    pub(crate) fn begin(quick: bool) -> Self {
        Self {
            quick,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load_before: load(),
            figures: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, key: &'static str, label: &str, value: f64, unit: &'static str) {
        self.push(key, label, Some(value), unit);
    }

    /// Says plainly that there is no figure, and why.
    pub(crate) fn missing(
        &mut self,
        key: &'static str,
        label: &str,
        unit: &'static str,
        why: &str,
    ) {
        self.push(key, label, None, unit);
        self.note(why);
    }

    fn push(&mut self, key: &'static str, label: &str, value: Option<f64>, unit: &'static str) {
        self.figures.push(Figure {
            key,
            label: label.to_owned(),
            value,
            unit,
            goal: None,
            note: String::new(),
        });
    }

    /// Sets the goal of the figure added last.
    pub(crate) fn goal(&mut self, goal: Goal) {
        if let Some(figure) = self.figures.last_mut() {
            figure.goal = Some(goal);
        }
    }

    /// Says how the figure added last came about.
    pub(crate) fn note(&mut self, note: &str) {
        if let Some(figure) = self.figures.last_mut() {
            note.clone_into(&mut figure.note);
        }
    }

    /// The figures for people.
    pub(crate) fn table(&self) -> String {
        let width = |cell: fn(&Figure) -> String| {
            let widths = self.figures.iter().map(|it| cell(it).chars().count());
            widths.max().unwrap_or_default()
        };
        let (labels, values, goals) = (
            width(|it| it.label.clone()),
            width(Figure::amount),
            width(Figure::verdict),
        );
        let mut table = String::new();
        for it in &self.figures {
            let (label, amount, verdict) = (&it.label, it.amount(), it.verdict());
            line(
                &mut table,
                format_args!(
                    "{label:labels$}  {amount:>values$}  {verdict:goals$}  {}",
                    it.note
                ),
            );
        }
        let unknown = || "unknown".to_owned();
        let quick = if self.quick {
            "; --quick: smaller loads than the goals are meant for"
        } else {
            ""
        };
        line(
            &mut table,
            format_args!(
                "{} processors; load average before: {}, after: {}{quick}",
                self.processors,
                self.load_before.clone().unwrap_or_else(unknown),
                load().unwrap_or_else(unknown)
            ),
        );
        table
    }

    /// The figures for programs.
    pub(crate) fn json(&self) -> String {
        let figures: Vec<Value> = self.figures.iter().map(Figure::json).collect();
        let all = json!({
            "quick": self.quick,
            "processors": self.processors,
            "load_before": self.load_before,
            "load_after": load(),
            "figures": figures,
        });
        format!("{all:#}\n")
    }
}

impl Figure {
    fn amount(&self) -> String {
        match self.value {
            Some(value) => format!("{} {}", number(value), self.unit)
                .trim_end()
                .to_owned(),
            None => "not measured".to_owned(),
        }
    }

    fn verdict(&self) -> String {
        match (self.goal, self.value) {
            (None, _) => String::new(),
            (Some(goal), None) => format!("goal {}", goal.text()),
            (Some(goal), Some(value)) if goal.is_met_by(value) => {
                format!("goal {}: met", goal.text())
            }
            (Some(goal), Some(_)) => format!("goal {}: MISSED", goal.text()),
        }
    }

    fn json(&self) -> Value {
        let goal = self.goal.map(Goal::text);
        let is_met = self.goal.zip(self.value);
        json!({
            "key": self.key,
            "label": self.label,
            "value": self.value,
            "unit": self.unit,
            "goal": goal,
            "met": is_met.map(|(goal, value)| goal.is_met_by(value)),
            "note": self.note,
        })
    }
}

/// The middle value; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    f64::midpoint(values[last / 2], values[last.div_ceil(2)])
}

/// Three digits that say something; thousands apart.
fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1000.0 {
        let digits = format!("{value:.0}");
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) && !text.ends_with('-') {
                text.push(',');
            }
            text.push(digit);
        }
        return text;
    }
    let decimals = match size {
        _ if size == 0.0 || size.fract() == 0.0 => 0,
        _ if size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// The system's load averages over 1, 5 and 15 minutes, where it tells.
fn load() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    Some(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_mean_something() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(999.4), "999");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(0.4321), "0.432");
        assert_eq!(number(20.0), "20");
    }

    #[test]
    fn median_of_an_even_number_lies_between_the_middle_two() {
        assert!((median(&[4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
        assert!((median(&[5.0, 1.0, 3.0]) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_goal_is_met_or_missed_or_open() {
        let mut report = Report::begin(false);
        report.add("a", "a", 0.5, "");
        report.goal(Goal::AtLeast(0.4));
        assert_eq!(report.figures[0].verdict(), "goal ≥ 0.400: met");
        report.add("b", "b", 21.0, "kB");
        report.goal(Goal::AtMost(20.0));
        assert_eq!(report.figures[1].verdict(), "goal ≤ 20: MISSED");
        report.missing("c", "c", "kB", "no browser");
        report.goal(Goal::AtMost(20.0));
        assert_eq!(report.figures[2].verdict(), "goal ≤ 20");
        assert_eq!(report.figures[2].json()["met"], Value::Null);
    }
}
