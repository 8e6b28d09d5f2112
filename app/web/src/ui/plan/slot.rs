//! A row's elements, which serve one task after another.
//!
//! A row is some forty elements; made anew for every line that a scroll brings into sight, they were most of a frame. A
//! slot keeps its elements and writes only what differs from what it showed before.

use std::cell::{Cell as Own, RefCell};

use heqi_domain::RecordId;
use heqi_domain::plan::RowKind;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::column::Column;
use super::face::{Cell, Face, Origin, kind_name};
use crate::ui::i18n::{self, Language, t};
use crate::ui::icon::{Icon, icon};

/// Width of one level of the outline.
pub(super) const INDENT_PX: usize = 18;

/// The elements of a row.
pub(super) struct Slot {
    pub row: HtmlElement,
    pub task: RwSignal<Option<RecordId>>,
    cells: [CellParts; Column::ALL.len()],
    indent: HtmlElement,
    twist: Element,
    milestone: HtmlElement,
    badge: HtmlElement,
    shown: RefCell<Option<(Face, Language)>>,
    at: Own<Option<usize>>,
    mark: Own<Option<Column>>,
}

struct CellParts {
    cell: HtmlElement,
    text: Element,
    /// Only a date has it.
    origin: Option<HtmlElement>,
}

impl Slot {
    /// A slot of the elements of [`skeleton`], for no task yet.
    pub(super) fn new(row: HtmlElement) -> Option<Self> {
        let parts = |column: Column| {
            let cell = part(&row, &format!("[data-col={}]", column.name()))?;
            Some(CellParts {
                text: part(&cell, ".cell-text")?.into(),
                origin: part(&cell, ".date-kind"),
                cell,
            })
        };
        let cells: Vec<_> = Column::ALL.into_iter().filter_map(parts).collect();
        Some(Self {
            cells: cells.try_into().ok()?,
            indent: part(&row, ".indent")?,
            twist: part(&row, ".twist")?.into(),
            milestone: part(&row, ".milestone-mark")?,
            badge: part(&row, ".row-badge")?,
            row,
            task: RwSignal::new(None),
            shown: RefCell::default(),
            at: Own::default(),
            mark: Own::default(),
        })
    }

    /// The element of a cell.
    pub(super) fn cell(&self, column: Column) -> &HtmlElement {
        &self.cells[column.index()].cell
    }

    /// Shows a face in the page's language; reading it in a reactive place follows changes of the language.
    pub(super) fn show(&self, task: RecordId, face: Face, merge_href: Option<&str>) {
        let language = i18n::current();
        let mut shown = self.shown.borrow_mut();
        // Words of another language differ where the face does not.
        let before = shown.take().filter(|(_, before)| *before == language);
        let before = before.map(|(before, _)| before);
        let before = before.as_ref();
        set(&self.row, "data-id", &task.to_string());
        self.show_row(&face, before);
        for (at, parts) in self.cells.iter().enumerate() {
            parts.show(&face.cells[at], before.map(|before| &before.cells[at]));
        }
        self.show_name(&face, before, merge_href);
        *shown = Some((face, language));
    }

    /// Stands at the line `at`, from 0.
    pub(super) fn place(&self, at: usize, row_px: f64) {
        if self.at.replace(Some(at)) != Some(at) {
            let top = format!("translateY({}px)", at as f64 * row_px);
            let _known_property = self.row.style().set_property("transform", &top);
            set(&self.row, "aria-rowindex", &(at + 2).to_string());
        }
    }

    /// Marks the row and the cell of this column as the active ones; `None` unmarks both.
    pub(super) fn mark(&self, column: Option<Column>) {
        let before = self.mark.replace(column);
        if before == column {
            return;
        }
        if let Some(before) = before {
            set(self.cell(before), "data-active", "false");
            set(self.cell(before), "tabindex", "-1");
        }
        let active = if column.is_some() { "true" } else { "false" };
        set(&self.row, "data-active", active);
        set(&self.row, "aria-selected", active);
        if let Some(column) = column {
            set(self.cell(column), "data-active", "true");
            set(self.cell(column), "tabindex", "0");
        }
    }

    fn show_row(&self, face: &Face, before: Option<&Face>) {
        let text = |column: Column| move |face: &Face| face.cells[column.index()].text.clone();
        for (name, column) in [("data-code", Column::Code), ("data-name", Column::Name)] {
            if let Some(text) = news(face, before, text(column)) {
                set(&self.row, name, &text);
            }
        }
        if let Some(depth) = news(face, before, |face| face.depth) {
            set(&self.row, "data-depth", &depth.to_string());
            set(&self.row, "aria-level", &(depth + 1).to_string());
            let width = format!("{}px", depth * INDENT_PX);
            let _known_property = self.indent.style().set_property("width", &width);
        }
        if let Some(kind) = news(face, before, |face| face.kind) {
            set(&self.row, "data-kind", kind_name(kind));
        }
        if let Some(contested) = news(face, before, |face| face.contested.clone()) {
            set_or_remove(&self.row, "data-conflicts", contested.as_deref());
        }
    }

