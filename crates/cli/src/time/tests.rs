use super::*;

#[test]
fn spans_are_numbers_with_units() {
    assert_eq!("90s".parse(), Ok(Lifetime(90_000)));
    assert_eq!("30m".parse(), Ok(Lifetime(1_800_000)));
    assert_eq!("1h".parse(), Ok(Lifetime(3_600_000)));
    for bad in ["", "h", "1", "1d", "-1h", "1.5h", "0s", "18446744073709551615h", "1ä"] {
        assert!(bad.parse::<Lifetime>().is_err(), "{bad}");
    }
    assert_eq!(
        [999, 61_000, 600_000, 7_200_000, 864_000_000].map(span),
        ["999 ms", "61 s", "10 min", "2 h", "10 days"]
    );
}

#[test]
fn times_are_dates() {
    let cases = [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399_999, "2000-02-28T23:59:59Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (1_709_251_200_000, "2024-03-01T00:00:00Z"),
        (1_767_225_599_000, "2025-12-31T23:59:59Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    ];
    for (ms, text) in cases {
        assert_eq!(utc(ms), text);
    }
}
