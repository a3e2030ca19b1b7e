use proptest::prelude::*;

use super::*;

fn number(json: &str) -> Option<f64> {
    serde_json::from_str::<Number>(json).expect("JSON").value()
}

#[test]
fn numbers_are_numbers_or_texts_of_numbers() {
    let table = [
        ("30", Some(30.0)),
        ("30.5", Some(30.5)),
        ("-7", Some(-7.0)),
        ("\"  1.63\"", Some(1.63)),
        ("\"1691342644\"", Some(1_691_342_644.0)),
        ("\"\"", None),
        ("\"NaN\"", None),
        ("\"inf\"", None),
        ("null", None),
        ("true", None),
        ("[1]", None),
        ("{\"a\":{\"b\":[1,2]}}", None),
    ];
    for (json, expected) in table {
        assert_eq!(number(json), expected, "{json}");
    }
}

#[test]
fn a_resting_meter_has_no_negative_zero() {
    assert!(number("-0.0").is_some_and(f64::is_sign_positive));
}

#[test]
fn serial_numbers_are_texts_even_where_they_are_numbers() {
    for (json, expected) in [("\"0123\"", Some("0123")), ("123", Some("123")), ("[]", None)] {
        let text: Text = serde_json::from_str(json).expect("JSON");
        assert_eq!(text.value().as_deref(), expected, "{json}");
    }
}

fn problem<T: Document + std::fmt::Debug>(status: u16, body: &str) -> Problem {
    read::<T>(status, body.as_bytes()).expect_err("an answer without readings")
}

#[test]
fn a_status_says_what_is_wrong() {
    let body = r#"{"wattsNow":1,"wattHoursToday":1,"wattHoursSevenDays":1,"wattHoursLifetime":1}"#;
    assert!(read::<ProductionV1>(200, body.as_bytes()).is_ok());
    assert_eq!(problem::<ProductionV1>(401, body), Problem::Refused(401));
    assert_eq!(problem::<ProductionV1>(403, body), Problem::Refused(403));
    assert_eq!(problem::<ProductionV1>(404, body), Problem::Absent);
    assert_eq!(problem::<ProductionV1>(301, body), Problem::Status(301));
    assert_eq!(problem::<ProductionV1>(503, body), Problem::Status(503));
}

#[test]
fn gateways_say_in_many_ways_that_they_have_no_such_thing() {
    for body in [
        "[]",
        "{}",
        "null",
        r#"{ "error" : "404 - Not Found" }"#,
        r#" { "err": "404 - Not Found" }"#,
    ] {
        assert_eq!(problem::<List<Maybe<Meter>>>(200, body), Problem::Absent, "{body}");
        assert_eq!(problem::<ProductionReport>(200, body), Problem::Absent, "{body}");
        assert_eq!(problem::<ProductionV1>(200, body), Problem::Absent, "{body}");
        assert_eq!(problem::<DeviceData>(200, body), Problem::Absent, "{body}");
    }
}

#[test]
fn other_things_than_readings_are_told_apart() {
    let pit = "[".repeat(10_000);
    let hole = format!("{{\"production\":{}", "[".repeat(10_000));
    let table = [
        ("", Problem::Truncated),
        ("{\"production\":[{\"type\":\"eim\"", Problem::Truncated),
        ("\n  <!DOCTYPE html><html></html>", Problem::Html),
        ("[1,2,3,4]", Problem::Unfamiliar),
        ("\"production\"", Problem::Unfamiliar),
        ("7", Problem::Unfamiliar),
        ("{\"production\":7}", Problem::Unfamiliar),
        ("{\"production\":[[],\"eim\"]}", Problem::Unfamiliar),
        ("{\"production\":[{\"new\":1}]}", Problem::Unfamiliar),
    ];
    for (body, expected) in table {
        assert_eq!(problem::<ProductionReport>(200, body), expected, "{body}");
    }
    for body in
        ["{\"production\":[{\"wNow\":NaN}]}", "Error: 401", "{'production':[]}", &pit, &hole]
    {
        let problem = problem::<ProductionReport>(200, body);
        assert!(
            matches!(problem, Problem::Malformed(_) | Problem::Truncated),
            "{body:.40}: {problem}"
        );
    }
}

#[test]
fn what_is_not_asked_for_may_be_anything() {
    let pit = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(
        "\u{feff} {{\"new\":{pit},\"production\":[{pit},{{\"type\":\"eim\",\"wNow\":{pit}}}]}}"
    );
    let report: ProductionReport = read(200, body.as_bytes()).expect("a report");
    assert!(report.eim().is_some_and(|eim| eim.w_now.value().is_none()));
}

#[test]
fn the_page_of_firmware_3_is_read_and_no_other() {
    let page = "<table><tr><td>Currently</td>    <td>  950 W</td></tr><tr><td>Today</td><td> 1.5 kWh</td></tr>
        <tr><td>Past Week</td>    <td>   0 Wh</td></tr></table>";
    let report: ProductionReport = read(200, page.as_bytes()).expect("a report");
    let page = report.page.expect("a page");
    assert_eq!(page.currently.value(), Some(950.0));
    assert_eq!(page.today.value(), Some(1500.0));
    assert_eq!(page.past_week.value(), Some(0.0));
    assert_eq!(page.since_installation.value(), None);
    for other in ["<table><td>Currently</td></table>", "<td>Currently</td><td>sun</td>"] {
        assert_eq!(problem::<ProductionReport>(200, other), Problem::Html, "{other}");
    }
}

#[test]
fn consumption_is_found_by_its_name_and_else_by_its_place() {
    let lifetimes = |consumption: &str| {
        let body = format!("{{\"consumption\":{consumption}}}");
        let report: ProductionReport = read(200, body.as_bytes()).expect("a report");
        [report.total(), report.net()]
            .map(|entry| entry.and_then(|entry| entry.wh_lifetime.rounded()))
    };
    let total = r#"{"type":"eim","measurementType":"total-consumption","whLifetime":1}"#;
    let net = r#"{"type":"eim","measurementType":"net-consumption","whLifetime":2}"#;
    assert_eq!(lifetimes(&format!("[{total},{net}]")), [Some(1), Some(2)]);
    assert_eq!(lifetimes(&format!("[{net},{total}]")), [Some(1), Some(2)]);
    assert_eq!(lifetimes(&format!("[{net}]")), [None, Some(2)]);
    assert_eq!(
        lifetimes(r#"[{"type":"eim","whLifetime":1},{"type":"eim","whLifetime":2}]"#),
        [Some(1), Some(2)]
    );
}

proptest! {
    #[test]
    fn no_bytes_make_a_document_panic(status in 100u16..600, body: Vec<u8>) {
        let _ = read::<List<Maybe<Meter>>>(status, &body);
        let _ = read::<List<Maybe<MeterReading>>>(status, &body);
        let _ = read::<ProductionReport>(status, &body);
        let _ = read::<ProductionV1>(status, &body);
        let _ = read::<DeviceData>(status, &body);
        let _ = read::<List<Maybe<InverterReport>>>(status, &body);
    }
}
