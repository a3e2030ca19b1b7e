//! Prints `docs/faults.md`: the catalogue of faults, what plays each one, and what came of it. A test compares the two.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hallpass_sim::{Action, Scenario, Step};

/// Faults that a timeline cannot play: what happens, and the tests that play it, or some of many.
const PROGRAM_TESTS: &[(&str, &str, &[&str])] = &[
    (
        "G11",
        "What may have been carried out is not sent again.",
        &["what_is_not_a_get_is_sent_once"],
    ),
    (
        "A2",
        "Fifty callers at once find that session and token are dead.",
        &["fifty_callers_share_a_session_a_token_and_a_login"],
    ),
    (
        "A3",
        "Refusals of a credential that was renewed meanwhile come late.",
        &["twenty_refusals_of_one_generation_issue_once"],
    ),
    (
        "N1",
        "Somebody else answers in the gateway's place, in thousands of connections and a hundred runs.",
        &[
            "an_impostor_is_sent_nothing",
            "who_takes_over_between_two_requests_is_sent_nothing",
            "who_shows_the_right_certificate_without_its_key_is_sent_nothing",
            "a_hundred_runs_give_nothing_to_who_is_not_the_gateway",
        ],
    ),
    (
        "N4",
        "The gateway gets another address; impostors say that they are it.",
        &[
            "a_gateway_that_moves_is_found_within_two_minutes",
            "impostors_at_its_old_address_and_elsewhere_are_told_by_their_keys",
            "who_only_says_to_be_it_gets_nothing",
        ],
    ),
    (
        "N8",
        "Two gateways swap their addresses.",
        &[
            "two_gateways_that_swap_are_both_back_within_two_minutes",
            "two_gateways_that_swap_their_addresses_are_both_found",
        ],
    ),
    (
        "K4",
        "Daily counters begin anew an hour late, or not at all.",
        &["what_gateways_do_to_daily_counters", "published_never_falls"],
    ),
    (
        "D1",
        "A gateway's lifetime counter wraps at 1.19 MWh.",
        &["what_gateways_do_to_lifetime_counters", "no_wrap_is_lost_or_invented"],
    ),
    (
        "D2",
        "A lifetime counter loses 1.2 MWh for each inverter that wraps.",
        &["what_gateways_do_to_lifetime_counters", "no_wrap_is_lost_or_invented"],
    ),
    (
        "D3",
        "Counters are zero after a start of the gateway.",
        &["what_gateways_do_to_lifetime_counters", "published_never_falls"],
    ),
    (
        "D5",
        "A counter shows exactly half.",
        &["what_gateways_do_to_lifetime_counters", "published_never_falls"],
    ),
    (
        "D6",
        "Consumption becomes what is net, and later what it was.",
        &[
            "what_gateways_do_to_lifetime_counters",
            "published_never_rises_faster_than_a_plant_makes_it",
        ],
    ),
    (
        "D7",
        "Readings come twice, stand still, or come out of order.",
        &[
            "time_may_stand_still_or_go_back",
            "a_meter_that_is_frozen_is_stale_and_loses_nothing",
            "a_reading_shown_twice_counts_once",
        ],
    ),
    (
        "D8",
        "A day is said to have made thousands of kWh.",
        &[
            "what_gateways_do_to_daily_counters",
            "published_never_rises_faster_than_a_plant_makes_it",
        ],
    ),
    (
        "D9",
        "A counter begins anew at another number than zero.",
        &[
            "a_reset_takes_three_agreeing_readings_five_minutes_apart",
            "three_agreeing_readings_confirm_a_reset_and_two_never_do",
        ],
    ),
    (
        "S1",
        "The program is killed at every step of what it writes.",
        &[
            "s1_a_process_that_is_killed_at_any_step_leaves_the_old_record_or_the_new",
            "s1_a_renewal_that_is_killed_keeps_the_token_that_it_printed",
            "s1_a_login_that_is_killed_keeps_the_old_token_until_there_is_a_new_one",
            "s1_logins_that_are_killed_one_after_the_other_stay_within_the_budget",
        ],
    ),
    (
        "S2",
        "The power is cut: what was not on the disk is gone, sectors are torn.",
        &[
            "s2_what_is_acknowledged_is_on_the_disk",
            "s2_a_log_that_is_cut_anywhere_has_every_record_that_was_acknowledged_before",
            "s2_a_transaction_that_lost_any_sector_is_none",
        ],
    ),
    (
        "S3",
        "The disk is full when a token is to be kept.",
        &[
            "what_cannot_be_stored_is_used_and_stored_when_there_is_room",
            "s3_a_store_that_is_open_goes_on_while_the_disk_is_full",
            "s3_a_full_disk_is_told_and_what_is_kept_is_used_when_there_is_room",
        ],
    ),
    (
        "S5",
        "Database or key are damaged, lost, foreign, newer, linked, or somebody else's.",
        &[
            "s5_a_bit_that_flipped_is_told_or_changes_no_record",
            "s5_a_newer_database_is_left_alone",
            "s5_a_symbolic_link_is_not_followed",
            "s5_what_belongs_to_another_user_is_refused",
            "a_damaged_database_is_moved_aside_for_who_says_so",
            "a_foreign_or_newer_database_is_never_moved",
        ],
    ),
    (
        "S7",
        "Eight processes use one store at once.",
        &[
            "s7_eight_processes_share_one_token_and_one_login",
            "s7_eight_processes_open_an_empty_directory_at_once",
        ],
    ),
    (
        "S8",
        "Who holds a turn is killed or stands still; its number comes again.",
        &[
            "s8_a_killed_process_does_not_hold_the_others_up_for_long",
            "s8_a_process_that_stops_in_its_turn_is_passed_by",
            "s8_a_process_number_that_comes_again_is_nobodys_turn",
            "s8_a_login_that_stops_is_not_made_twice",
        ],
    ),
    (
        "S9",
        "The state is brought back from an old backup.",
        &[
            "s9_an_old_backup_goes_on_with_its_old_token",
            "s9_a_backup_without_a_token_costs_one_login",
            "s9_a_backup_keeps_the_budget_that_it_knows",
        ],
    ),
    (
        "S10",
        "A signal ends the program in a request, a renewal or a poll.",
        &[
            "s10_a_signal_ends_a_request_at_once_and_holds_nobody_up",
            "s10_a_signal_ends_a_renewal_at_once_and_holds_nobody_up",
            "a_signal_ends_it_in_the_middle_of_a_poll",
        ],
    ),
    (
        "M11",
        "Processes are killed at random moments, while they open the store and while they write.",
        &[
            "s1_a_process_that_is_killed_loses_no_acknowledged_update",
            "s1_a_process_that_is_killed_while_it_opens_the_store_leaves_one_that_opens",
        ],
    ),
    (
        "M12",
        "Each call that writes fails once, as on a full, failing or read-only disk.",
        &[
            "m12_a_full_disk_leaves_the_old_record_or_the_new",
            "m12_a_failing_disk_leaves_the_old_record_or_the_new",
            "m12_a_disk_that_turns_read_only_leaves_the_old_record_or_the_new",
            "m12_a_renewal_on_a_full_disk_costs_no_login_and_no_token",
        ],
    ),
    (
        "M13",
        "Processes take turns at one token without losing an update.",
        &["s7_eight_processes_share_one_token_and_one_login"],
    ),
];

