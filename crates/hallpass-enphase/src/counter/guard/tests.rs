use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::reading::Watts;

mod properties;

/// A plant that makes 10 kW at most: 2,500 Wh at once, and 833 Wh in 5 minutes.
fn limit() -> PlantLimit {
    PlantLimit::new(Watts(10_000))
}

/// Shows a guard a series and compares what it makes of it.
///
/// A word is a reading, `[minute@]raw[+counted][quality]`: without a minute 5 minutes after the one
/// before, without `counted` nothing is added to what is published, without a quality it is good.
fn check(name: &str, series: &str) {
    let mut guard = Guard::default();
    let mut minute = -5;
    let mut published = None;
    let seen = series.split(' ').map(|word| {
        let (time, reading) = word.split_once('@').unwrap_or(("", word));
        minute = time.parse().unwrap_or(minute + 5);
        let number = reading.trim_end_matches(|c: char| !c.is_ascii_digit());
        let raw: i64 = number.split('+').next().unwrap_or_default().parse().expect("a number");
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        let counted = guard.observe(at, WattHours(raw), limit());
        assert_eq!(counted.raw, WattHours(raw), "{name}");
        let before = published.replace(counted.published.0).unwrap_or(counted.published.0);
        in_words(time, before, counted)
    });
    assert_eq!(seen.collect::<Vec<_>>().join(" "), series, "{name}");
}

fn in_words(time: &str, before: i64, Counted { raw, published, quality }: Counted) -> String {
    let time = if time.is_empty() { String::new() } else { format!("{time}@") };
    let added = published.0 - before;
    let added = if added == 0 { String::new() } else { format!("+{added}") };
    let quality = match quality {
        Quality::Good => "",
        Quality::Held => "h",
        Quality::Wrapped => "w",
        Quality::Reset => "r",
        Quality::Repeated => "=",
        Quality::Stale => "s",
        Quality::Late => "l",
    };
    format!("{time}{}{added}{quality}", raw.0)
}

#[test]
fn what_gateways_do_to_lifetime_counters() {
    check("honest", "1000 1800+800 1800 2000+200");
    check("D1 a gateway wraps", "1193000 1193040+40 30+36w 60+30");
    check("D2 an inverter of many wraps", "20000000 18807000+46w 18807040+40");
    check("D2 three at once", "20000000 16420900+39w");
    check("D2 firmware puts it right", "18807000 20000100+53w 20000200+100");
    check("D3 zeros after a start", "5000000 0h 0h 5000100+100");
    check("D3 zeros for long", "5000000 0h 0h 0r 0 0 5000100+100");
    check("D5 exactly half", "8000 4000h 8100+100");
    check("D6 consumption is net", "20000000 5000000h 5000100h 5000200+200r 5000300+100");
    check("D6 corrected", "5000300 20000700h 20000800h 20000900+200r 20001000+100");
    check("no plant makes it", "1000 1100+100 9000h 1200+100");
    check("largest of 32 bits", "1000 4294967295h 1200+200");
    check("a reset", "9000000 0h 100h 200+200r 300+100");
    check("a reset at night", "9000000 0h 0h 0r 0 0 50+50 60+10");
    check("the first is zero", "0 5000000h 5000100h 5000200+200r");
    check("a reset by a bit more than a wrap", "20000000 18806800h 18807000h 18807200+400r");
    check("a balance", "-50 -40+10 -30+10");
}

#[test]
fn what_gateways_do_to_daily_counters() {
    check("midnight", "20000 0h 0h 0r 0 0 10+10 20+10");
    check("K4 late, as under daylight saving", "20000 20010+10 0h 5h 10+10r 15+5");
    check("D9 to what was made since midnight", "20000 20010+10 30h 35h 40+10r 45+5");
    check("K4 not at all", "20000 20010+10 20020+10");
    check("D8 thousands of kWh", "12000 5000000h 16000000h 12100+100");
    check("D8 until midnight", "12000 5000000h 5000100h 5000200+200r 0h 10h 20+20r");
    check("zeros for long in the morning", "600 0h 0h 0r 0 0 700+100");
}

#[test]
fn what_was_missed_is_counted_if_a_plant_can_have_made_it() {
    check("away for a week", "0@1000 10080@400000+399000");
    check("more than a plant makes", "0@1000 60@14000h");
    check("a wrap while away for an hour", "0@1190000 60@2000+5046w");
    check("fallen while away for a week", "0@1190000 10080@300000h");
    check("two hours at a standstill", "0@1000 60@1000 120@1000 121@21000+20000");
    check("a long rest is not all credit", "0@1000 600@1000 601@35000h");
    check("a leap is not made up for by waiting", "0@1000 1@6000h 60@6010h 65@6020+20r");
    check(
        "a burst is owed after a reset",
        "0@90000 1@92500+2500 2@0h 7@2900h 12@2950h 17@3000+100r",
    );
    check("one burst, not one each minute", "0@0 1@2500+2500 2@5000h");
}

#[test]
fn a_counter_that_sags_waits_for_itself() {
    check("and is back in the morning", "0@5000 60@4910h 120@4920h 180@4930h 240@5010+10");
    check("all night", "0@5000 60@4950h 120@4910h 180@4990h 240@5100+100");
    check("too far", "5000 4890h 4891h 4892+2r 4893+1");
    check("a short day is no sag", "80 0h 1h 2+2r");
}

#[test]
fn a_reset_takes_three_agreeing_readings_five_minutes_apart() {
    check("two do not", "9000 0h 100h");
    check("nor many in ten minutes", "0@9000 1@0h 2@10h 5@30h 9@60h 10@70h");
    check("nor three with another between", "0@9000 1@100h 6@200h 8@3h 11@300h 13@310h 16@320h");
    check("each minute", "0@9000 1@1h 2@2h 3@3h 4@4h 5@5h 6@6h 7@7h 8@8h 9@9h 10@10h 11@11+10r");
    check("comes and goes", "9000 0h 9010+10 0h 9020+10 0h 9030+10");
    check("noise", "9000 0h 900000h 5h 700000h 6h 800000h");
    check("faster than a plant", "90000 0h 3400h 6800h 10200h");
}

#[test]
fn time_may_stand_still_or_go_back() {
    check("D7 twice", "0@1000 5@1100+100 5@1100= 5@1900= 6@1200+100");
    check("D7 out of order", "0@1000 5@1100+100 4@1080l 6@1120+20");
    check("K5 set back", "60@1000 0@1010l 5@1020l 10@1030+20r 15@1040+10");
    check("K2 years ahead", "0@1000 1000000@1010+10 1@1020l 6@1030l 11@1040+20r");
}

#[test]
fn no_number_is_too_large_or_too_small() {
    for limit in [Watts(i64::MIN), Watts(0), Watts(i64::MAX)].map(PlantLimit::new) {
        for raw in [i64::MIN, i64::MAX, 0] {
            for next in [i64::MAX, i64::MIN, -1] {
                let mut guard = Guard::default();
                guard.observe(Timestamp::MIN, WattHours(raw), limit);
                let before = guard.published().0;
                let counted = guard.observe(Timestamp::MAX, WattHours(next), limit);
                assert!(0 <= before && before <= counted.published.0, "{limit:?} {raw} {next}");
            }
        }
    }
}
