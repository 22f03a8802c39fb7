use super::*;

/// 2024-02-28 23:59:30 UTC, a Wednesday.
const NOW: u64 = 1_709_164_770_000;
const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// 2024-02-29 00:00:00 UTC.
const LEAP_DAY: u64 = 1_709_164_800_000;

fn every(first_ms: u64, period_ms: u64) -> Schedule {
    Schedule::Every { first_ms, period_ms }
}

fn cron(text: &str) -> Schedule {
    Schedule::Cron(text.to_owned())
}

#[test]
fn a_first_firing_is_never_sooner_than_the_least_period() {
    let earliest = NOW + TIMER_PERIOD_MS_MIN;
    for (at_ms, due) in [(0, earliest), (earliest, earliest), (earliest + 1, earliest + 1), (u64::MAX, u64::MAX)] {
        assert_eq!(first(&Schedule::Once { at_ms }, NOW), Some(due));
    }
    assert_eq!(first(&every(NOW + 500, 1_000), NOW), Some(NOW + 500));
    assert_eq!(first(&every(0, MINUTE), NOW), Some(LEAP_DAY), "the grid goes on from where it began");
    assert_eq!(first(&every(NOW, TIMER_PERIOD_MS_MIN), NOW), Some(earliest));
    assert_eq!(first(&every(0, TIMER_PERIOD_MS_MIN - 1), NOW), None);
    assert_eq!(first(&every(1, u64::MAX), NOW), None, "beyond the end of time");
    assert_eq!(first(&every(0, MINUTE), u64::MAX), None);
    assert_eq!(first(&cron("* * * * *"), LEAP_DAY - TIMER_PERIOD_MS_MIN), Some(LEAP_DAY));
    assert_eq!(first(&cron("* * * * *"), LEAP_DAY - TIMER_PERIOD_MS_MIN + 1), Some(LEAP_DAY + MINUTE));
}

#[test]
fn of_missed_firings_the_newest_are_made_good() {
    let at = |catch_up, now_ms| fire(&every(0, 1_000), 10_000, catch_up, now_ms);
    let occurrence = |due_ms| Occurrence { due_ms, next_ms: Some(due_ms + 1_000) };
    assert_eq!(at(0, 10_999), occurrence(10_000), "late, but nothing is missed");
    assert_eq!(at(0, 11_000), occurrence(11_000));
    assert_eq!(at(3, 11_000), occurrence(10_000));
    assert_eq!(at(3, 99_999), occurrence(96_000), "96, 97 and 98 are made good, and 99 is due");
    assert_eq!(fire(&Schedule::Once { at_ms: 5 }, 7, 3, NOW), Occurrence { due_ms: 7, next_ms: None });
    let last = fire(&every(0, u64::MAX - 5), 3, 0, 3);
    assert_eq!(last, Occurrence { due_ms: 3, next_ms: Some(u64::MAX - 2) });
    assert_eq!(fire(&every(0, u64::MAX - 5), u64::MAX - 2, 0, u64::MAX).next_ms, None);

    let at = |catch_up| fire(&cron("*/10 * * * *"), LEAP_DAY, catch_up, LEAP_DAY + 35 * MINUTE);
    for (catch_up, due) in [(0, 30), (1, 20), (3, 0), (9, 0)] {
        let due_ms = LEAP_DAY + due * MINUTE;
        assert_eq!(at(catch_up), Occurrence { due_ms, next_ms: Some(due_ms + 10 * MINUTE) });
    }
}

fn next(text: &str, after_ms: u64) -> Option<u64> {
    Cron::parse(text).unwrap().next(after_ms)
}

#[test]
fn cron_knows_the_calendar() {
    let hour = 60 * MINUTE;
    for (text, expected) in [
        ("* * * * *", LEAP_DAY),
        ("0 0 29 2 *", LEAP_DAY),
        ("30 12 * * *", LEAP_DAY + 12 * hour + 30 * MINUTE),
        ("0 0 1 * *", LEAP_DAY + DAY),
        ("59 23 28 FEB *", LEAP_DAY - MINUTE + 365 * DAY + DAY),
        ("0 0 * * 4", LEAP_DAY),
        ("0 0 * * thu", LEAP_DAY),
        ("0 0 * * 0", LEAP_DAY + 3 * DAY),
        ("0 0 * * 7", LEAP_DAY + 3 * DAY),
        ("0 0 * * 6-7", LEAP_DAY + 2 * DAY),
        ("0 0 1 * MON", LEAP_DAY + DAY),
        ("0 0 31 * MON", LEAP_DAY + 4 * DAY),
        ("0 0 */31 * *", LEAP_DAY + DAY),
        ("5-10/5,20 3 * * *", LEAP_DAY + 3 * hour + 5 * MINUTE),
        ("50/5 * * * *", LEAP_DAY + 50 * MINUTE),
        ("0 0 1 1 *", LEAP_DAY + 307 * DAY),
    ] {
        assert_eq!(next(text, NOW), Some(expected), "{text}");
    }
    // After 2096-03-08 the next one is in 2104.
    assert_eq!(next("0 0 29 2 *", 3_982_003_200_000), Some(4_233_686_400_000));
    assert_eq!(next("0 0 30 2 *", NOW), None);
    assert_eq!(first(&cron("0 0 30 2 *"), NOW), None);
}

#[test]
fn what_is_no_expression_is_refused() {
    for text in [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * FEB",
        "+1 * * * *",
        "-1 * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/ * * * *",
        "1, * * * *",
        "1--2 * * * *",
        "99999999999999999999 * * * *",
        "*/99999999999999999999 * * * *",
        "@daily",
    ] {
        assert_eq!(Cron::parse(text), None, "{text:?}");
    }
    let long = format!("{} * * * *", ["1"; 40].join(","));
    assert!(Cron::parse(&long).is_some() && first(&cron(&long), NOW).is_none(), "longer than the limit");
}

#[test]
fn next_and_last_agree() {
    for text in ["*/7 * * * *", "15 3 * * 1", "0 0 13 * 5", "59 23 31 12 *"] {
        let cron = Cron::parse(text).unwrap();
        let mut time = NOW;
        for _ in 0..50 {
            let following = cron.next(time).unwrap();
            assert!(following > time && following.is_multiple_of(MINUTE));
            assert_eq!(cron.last(following), Some(following));
            assert_eq!(cron.last(following + MINUTE - 1), Some(following));
            assert!(cron.last(following - 1).unwrap() <= time);
            time = following;
        }
    }
}
