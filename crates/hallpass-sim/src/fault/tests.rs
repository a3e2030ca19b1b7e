use std::collections::BTreeSet;

use jiff::Timestamp;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn scene(path: &str, second: i64) -> Scene<'_> {
    Scene { place: "122012345678", path, now: at(second) }
}

#[test]
fn every_row_of_the_table_can_be_set_by_name_and_by_code() {
    let active = Faults::default();
    for info in faults() {
        active.set(info.name, &Value::Null, at(0), 0).unwrap();
        if !info.code.is_empty() {
            active.set(info.code, &Value::Null, at(0), 0).unwrap();
        }
    }
    assert_eq!(active.names().len(), faults().len());
}

#[test]
fn names_and_codes_are_unique() {
    let names: BTreeSet<_> = faults().iter().map(|info| info.name).collect();
    let codes: Vec<_> =
        faults().iter().map(|info| info.code).filter(|code| !code.is_empty()).collect();
    assert_eq!(names.len(), faults().len());
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_nearest() {
    let error = Faults::default().set("reboot", &Value::Null, at(0), 0).unwrap_err();
    assert!(error.to_string().contains("reboot_503"), "{error}");
}

#[test]
fn arguments_are_typed() {
    let check = |name: &str, arguments: Value, ok: bool| {
        assert_eq!(
            Faults::default().set(name, &arguments, at(0), 0).is_ok(),
            ok,
            "{name} {arguments}"
        );
    };
    check("slow", json!({"by": "3s"}), true);
    check("slow", json!({"by": 3}), true);
    check("slow", json!({"by": "soon"}), false);
    check("slow", json!({"bye": "3s"}), false);
    check("slow", json!([3]), false);
    check("odd_numbers", json!({"kind": "infinity", "path": "/home"}), true);
    check("odd_numbers", json!({"kind": "imaginary"}), false);
}

#[test]
fn a_fault_holds_within_its_scope() {
    let check = |arguments: Value, scene: Scene<'_>, expect: bool| {
        let active = Faults::default();
        active.set("html200", &arguments, at(0), 0).unwrap();
        assert_eq!(active.on(scene, &Fault::Html200 {}), expect, "{arguments} {scene:?}");
    };
    check(json!({}), scene("/production.json", 0), true);
    check(json!({}), scene("/home", 0), false);
    check(json!({"path": "/ivp/*"}), scene("/ivp/meters", 0), true);
    check(json!({"path": "*"}), scene("/home", 0), true);
    check(json!({"for": "10s"}), scene("/production.json", 9), true);
    check(json!({"for": "10s"}), scene("/production.json", 10), false);
    check(json!({"gateway": "122012345678"}), scene("/production.json", 0), true);
    check(json!({"gateway": 122_012_345_678_u64}), scene("/production.json", 0), true);
    check(json!({"gateway": "other"}), scene("/production.json", 0), false);
}

#[test]
fn times_run_out() {
    let active = Faults::default();
    active.set("html200", &json!({"times": 2}), at(0), 0).unwrap();
    let hits =
        (0..5).filter(|_| active.on(scene("/production.json", 0), &Fault::Html200 {})).count();
    assert_eq!(hits, 2);
}