#[expect(clippy::print_stdout, reason = "the document")]
fn main() -> io::Result<()> {
    print!("{}", document()?);
    Ok(())
}

pub(crate) fn document() -> io::Result<String> {
    let mut rows = Vec::new();
    for file in files(&root().join("crates/hallpass-sim/scenarios"), "txt")? {
        rows.extend(of_scenario(&file)?);
    }
    let sources = sources()?;
    for (code, summary, tests) in PROGRAM_TESTS {
        rows.push(of_tests(code, summary, tests, &sources)?);
    }
    rows.sort_by_key(|row| (place(&row.code), row.player.clone()));
    let rows: String = rows.iter().map(Row::to_string).collect();
    Ok(format!("{INTRODUCTION}{rows}"))
}

struct Row {
    code: String,
    faults: String,
    player: String,
    summary: String,
    expected: String,
    result: String,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, faults, player, summary, expected, result } = self;
        writeln!(f, "| {code} | {faults} | {player} | {summary} | {expected} | {result} |")
    }
}

/// A row for each code of a scenario.
fn of_scenario(file: &Path) -> io::Result<Vec<Row>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let wrong = |error| io::Error::other(format!("{name}, {error}"));
    let scenario = Scenario::parse(&fs::read_to_string(file)?).map_err(wrong)?;
    let quoted = |names: Vec<&str>| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
    };
    let expected: Vec<_> = scenario.steps.iter().filter_map(|s| expected(s, &scenario)).collect();
    let row = |code: &String| Row {
        code: code.clone(),
        faults: quoted(scenario.faults()),
        player: format!("[{name}](../crates/hallpass-sim/scenarios/{name})"),
        summary: scenario.summary.clone(),
        expected: expected.join("; "),
        result: match &scenario.not_yet {
            None => "kept".to_owned(),
            Some(reason) => format!("**not yet**: {reason}"),
        },
    };
    Ok(scenario.codes.iter().map(row).collect())
}

