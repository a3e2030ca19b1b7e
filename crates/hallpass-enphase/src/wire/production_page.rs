//! `/production` on firmware 3: a page with a table, for people.

use super::Number;

/// The numbers of the page, in W and Wh, with the three digits that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ProductionPage {
    pub(crate) currently: Number,
    pub(crate) today: Number,
    pub(crate) past_week: Number,
    pub(crate) since_installation: Number,
}

impl ProductionPage {
    /// Finds the table; none where it is another page.
    pub(crate) fn find(page: &[u8]) -> Option<Self> {
        let page = str::from_utf8(page).ok()?;
        let number = |label: &str| cell_after(page, label).and_then(in_base_unit).into();
        let found = Self {
            currently: number("Currently"),
            today: number("Today"),
            past_week: number("Past Week"),
            since_installation: number("Since Installation"),
        };
        (found != Self::default()).then_some(found)
    }
}

/// The text of the cell beside the one that holds `label`.
fn cell_after<'p>(page: &'p str, label: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("<td>{label}</td>"))?;
    let (_, cell) = rest.split_once("<td>")?;
    let (text, _) = cell.split_once("</td>")?;
    Some(text.trim())
}

/// `6.63 kW` is 6630.
fn in_base_unit(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let factor = match unit.trim().trim_end_matches('h').strip_suffix('W')? {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}
