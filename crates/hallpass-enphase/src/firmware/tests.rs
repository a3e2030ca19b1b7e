use super::*;

fn firmware(text: &str) -> Firmware {
    Firmware::parse(text).expect("a firmware version")
}

#[test]
fn the_letter_in_front_is_dropped_and_the_rest_is_shown_as_given() {
    let table = [
        ("R3.9.36", "3.9.36"),
        ("D7.6.175", "7.6.175"),
        ("M4.2.33", "4.2.33"),
        ("8.3.5433", "8.3.5433"),
        (" D8.2.4264_x\n", "8.2.4264_x"),
        ("D8.3.beta.1", "8.3.beta.1"),
        ("D 8.3.1", "8.3.1"),
    ];
    for (given, shown) in table {
        assert_eq!(firmware(given).to_string(), shown);
        assert_eq!(firmware(shown), firmware(given), "what was kept is the same version");
    }
}

#[test]
fn versions_compare_by_their_numbers() {
    let ascending =
        ["3.7.0", "3.17.3", "4.2.33", "4.10.35", "5.0.62", "7.0.0", "7.0.88", "8.2.4264", "8.3.1"];
    assert!(ascending.is_sorted_by_key(|text| firmware(text)));
    assert!(firmware("8.2.4264_x").freezes_production());
    assert!(!firmware("8.2.4263").freezes_production());
}

#[test]
fn what_holds_no_number_is_no_version() {
    for text in ["", "D", "unknown", ".", "99999999999999999999999"] {
        assert_eq!(Firmware::parse(text), None, "{text}");
    }
}

#[test]
fn each_gate_opens_at_its_version() {
    let check = |gate: fn(&Firmware) -> bool, below: &str, at: &str| {
        assert!(!gate(&firmware(below)), "{below}");
        assert!(gate(&firmware(at)), "{at}");
    };
    check(Firmware::takes_tokens, "5.0.62", "7.0.0");
    check(Firmware::freezes_production, "8.2.4263", "8.2.4264");
    check(Firmware::copies_net_to_total, "8.3.5432", "8.3.5433");
    check(Firmware::loses_storage_channel, "8.3.5999", "8.3.6000");
}

#[test]
fn only_the_third_generation_starts_with_zeros() {
    assert!(firmware("3.18.10").starts_with_zeros());
    assert!(!firmware("4.10.35").starts_with_zeros());
}