/// What is expected at a step, with the time where it is not the end.
fn expected(step: &Step, scenario: &Scenario) -> Option<String> {
    let Action::Expect(expectation) = &step.action else { return None };
    let words = expectation.to_string();
    let written = step.to_string();
    let time = written.strip_suffix(&format!(" expect {words}")).unwrap_or_default();
    let time = if step.at == scenario.length { String::new() } else { format!("{time} ") };
    Some(format!("{time}{words}"))
}

/// A row for tests, each of which must be there.
fn of_tests(code: &str, summary: &str, tests: &[&str], sources: &str) -> io::Result<Row> {
    let is_missing = |test: &&&str| !sources.contains(&format!("fn {test}("));
    if let Some(test) = tests.iter().find(is_missing) {
        return Err(io::Error::other(format!("no test is called {test}")));
    }
    let tests: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
    Ok(Row {
        code: code.to_owned(),
        faults: String::new(),
        player: format!("tests {}", tests.join(", ")),
        summary: summary.to_owned(),
        expected: String::new(),
        result: "kept".to_owned(),
    })
}

/// All Rust text of the crates.
fn sources() -> io::Result<String> {
    let texts = files(&root().join("crates"), "rs")?.into_iter().map(fs::read_to_string);
    texts.collect()
}

/// The files below a folder whose names end so, sorted.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Groups in the order of the catalogue, then by number.
fn place(code: &str) -> (usize, u32) {
    let (group, number) = code.split_at(1.min(code.len()));
    (GROUPS.find(group).unwrap_or(GROUPS.len()), number.parse().unwrap_or(u32::MAX))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Gateway, credentials, clouds, network, clocks, data, storage, proxy, HEM; measured goals.
const GROUPS: &str = "GACNKDSPHM";

const INTRODUCTION: &str = "\
# Faults

Made by `cargo xtask docs` from the scenarios in `crates/hallpass-sim/scenarios` and a list of tests for what a timeline cannot
play. [scenarios.md](scenarios.md) explains the words.

Each scenario is played by the tests with the whole client, under virtual time. Besides what is listed, the simulator's own
verdict must be good in each: nothing secret at a wrong place, no budget for gateways and clouds exceeded. **Not yet** marks
what the client does not keep so far; such a scenario must fail, so that the mark cannot stay longer than it is true.

| code | fault | played by | what happens | what is expected | result |
|---|---|---|---|---|---|
";
