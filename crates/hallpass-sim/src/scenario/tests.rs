use super::*;

const TEXT: &str = "\
# A gateway is away for ten minutes.
codes G14
firmware 8.2.4264
account owner
every 30s

at 0s     client logs in
at 0s     client starts
at 2m     fault gateway_504 status=502
# A comment.
at 12m    clear gateway_504
at 12m    expect requests /info 200 <= 3 since 2m
at 1h30m  event expire-token
at 2h     client clock steps by -1h
at 3h     client sleeps 8h
at 12h    end

expect logins = 1
expect recovery <= 1m30s
expect told \"no answer\" >= 1 since 2m
";

#[test]
fn a_scenario_is_read_and_its_steps_are_written_as_they_were() {
    let scenario = Scenario::parse(TEXT).unwrap();
    assert_eq!(scenario.summary, "A gateway is away for ten minutes.");
    assert_eq!((scenario.every, scenario.length), (seconds(30), seconds(43_200)));
    assert_eq!(scenario.faults(), ["gateway_504", "expire-token"]);
    let written: Vec<_> = scenario.steps.iter().map(Step::to_string).collect();
    let expect = [
        "at 0s client logs in",
        "at 0s client starts",
        "at 2m counting begins",
        "at 2m fault gateway_504 status=502",
        "at 12m clear gateway_504",
        "at 12m expect requests /info 200 <= 3 since 2m",
        "at 1h30m event expire-token",
        "at 2h client clock steps by -1h",
        "at 3h client sleeps 8h",
        "at 12h expect logins = 1",
        "at 12h expect recovery <= 1m30s",
        "at 12h expect told \"no answer\" >= 1 since 2m",
    ];
    assert_eq!(written, expect);
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
    let check = |lines: &str, expect: &str| {
        let error = Scenario::parse(&format!("# Something.\n{lines}")).unwrap_err();
        assert!(error.to_string().starts_with(expect), "{lines}: {error}");
    };
    check("at 0s end\nat 1s end", "line 3: the scenario has ended above");
    check("", "line 1: nothing says when it is over: `at TIME end`");
    check("at 5m end\nfirmware 7.6.175", "line 3: this belongs before the first `at`");
    check("at 5m fault slow\nat 4m clear slow", "line 3: it happens before the line above it");
    check("at soon end", "line 2: \"soon\" is no time (90s, 1h30m, 7d)");
    check("firmwear 7", "line 2: no line is called \"firmwear\"; the nearest are: firmware, ");
    check("at 1s falt slow", "line 2: no step is called \"falt\"; the nearest are: fault, ");
    check("at 1s fault slwo", "line 2: no fault is called \"slwo\"; the nearest are: slow, ");
    check(
        "at 1s client restart",
        "line 2: no step of a client is called \"restart\"; the nearest are: restarts, ",
    );
    check("at 1s client clock steps by 1h", "line 2: \"1h\" is no step of a clock (+2y, -1h)");
    check("expect login = 1", "line 2: no measure is called \"login\"; the nearest are: logins, ");
    check("expect logins < 1", "line 2: no comparison is called \"<\"; the nearest are: <=");
    check("expect gap <= 90", "line 2: \"90\" is no time (90s, 1h30m, 7d)");
    check("expect logins-per-day <= 3 since 1d", "line 2: \"since\" is no end of the line");
    let error = Scenario::parse("at 0s end").unwrap_err();
    assert!(matches!(error.kind, ScenarioErrorKind::NoSummary), "{error}");
}

#[test]
fn times_are_sums_of_numbers_with_units() {
    let check = |text: &str, expect: Option<u64>| {
        assert_eq!(moment::parse(text), expect.map(Duration::from_secs), "{text}");
    };
    check("0s", Some(0));
    check("1h30m", Some(5_400));
    check("2y", Some(730 * 86_400));
    check("1d2h3m4s", Some(93_784));
    for nonsense in ["", "5", "1h30", "m", "-1h", "1x"] {
        check(nonsense, None);
    }
    assert_eq!(moment::display(Duration::from_secs(93_784)), "1d2h3m4s");
}

#[tokio::test(start_paused = true)]
async fn the_world_s_part_happens_and_the_rest_is_handed_on() {
    let scenario = Scenario::parse(TEXT).unwrap();
    let sim = crate::Sim::new(scenario.options()).unwrap();
    let mut play = Play::new(sim.clone(), &scenario);
    let mut handed_on = 0;
    while let Some(step) = play.next().await.unwrap() {
        assert_eq!(play.elapsed().as_secs(), step.at.as_secs(), "{step}");
        handed_on += 1;
        match &step.action {
            Action::Fault { .. } => assert_eq!(sim.control().active_faults(), ["gateway_504"]),
            Action::Clear { .. } => assert!(sim.control().active_faults().is_empty()),
            Action::Client(ClientStep::Sleeps(length)) => sim.control().advance(*length),
            Action::Expect(expectation) => {
                let seen = play.seen(expectation);
                let is_clients = matches!(expectation.measure, Measure::Told(_));
                assert_eq!(seen, (!is_clients).then_some(0.0), "{expectation}");
            }
            _ => {}
        }
    }
    assert_eq!(handed_on, scenario.steps.len() - 1, "all but the mark");
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
