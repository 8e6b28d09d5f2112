//! The grid on screen: only the lines in sight are drawn, each where it stands in a body of full height.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};

use super::column::Column;
use super::import::ImportTarget;
use super::keys;
use super::outline::Line;
use super::over;
use super::rows::Rows;
use super::state::{Grid, Spot};
use crate::ui::browser;
use crate::ui::i18n::t;
use crate::ui::icon::{Icon, icon};
use crate::ui::route::{Page, Route};

/// Lines drawn beyond the edge of the screen, so that a scroll shows no gap.
const OVERSCAN_LINES: usize = 8;
/// Height of the heading, in pixels, as the style sheet has it.
const HEAD_PX: f64 = 32.0;

/// The outline as a tree grid.
#[component]
pub(crate) fn GridView(grid: Grid, importing: ImportTarget) -> impl IntoView {
    let scroller = NodeRef::<Div>::new();
    let sight = Sight::new(scroller);
    let body = NodeRef::<Div>::new();
    let count = Memo::new(move |_| grid.lines.with(|lines| lines.len()));
    let window = Memo::new(move |_| {
        let (first, last) = sight.range();
        let pinned = grid.active.get().map(|spot| spot.line);
        grid.lines.with(|lines| lines.window(first, last, pinned))
    });
    let height = move || format!("{}px", count.get() as f64 * sight.row_px);
    let over = RwSignal::new(false);
    follow_reveal(grid, scroller, sight);
    draw(grid, body, window, sight.row_px);
    view! {
        <div
            class="grid"
            role="treegrid"
            data-testid="plan-grid"
            aria-label=move || t!("nav-plan")
            aria-rowcount=move || count.get() + 1
            aria-colcount=Column::ALL.len()
            data-drop=move || over.get().then_some("over")
            data-scrolled=move || sight.scrolled_aside.get().then_some("true")
            tabindex=move || if grid.active.with(Option::is_none) { "0" } else { "-1" }
            node_ref=scroller
            on:scroll=move |_| sight.measure()
            on:focus=move |_| if grid.active.with_untracked(Option::is_none) { grid.go_to_first() }
            on:keydown=move |event| keys::handle(grid, &event)
            on:mousedown=move |event| point(grid, &event, false)
            on:dblclick=move |event| point(grid, &event, true)
            on:click=move |event| twist(grid, &event)
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| { over.set(false); importing.drop(&event); }
        >
            <div class="grid-inner">
                <div class="grid-row grid-head" role="row" aria-rowindex="1">
                    {Column::ALL.into_iter().map(heading).collect_view()}
                </div>
                <div class="grid-body" style:height=height>
                    <div role="rowgroup" node_ref=body></div>
                    <div role="rowgroup">
                        {over::draft(grid, sight.row_px)}
                        {over::editor(grid, sight.row_px)}
                    </div>
                </div>
                <button
                    class="grid-new" data-testid="new-task" hidden=move || !grid.may_edit()
                    on:click=move |_| grid.draft_at_end()
                >
                    {icon(Icon::Plus)}
                    {move || t!("new-task")}
                </button>
            </div>
        </div>
    }
}

/// What of the body is on screen.
#[derive(Clone, Copy)]
struct Sight {
    scroller: NodeRef<Div>,
    row_px: f64,
    first: RwSignal<usize>,
    lines: RwSignal<usize>,
    scrolled_aside: RwSignal<bool>,
}

impl Sight {
    fn new(scroller: NodeRef<Div>) -> Self {
        let sight = Self {
            scroller,
            row_px: browser::style_px("--row").unwrap_or(32.0),
            first: RwSignal::new(0),
            lines: RwSignal::new(40),
            scrolled_aside: RwSignal::new(false),
        };
        Effect::new(move || {
            if scroller.get().is_some() {
                sight.measure();
            }
        });
        let resized = window_event_listener(leptos::ev::resize, move |_| sight.measure());
        on_cleanup(move || resized.remove());
        sight
    }

    fn range(&self) -> (usize, usize) {
        let first = self.first.get();
        let last = first + self.lines.get() + OVERSCAN_LINES;
        (first.saturating_sub(OVERSCAN_LINES), last)
    }

