//! Line icons, 16 by 16.

use leptos::prelude::*;

/// An icon of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    Check,
    Chevron,
    Close,
    Copy,
    Device,
    Download,
    Eye,
    File,
    Gear,
    Grid,
    Indent,
    Info,
    Invite,
    Key,
    Lock,
    Merge,
    MoveDown,
    MoveUp,
    Outdent,
    Pen,
    People,
    Plus,
    Print,
    Redo,
    Search,
    Shield,
    Trash,
    Undo,
    Upload,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2 1.5 13.5h13zM8 6.5v3.25M8 11.75v.01",
            Self::Check => "m3 8.5 3.25 3.25L13 4.75",
            Self::Chevron => "m6 3.5 4.5 4.5L6 12.5",
            Self::Close => "m4 4 8 8m0-8-8 8",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Device => "M3.5 1.75h9v12.5h-9zM6.5 12h3",
            Self::Eye => {
                "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z"
            }
            Self::Key => {
                "M5 7.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.1 8.4l6.4-6.4M10.5 5l2.5 2.5M12 3.5l1.5 1.5"
            }
            Self::Lock => "M3.5 7h9v7h-9zM5.25 7V4.75a2.75 2.75 0 0 1 5.5 0V7M8 9.75v1.5",
            Self::Pen => "m2.5 13.5.75-3.5 7.5-7.5 2.75 2.75-7.5 7.5zM9 4.25 11.75 7",
            Self::Print => "M4.5 5.5v-4h7v4M4.5 11.5h-3v-6h13v6h-3M4.5 9.5h7v5h-7z",
            Self::Download => "M8 2v8m-3.25-3L8 10.25 11.25 7M2.5 13.5h11",
            Self::File => "M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3",
            Self::Gear => {
                "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4"
            }
            Self::Grid => "M2 3.5h12M5 8h9M5 12.5h9M2 8h.01M2 12.5h.01",
            Self::Indent => "M2 3h12M7.5 8H14M2 13h12M2 6l2.5 2L2 10",
            Self::Outdent => "M2 3h12M7.5 8H14M2 13h12M4.5 6 2 8l2.5 2",
            Self::Info => {
                "M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5zM8 7.25v4M8 4.75v.01"
            }
            Self::Invite => "M1.5 3.5h13v9h-13zM1.5 4l6.5 5 6.5-5",
            Self::Merge => {
                "M3.5 2v2.5c0 3 4.5 3 4.5 6.5v3M12.5 2v2.5c0 3-4.5 3-4.5 6.5M6 12l2 2 2-2"
            }
            Self::MoveUp => "M8 13.5v-11M4 6.5l4-4 4 4",
            Self::MoveDown => "M8 2.5v11M4 9.5l4 4 4-4",
            Self::People => {
                "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.75a2.4 2.4 0 0 1 0 4.5M12 9.9c1.6.6 2.5 1.9 2.5 3.6"
            }
            Self::Plus => "M8 2.5v11M2.5 8h11",
            Self::Undo => "M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6",
            Self::Redo => "m10.5 3 3 3-3 3M13.5 6h-7a4 4 0 0 0 0 8H10",
            Self::Search => {
                "M7 2.25a4.75 4.75 0 1 0 0 9.5 4.75 4.75 0 0 0 0-9.5zM10.5 10.5l3.5 3.5"
            }
            Self::Shield => {
                "M8 1.5 2.75 3.5v4c0 3.25 2.25 5.75 5.25 7 3-1.25 5.25-3.75 5.25-7v-4zM5.5 8l1.75 1.75L10.5 6.5"
            }
            Self::Trash => "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.5 9.5h7l.5-9.5M6.75 7v4.5M9.25 7v4.5",
            Self::Upload => "M8 10.5v-8M4.75 5.5 8 2.25l3.25 3.25M2.5 13.5h11",
        }
    }
}

/// Draws an icon; the control around it carries the words.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
