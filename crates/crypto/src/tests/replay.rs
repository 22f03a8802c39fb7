use crate::ReplayWindow;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tallow_types::limits::SESSION_WINDOW;

/// The rule itself: every number once, unless it is too far behind the newest.
#[derive(Default)]
struct Naive(BTreeSet<u64>);

impl Naive {
    fn accept(&mut self, number: u64) -> bool {
        let in_time = self.0.last().is_none_or(|newest| newest.saturating_sub(number) < SESSION_WINDOW);
        in_time && self.0.insert(number)
    }
}

fn agree(numbers: impl IntoIterator<Item = u64>) {
    let (mut window, mut naive) = (ReplayWindow::new(), Naive::default());
    for number in numbers {
        assert_eq!(window.accept(number), naive.accept(number), "{number}");
    }
}

#[test]
fn edges() {
    let w = SESSION_WINDOW;
    agree([0, 0, w - 1, 0, 1, w, 0, 1, 2, w + 1, 2, 1, 2 * w, w + 1, w + 2, 3 * w, 2 * w, 2 * w + 1]);
    agree([u64::MAX, u64::MAX, 0, u64::MAX - w + 2, u64::MAX - w + 2, u64::MAX - 1]);
    agree([5, u64::MAX, 5]);
}

#[test]
fn a_fresh_window_accepts_any_number_once() {
    for number in [0, 1, SESSION_WINDOW, u64::MAX] {
        let mut window = ReplayWindow::default();
        assert!(window.accept(number));
        assert!(!window.accept(number));
    }
}

proptest! {
    #[test]
    fn agrees_with_a_set(steps in prop::collection::vec((0..4u8, 0..2 * SESSION_WINDOW), 1..400)) {
        let mut newest = 0u64;
        let numbers = steps.into_iter().map(|(kind, offset)| {
            let number = match kind {
                0 => newest + 1,
                1 => newest + offset,
                _ => newest.saturating_sub(offset),
            };
            newest = newest.max(number);
            number
        });
        agree(numbers.collect::<Vec<_>>());
    }
}