    /// Signals change only when another line comes into sight, not with every pixel.
    fn measure(&self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let first = (f64::from(scroller.scroll_top()) / self.row_px) as usize;
        let lines = (f64::from(scroller.client_height()) / self.row_px) as usize + 1;
        set_if_new(self.first, first);
        set_if_new(self.lines, lines);
        set_if_new(self.scrolled_aside, scroller.scroll_left() > 0);
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// Keeps the rows in sight drawn, and gives the active cell the focus where that is asked for.
///
/// An effect runs before the browser takes the next event: no key press falls between the two.
fn draw(grid: Grid, body: NodeRef<Div>, window: Memo<Vec<(usize, Line)>>, row_px: f64) {
    let rows = StoredValue::new_local(None::<Rows>);
    let merge_href = Memo::new(move |_| {
        let key = |open: &crate::ui::session::Open| open.venture.key.clone();
        let key = grid.session.open.with(|open| open.as_ref().map(key));
        key.map(|key| Route::Venture(key, Page::Merge).href())
    });
    let owner = Owner::current();
    Effect::new(move || {
        let (Some(body), Some(owner)) = (body.get(), owner.clone()) else {
            return;
        };
        let wanted = grid.wants_focus.get();
        let active = grid.active.get();
        rows.update_value(|rows| {
            if rows.is_none() {
                *rows = Rows::new(grid, row_px, merge_href, body.unchecked_into(), owner);
            }
            let Some(rows) = rows else { return };
            let held = rows.hold_focus();
            window.with(|window| rows.draw(window, active));
            if wanted || held && !rows.hold_focus() {
                focus(grid, rows, active);
            }
        });
    });
}

fn focus(grid: Grid, rows: &Rows, active: Option<Spot>) {
    // Asked for once.
    grid.wants_focus.update_untracked(|wanted| *wanted = false);
    // An editor that is open has the focus, and losing it would end the edit.
    if grid.editing.with_untracked(Option::is_some) {
        return;
    }
    if let Some(cell) = active.and_then(|spot| rows.cell(spot)) {
        let _refused = cell.focus();
    }
}

fn heading(column: Column) -> impl IntoView {
    view! {
        <div
            class="cell" role="columnheader" data-col=column.name()
            aria-colindex=column.index() + 1
        >
            <span class="cell-text">{move || t!(column.heading())}</span>
        </div>
    }
}

/// Scrolls where the state asks for a line that is out of sight.
fn follow_reveal(grid: Grid, scroller: NodeRef<Div>, sight: Sight) {
    Effect::new(move || {
        let Some(at) = grid.reveal.get() else { return };
        let Some(scroller) = scroller.get() else {
            return;
        };
        let top = at as f64 * sight.row_px;
        let seen = f64::from(scroller.scroll_top());
        let height = f64::from(scroller.client_height()) - HEAD_PX;
        if top < seen {
            scroller.set_scroll_top(top as i32);
        } else if top + sight.row_px > seen + height {
            scroller.set_scroll_top((top + sight.row_px - height) as i32);
        }
        sight.measure();
    });
}

/// A press on a cell makes it active; a double one opens its editor.
fn point(grid: Grid, event: &MouseEvent, twice: bool) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target else { return };
    let on_control = matches!(target.closest("button, a, input"), Ok(Some(_)));
    let Some(spot) = spot_of(grid, &target).filter(|_| !on_control) else {
        return;
    };
    event.prevent_default();
    leave_editor();
    // A finger's second tap stands for the double press.
    let again = browser::is_coarse() && grid.active.get_untracked() == Some(spot);
    grid.active.set(Some(spot));
    if twice || again {
        grid.edit(None);
    } else {
        grid.focus();
    }
}

/// A press on the twist of a branch opens or closes it.
fn twist(grid: Grid, event: &MouseEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target else { return };
    if matches!(target.closest("button.twist"), Ok(Some(_)))
        && let Some(task) = task_of(&target)
    {
        grid.toggle(task);
    }
}

fn task_of(target: &Element) -> Option<heqi_domain::RecordId> {
    let row = target.closest(".grid-row").ok()??;
    heqi_domain::RecordId::parse(&row.get_attribute("data-id")?)
}

fn spot_of(grid: Grid, target: &Element) -> Option<Spot> {
    let cell = target.closest("[role=gridcell]").ok()??;
    let column = Column::parse(&cell.get_attribute("data-col")?)?;
    let line = Line::Task(task_of(target)?);
    grid.lines
        .with_untracked(|lines| lines.position(line))
        .map(|_| Spot { line, column })
}

/// Takes the focus from an open editor, which commits it: the press itself is kept from moving the focus.
fn leave_editor() {
    let focused = browser::document().active_element();
    if let Some(editor) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok())
        && editor.class_name() == "cell-editor"
    {
        let _refused = editor.blur();
    }
}
