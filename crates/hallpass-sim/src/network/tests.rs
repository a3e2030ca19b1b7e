use super::*;

fn fates(trouble: Trouble, percent: usize, bytes: usize) -> Vec<Fate> {
    let weather = Weather::new(trouble, percent, Duration::from_secs(5));
    let mut dice = StdRng::seed_from_u64(7);
    (0..1_000).map(|flight| weather.fate(bytes, 3_u32.saturating_sub(flight), &mut dice)).collect()
}

#[test]
fn a_lost_packet_comes_after_a_retransmission_or_more() {
    let on_time = |percent, bytes| {
        let fates = fates(Trouble::Loss, percent, bytes);
        fates.iter().filter(|fate| **fate == Fate::Late(Duration::ZERO)).count()
    };
    assert_eq!(on_time(0, 1_000_000), 1_000);
    assert!((650..750).contains(&on_time(30, 100)), "{}", on_time(30, 100));
    assert!(on_time(30, 10 * PACKET) < 60);
    let longest = RETRANSMISSION * ((1 << MOST_LOSSES) - 1);
    assert_eq!(fates(Trouble::Loss, 100, 1), vec![Fate::Late(longest); 1_000]);
}

#[test]
fn latency_is_half_the_round_trip_each_way() {
    let late = Fate::Late(Duration::from_millis(2_500));
    assert_eq!(fates(Trouble::Latency, 30, 100_000), vec![late; 1_000]);
}

#[test]
fn a_half_open_connection_ends_after_some_flights() {
    let mut expect = vec![Fate::Never; 1_000];
    expect[..3].fill(Fate::Late(Duration::ZERO));
    assert_eq!(fates(Trouble::HalfOpen, 30, 10), expect);
}

#[test]
fn only_small_packets_pass_a_black_hole() {
    assert_eq!(fates(Trouble::BlackHole, 30, PACKET - 1)[0], Fate::Late(Duration::ZERO));
    assert_eq!(fates(Trouble::BlackHole, 30, PACKET)[0], Fate::Never);
}
