//! What all groups of the table share: a head with a line below, and rows of aligned values.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, LineStyle, Table, TableStyle, Width};
use hallpass_enphase::reading::Phase;

/// A group whose columns are the sum and its phases.
pub(super) fn group<'a>(title: &str, phases: impl Iterator<Item = &'a Phase>) -> Table {
    let phases: Vec<_> = phases.map(|phase| format!("{phase:?}")).collect();
    let total = if phases.is_empty() { "" } else { "total" };
    titled(title, WIDE, [total.to_owned()].into_iter().chain(phases))
}

/// A table whose columns are at least as wide as `widths` has it: of the labels, of the values.
pub(super) fn titled(
    title: &str,
    widths: (u16, u16),
    columns: impl Iterator<Item = String>,
) -> Table {
    let (labels, values) = widths;
    let mut table = Table::new();
    table.load_style(STYLE).force_no_tty();
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    table.set_header([Cell::new(title)].into_iter().chain(columns.map(right)).collect::<Vec<_>>());
    let widths = table.column_iter().map(|column| if column.index == 0 { labels } else { values });
    let widths: Vec<_> =
        widths.map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width))).collect();
    table.set_constraints(widths);
    table
}

pub(super) fn add_row(table: &mut Table, label: &str, cells: impl Iterator<Item = String>) {
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    table.add_row([Cell::new(label)].into_iter().chain(cells.map(right)).collect::<Vec<_>>());
}

/// A column of a [`listing`]: its head, and its cell for one thing.
pub(super) type Column<'a, T> = (&'a str, &'a dyn Fn(&T) -> Option<String>);

/// Many things of a kind, one a row. Columns that have no value for any of them are left out.
pub(super) fn listing<T>(
    title: &str,
    things: &BTreeMap<String, T>,
    columns: &[Column<'_, T>],
) -> Table {
    let is_used = |(_, value): &&Column<'_, T>| things.values().any(|one| value(one).is_some());
    let columns: Vec<_> = columns.iter().filter(is_used).collect();
    let widths = if columns.len() > MANY { NARROWEST } else { WIDE };
    let mut table = titled(title, widths, columns.iter().map(|(label, _)| (*label).to_owned()));
    for (name, thing) in things {
        let cells = columns.iter().map(|(_, value)| value(thing).unwrap_or_default());
        add_row(&mut table, name, cells);
    }
    table
}

/// One thing, one fact a row. Facts that are not known are left out.
pub(super) fn facts(
    title: &str,
    facts: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> Table {
    let mut table = titled(title, WIDE, [String::new()].into_iter());
    for (label, value) in facts {
        if let Some(value) = value {
            add_row(&mut table, label, [value].into_iter());
        }
    }
    table
}

/// The names of things, so that groups below each other are aligned.
const WIDE: (u16, u16) = (24, 12);

/// With five columns of values it still fits 80 characters.
pub(super) const NARROW: (u16, u16) = (16, 12);

/// So many columns of values fit a usual screen only where they are no wider than they must.
const MANY: usize = 3;
const NARROWEST: (u16, u16) = (16, 8);

/// A line below the heads, and nothing else.
const STYLE: TableStyle =
    comfy_table::presets::NOTHING.header_separator(LineStyle::new('─', '─', '─', '─'));
