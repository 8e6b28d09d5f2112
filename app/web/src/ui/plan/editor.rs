//! The input that stands in a cell while it is typed into.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::column::Column;
use super::keys;
use super::outline::Line;
use super::state::{Grid, Spot};
use super::typing::Editing;
use crate::ui::i18n::t;

/// An input over one cell. It commits on Enter, Tab and leaving it, and gives up on Escape.
#[component]
pub(crate) fn Editor(grid: Grid, editing: Editing) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let wrong = RwSignal::new(false);
    let Editing {
        spot, text, select, ..
    } = editing;
    Effect::new(move || {
        let Some(input) = input.get() else { return };
        let _refused = input.focus();
        if select {
            input.select();
        }
    });
    let commit = move || {
        let text = input
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        let done = grid.commit(&text);
        wrong.set(!done);
        done
    };
    let keydown = move |event: KeyboardEvent| {
        event.stop_propagation();
        let press = keys::press(&event);
        // An input method's own Enter chooses a word; it does not end the edit.
        if press.composing {
            return;
        }
        let went = match press.key.as_str() {
            "Enter" => commit().then(|| after_enter(grid, spot)),
            "Tab" => commit().then(|| after_tab(grid, spot, press.shift)),
            "Escape" => {
                grid.cancel();
                Some(())
            }
            _ => return,
        };
        event.prevent_default();
        if went.is_none() {
            grid.reveal.set(None);
        }
    };
    let blur = move |_| {
        // Enter and Tab have closed the editor before it loses the focus.
        let open = grid
            .editing
            .with_untracked(|editing| editing.as_ref().is_some_and(|editing| editing.spot == spot));
        if open && !commit() {
            grid.cancel();
        }
    };
    view! {
        <input
            class="cell-editor"
            data-testid="cell-editor"
            node_ref=input
            prop:value=text
            maxlength="255"
            autocomplete="off"
            spellcheck="false"
            aria-label=move || t!(spot.column.heading())
            aria-invalid=move || wrong.get().to_string()
            on:keydown=keydown
            on:input=move |event| {
                grid.session.typed.set_value(event_target_value(&event));
                wrong.set(false);
            }
            on:blur=blur
        />
    }
}

/// A named task is followed by the next one to name; elsewhere Enter goes down the column.
fn after_enter(grid: Grid, spot: Spot) {
    match spot.line {
        Line::Draft => {}
        Line::Task(_) => grid.step(1, 0),
    }
}

/// On to the next cell that takes typing, in the same line.
fn after_tab(grid: Grid, spot: Spot, back: bool) {
    let Line::Task(task) = spot.line else { return };
    let by = if back { -1 } else { 1 };
    let mut column = spot.column;
    let next = loop {
        let further = column.moved(by);
        if further == column {
            break None;
        }
        column = further;
        if grid.session.plan.peek(task, |row| column.is_editable(row)) == Some(true) {
            break Some(column);
        }
    };
    let column: Column = next.unwrap_or(spot.column);
    grid.active.set(Some(Spot { column, ..spot }));
    match next {
        Some(_) => grid.edit(None),
        None => grid.focus(),
    }
}
