//! Production and consumption: the long report, and the short totals.

use super::{
    View,
    meters::{Electrics, Flow},
    thousandths, whole,
};
use crate::{
    json::{Json, json},
    profile::Circuit,
    world::{
        Moment,
        energy::{Energies, sum},
    },
};

/// `/production.json` and `/production`, with or without the phases.
pub(super) fn report(view: &View<'_>, lines: bool) -> Json {
    let (inverters, storage) = (inverters(view), storage(view));
    if !view.profile.metered() {
        return json!({"production": [inverters], "storage": [storage]});
    }
    let net = Series::net(view);
    let total = Series::total(view);
    let total = if view.total_is_net { net.posing_as(&total) } else { total };
    let [production, total, net] =
        [Series::production(view), total, net].map(|series| meter(view, &series, lines));
    json!({"production": [inverters, production], "consumption": [total, net], "storage": [storage]})
}

/// The AC batteries, whether there are any or not.
fn storage(view: &View<'_>) -> Json {
    let (moment, bank) = (view.moment, &view.moment.plant.ac_batteries);
    if bank.count == 0 {
        return json!({"type": "acb", "activeCount": 0, "readingTime": 0, "wNow": 0, "whNow": 0, "state": "idle"});
    }
    json!({
        "type": "acb",
        "activeCount": bank.count,
        "readingTime": moment.at.as_second(),
        "wNow": whole(sum(moment.powers.ac_battery)),
        "whNow": whole(moment.charges.ac),
        "state": charge_status(moment),
        "percentFull": whole(bank.percent(moment.charges.ac)),
    })
}

/// What the AC batteries do, in the word for it.
pub(super) fn charge_status(moment: &Moment) -> &'static str {
    match sum(moment.powers.ac_battery) {
        watts if watts > 1.0 => "discharging",
        watts if watts < -1.0 => "charging",
        _ => "idle",
    }
}

/// `/api/v1/production`. From 8.2.4264 on it stands still where there are inputs for transformers but none in them.
pub(super) fn totals(view: &View<'_>) -> Json {
    let body = |today: f64, week: f64, lifetime: f64, now: f64| {
        json!({
            "wattHoursToday": whole(today),
            "wattHoursSevenDays": whole(week),
            "wattHoursLifetime": whole(lifetime),
            "wattsNow": whole(now),
        })
    };
    let profile = view.profile;
    if view.starting {
        return body(0.0, 0.0, 0.0, 0.0);
    }
    if profile.metered() && !profile.measures(Circuit::Production) && profile.since >= (8, 2, 4264)
    {
        return body(0.0, 1_204.0, 1_204.0, 3.0);
    }
    let moment = view.moment;
    body(
        sum(moment.today.solar),
        sum(moment.week.solar),
        sum(moment.energies.solar),
        sum(moment.powers.solar),
    )
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

fn inverters(view: &View<'_>) -> Json {
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
    measures: &'static str,
    active: bool,
    watts: [f64; 3],
    lifetime: [f64; 3],
    /// Today, and the seven days before. Nets count no days.
    days: Option<[[f64; 3]; 2]>,
}

impl Series {
    fn production(view: &View<'_>) -> Self {
        let active = view.profile.measures(Circuit::Production);
        let watts = Flow::read(view, Circuit::Production).watts;
        let energy = |energies: &Energies| if active { energies.solar } else { [0.0; 3] };
        Self::counted(view, "production", active, watts, energy)
    }

    /// The gateway works it out from the other two.
    fn total(view: &View<'_>) -> Self {
        let [production, net] = [Circuit::Production, Circuit::NetConsumption];
        let measured = [production, net].map(|circuit| view.profile.measures(circuit));
        let [production, net] = [production, net].map(|circuit| Flow::read(view, circuit).watts);
        let watts = std::array::from_fn(|phase| production[phase] + net[phase]);
        let energy = |energies: &Energies| match measured {
            [_, true] => energies.consumption,
            [true, false] => energies.solar,
            [false, false] => [0.0; 3],
        };
        Self::counted(view, "total-consumption", measured[1], watts, energy)
    }

    /// Up to 7.3.130 the lifetime of a net is what was imported, later what is left after the export.
    fn net(view: &View<'_>) -> Self {
        let flow = Flow::read(view, Circuit::NetConsumption);
        let balance = std::array::from_fn(|phase| flow.delivered[phase] - flow.received[phase]);
        Self {
            measures: "net-consumption",
            active: view.profile.measures(Circuit::NetConsumption),
            watts: flow.watts,
            lifetime: if view.profile.since >= (7, 3, 466) { balance } else { flow.delivered },
            days: None,
        }
    }

    /// Power and lifetime of this one under the other's name; the other's days are right.
    fn posing_as(&self, other: &Self) -> Self {
        Self { measures: other.measures, days: other.days, ..*self }
    }

    fn counted(
        view: &View<'_>,
        measures: &'static str,
        active: bool,
        watts: [f64; 3],
        energy: impl Fn(&Energies) -> [f64; 3],
    ) -> Self {
        let moment = view.moment;
        let days = Some([energy(&moment.today), energy(&moment.week)]);
        Self { measures, active, watts, lifetime: energy(&moment.energies), days }
    }

    /// One number of every kind: those of one phase, or all together.
    fn line(&self, volts: f64, take: impl Fn([f64; 3]) -> f64) -> Json {
        let (watts, lifetime) = (take(self.watts), take(self.lifetime));
        let electrics = Electrics::of(watts, volts);
        let [today, week] = match self.days {
            Some(days) => days.map(|day| Some(take(day))),
            None => [None; 2],
        };
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
            "whToday": day(today, 1.0),
            "whLastSevenDays": day(week, 1.0),
            "vahToday": day(today, 1.05),
            "varhLeadToday": day(today, 0.0),
            "varhLagToday": day(today, 0.1),
        })
    }
}

/// A part of what a day brought; the whole number 0 where days are not counted.
fn day(watt_hours: Option<f64>, part: f64) -> Json {
    watt_hours.map_or(Json::Whole(0), |watt_hours| thousandths(watt_hours * part).into())
}

/// With lines the phases stand there one by one: one, or always three.
fn meter(view: &View<'_>, series: &Series, lines: bool) -> Json {
    let phases = view.profile.wiring.phases();
    let volts = Electrics::nominal_volts(view.profile.wiring);
    let of_phase = |phase: usize| {
        series.line(if phase < phases { volts } else { 0.0 }, |phases| phases[phase])
    };
    let listed = if phases == 1 { 1 } else { 3 };
    Json::merged([
        json!({
            "type": "eim",
            "activeCount": usize::from(series.active),
            "measurementType": series.measures,
            "readingTime": view.moment.at.as_second(),
        }),
        series.line(volts * phases as f64, sum),
        json!({"lines": (0..listed).map(of_phase).collect::<Json>()}).when(lines),
    ])
}
