//! Production and consumption: the long report, and the short totals.

use serde_json::{Value, json};

use super::{
    View,
    meters::{Electrics, Flow},
    thousandths, whole,
};
use crate::{
    profile::Generation,
    world::energy::{Energies, sum},
};

/// `/production.json` and `/production`, with or without the phases.
pub(super) fn report(view: &View<'_>, lines: bool) -> Value {
    let storage = json!([{"type": "acb", "activeCount": 0, "readingTime": 0, "wNow": 0, "whNow": 0, "state": "idle"}]);
    if !view.profile.wiring.metered() {
        return json!({"production": [inverters(view)], "storage": storage});
    }
    let (solar, load, net) = (Series::solar(view), Series::load(view), Series::net(view));
    json!({
        "production": [inverters(view), meter(view, "production", &solar, lines)],
        "consumption": [
            meter(view, "total-consumption", if view.profile.quirks.total_is_net { &net } else { &load }, lines),
            meter(view, "net-consumption", &net, lines),
        ],
        "storage": storage,
    })
}

/// `/api/v1/production`.
pub(super) fn totals(view: &View<'_>) -> Value {
    if view.starting {
        return json!({"wattHoursToday": 0, "wattHoursSevenDays": 0, "wattHoursLifetime": 0, "wattsNow": 0});
    }
    let moment = view.moment;
    json!({
        "wattHoursToday": whole(sum(moment.today.solar)),
        "wattHoursSevenDays": whole(sum(moment.week.solar)),
        "wattHoursLifetime": whole(sum(moment.energies.solar)),
        "wattsNow": whole(sum(moment.powers.solar)),
    })
}

/// `/production` on firmware 3: a page for people.
pub(super) fn html(view: &View<'_>) -> String {
    let moment = view.moment;
    let kilo = |watt_hours: f64| format!("{:.3} kWh", watt_hours / 1_000.0);
    let (now, today, week, lifetime) = (
        format!("{:.3} kW", sum(moment.powers.solar) / 1_000.0),
        kilo(sum(moment.today.solar)),
        kilo(sum(moment.week.solar)),
        format!("{:.1} MWh", sum(moment.energies.solar) / 1e6),
    );
    format!(
        "<html>
<head><title>System Energy Production</title></head>
<body>
<h1>System Energy Production</h1>
<table>
<tr><td>Currently</td>    <td> {now}</td></tr>
<tr><td>Today</td>     <td> {today}</td></tr>
<tr><td>Past Week</td> <td> {week}</td></tr>
<tr><td>Since Installation</td>    <td> {lifetime}</td></tr>
</table>
</body>
</html>
"
    )
}

fn inverters(view: &View<'_>) -> Value {
    let moment = view.moment;
    let reports: Vec<_> = (0..moment.plant.inverters).map(|index| moment.report(index)).collect();
    json!({
        "type": "inverters",
        "activeCount": reports.len(),
        "readingTime": reports.iter().map(|report| report.at.as_second()).max(),
        "wNow": whole(reports.iter().map(|report| report.watts).sum()),
        "whLifetime": whole(reports.iter().map(|report| report.lifetime).sum()),
    })
}

/// One meter's powers with what they add up to, by phase.
struct Series {
    watts: [f64; 3],
    lifetime: [f64; 3],
    today: [f64; 3],
    week: [f64; 3],
}

impl Series {
    fn of(view: &View<'_>, watts: [f64; 3], energy: impl Fn(&Energies) -> [f64; 3]) -> Self {
        let moment = view.moment;
        Self {
            watts,
            lifetime: energy(&moment.energies),
            today: energy(&moment.today),
            week: energy(&moment.week),
        }
    }

    fn solar(view: &View<'_>) -> Self {
        Self::of(view, view.moment.powers.solar, |energies| energies.solar)
    }

    fn load(view: &View<'_>) -> Self {
        Self::of(view, view.moment.powers.load, |energies| energies.load)
    }

    /// Nets count no days. Up to firmware 8.1 their lifetime is what was imported, later what is left after the export.
    fn net(view: &View<'_>) -> Self {
        let balance = view.profile.since >= (8, 2, 0);
        let lifetime = move |energies: &Energies| match balance {
            true => {
                std::array::from_fn(|phase| energies.imported[phase] - energies.exported[phase])
            }
            false => energies.imported,
        };
        let series = Self::of(view, Flow::net(view.moment).watts, lifetime);
        Self { today: [0.0; 3], week: [0.0; 3], ..series }
    }
}

fn meter(view: &View<'_>, measures: &str, series: &Series, lines: bool) -> Value {
    let phases = view.profile.wiring.phases();
    let volts = Electrics::nominal_volts(view.profile.wiring);
    let line = |watts: f64, volts: f64, lifetime: f64, today: f64, week: f64| {
        let electrics = Electrics::of(watts, volts);
        json!({
            "wNow": thousandths(watts),
            "whLifetime": thousandths(lifetime),
            "varhLeadLifetime": 0.0,
            "varhLagLifetime": thousandths(lifetime.abs() * 0.1),
            "vahLifetime": thousandths(lifetime.abs() * 1.05),
            "rmsCurrent": thousandths(electrics.amperes),
            "rmsVoltage": thousandths(volts),
            "reactPwr": thousandths(electrics.reactive),
            "apprntPwr": thousandths(electrics.apparent),
            "pwrFactor": thousandths(electrics.power_factor),
            "whToday": thousandths(today),
            "whLastSevenDays": thousandths(week),
            "vahToday": thousandths(today * 1.05),
            "varhLeadToday": 0.0,
            "varhLagToday": thousandths(today * 0.1),
        })
    };
    let mut body = line(
        sum(series.watts),
        volts * phases as f64,
        sum(series.lifetime),
        sum(series.today),
        sum(series.week),
    );
    body["type"] = "eim".into();
    body["activeCount"] = 1.into();
    body["measurementType"] = measures.into();
    body["readingTime"] = view.moment.at.as_second().into();
    if lines && view.profile.generation >= Generation::Four {
        let phase = |n: usize| {
            line(series.watts[n], volts, series.lifetime[n], series.today[n], series.week[n])
        };
        body["lines"] = (0..phases).map(phase).collect();
    }
    body
}
