//! Energy counters over a day in the simulated world.

use std::collections::BTreeMap;

use hallpass_enphase::counter::{Counted, Counters, Quality};

use crate::bench::Bench;

#[tokio::test(start_paused = true)]
async fn an_honest_day_is_published_as_it_is() {
    let bench = Bench::new(&["8.2.4345"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let mut counters = Counters::default();
    let mut days: BTreeMap<String, Vec<Counted>> = BTreeMap::new();
    for _ in 0..=24 * 4 {
        for (path, counted) in counters.observe(&gateway.read().await.unwrap()) {
            days.entry(path).or_default().push(counted);
        }
        bench.pass(900).await;
    }

    let published = |path: &str| risen(&days[path], |counted| counted.published.0);
    for (path, day) in days.iter().filter(|(path, _)| !path.ends_with("today")) {
        assert_eq!(published(path), risen(day, |counted| counted.raw.0), "{path}");
        let doubted =
            |counted: &Counted| [Quality::Held, Quality::Reset].contains(&counted.quality);
        assert!(!day.iter().any(doubted), "{path}");
    }
    for flow in ["system_production", "system_consumption"] {
        let lifetime = published(&format!("{flow}.watt_hours_lifetime"));
        let today = published(&format!("{flow}.watt_hours_today"));
        assert!(lifetime > 1_000, "{flow}: {lifetime} Wh is no day");
        // The reset at midnight costs a quarter of an hour of night.
        assert!((lifetime - 250..=lifetime).contains(&today), "{flow}: {today} of {lifetime} Wh");
    }
}

fn risen(day: &[Counted], energy: fn(&Counted) -> i64) -> i64 {
    day.last().map_or(0, energy) - day.first().map_or(0, energy)
}