    fn show_name(&self, face: &Face, before: Option<&Face>, merge_href: Option<&str>) {
        if let Some(open) = news(face, before, |face| face.open) {
            let (state, expanded, label) = match open {
                Some(true) => ("open", Some("true"), t!("branch-close")),
                Some(false) => ("closed", Some("false"), t!("branch-open")),
                None => ("none", None, String::new()),
            };
            set_or_remove(&self.row, "aria-expanded", expanded);
            set(&self.twist, "data-state", state);
            let testid = open.is_some().then_some("twist");
            set_or_remove(&self.twist, "data-testid", testid);
            set(&self.twist, "aria-label", &label);
        }
        if let Some(kind) = news(face, before, |face| face.kind) {
            self.milestone.set_hidden(kind != RowKind::Milestone);
            set(&self.milestone, "aria-label", &t!("milestone"));
        }
        if let Some(count) = news(face, before, |face| face.conflicts) {
            self.badge.set_hidden(count == 0);
            // By its test id it is there only where it is shown.
            let testid = (count > 0).then_some("row-conflicts");
            set_or_remove(&self.badge, "data-testid", testid);
            self.badge.set_text_content(Some(&count.to_string()));
            set(&self.badge, "aria-label", &t!("merge-badge", count = count));
            set_or_remove(&self.badge, "href", merge_href);
        }
    }
}

impl CellParts {
    fn show(&self, now: &Cell, before: Option<&Cell>) {
        if before.is_none_or(|before| before.text != now.text) {
            self.text.set_text_content(Some(&now.text));
        }
        if let Some(origin) = &self.origin
            && before.is_none_or(|before| before.origin != now.origin)
        {
            show_origin(origin, now.origin.as_ref());
        }
    }
}

fn show_origin(element: &HtmlElement, origin: Option<&Origin>) {
    let (state, text, title) = match origin {
        None => return element.set_hidden(true),
        Some(Origin::Imported) => (None, t!("date-imported-short"), t!("date-imported")),
        Some(Origin::Over(day)) => (
            Some("over"),
            day.get(5..).unwrap_or(day).to_owned(),
            t!("date-imported-was", day = day.clone()),
        ),
    };
    element.set_hidden(false);
    element.set_text_content(Some(&text));
    element.set_title(&title);
    set_or_remove(element, "data-state", state);
}

/// What `read` finds in the face, unless it was the same before.
fn news<T: PartialEq>(face: &Face, before: Option<&Face>, read: impl Fn(&Face) -> T) -> Option<T> {
    let now = read(face);
    before
        .is_none_or(|before| read(before) != now)
        .then_some(now)
}

fn part(element: &HtmlElement, selector: &str) -> Option<HtmlElement> {
    let found = element.query_selector(selector).ok()??;
    Some(found.unchecked_into())
}

fn set(element: &Element, name: &str, value: &str) {
    let _valid_name = element.set_attribute(name, value);
}

fn set_or_remove(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => set(element, name, value),
        None => {
            let _valid_name = element.remove_attribute(name);
        }
    }
}

/// The elements of a row that shows nothing yet, to be copied.
pub(super) fn skeleton() -> impl IntoView {
    let cells = Column::ALL.into_iter().map(empty_cell).collect_view();
    view! { <div class="grid-row" role="row" data-testid="task-row">{cells}</div> }
}

fn empty_cell(column: Column) -> impl IntoView {
    let named = column == Column::Name;
    let dated = matches!(column, Column::Start | Column::Finish);
    view! {
        <div
            class="cell"
            role="gridcell"
            data-testid=testid(column)
            data-col=column.name()
            aria-colindex=column.index() + 1
            aria-readonly=matches!(column, Column::Outline | Column::Code).then_some("true")
            tabindex="-1"
        >
            {named.then(|| view! {
                <span class="indent"></span>
                <button class="twist" type="button" tabindex="-1">{icon(Icon::Chevron)}</button>
                <span class="milestone-mark" role="img" hidden></span>
            })}
            <span class="cell-text"></span>
            {named.then(|| view! { <a class="row-badge" tabindex="-1" hidden></a> })}
            {dated.then(|| view! { <span class="date-kind" hidden></span> })}
        </div>
    }
}

const fn testid(column: Column) -> &'static str {
    match column {
        Column::Outline => "cell-outline",
        Column::Code => "cell-code",
        Column::Name => "cell-name",
        Column::Duration => "cell-duration",
        Column::Start => "cell-start",
        Column::Finish => "cell-finish",
        Column::Percent => "cell-percent",
        Column::Predecessors => "cell-predecessors",
        Column::Accountable => "cell-accountable",
    }
}
