//! The numbers of a session's requests that were already used.

use tallow_types::limits::SESSION_WINDOW;

const WORDS: usize = SESSION_WINDOW as usize / 64;

/// Accepts every number once, in any order within [`SESSION_WINDOW`] of the newest; what is older counts as used.
#[derive(Clone, Debug)]
pub struct ReplayWindow {
    newest: Option<u64>,
    /// Bit `n % SESSION_WINDOW` says whether `n` was used, for the numbers of the window.
    used: [u64; WORDS],
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayWindow {
    /// A window that has seen nothing.
    pub const fn new() -> Self {
        Self { newest: None, used: [0; WORDS] }
    }

    /// Whether `number` is used for the first time; from now on it is used. To be asked only about frames that were
    /// opened, since anyone can write a number on a frame.
    pub fn accept(&mut self, number: u64) -> bool {
        match self.newest {
            Some(newest) if number <= newest => {
                if newest - number >= SESSION_WINDOW || self.is_used(number) {
                    return false;
                }
            }
            Some(newest) => self.advance(newest, number),
            None => self.newest = Some(number),
        }
        self.mark(number);
        true
    }

    /// Makes `number` the newest and forgets the numbers whose bits the window now gives to others.
    fn advance(&mut self, newest: u64, number: u64) {
        if number - newest >= SESSION_WINDOW {
            self.used = [0; WORDS];
        } else {
            (newest + 1..=number).for_each(|skipped| self.clear(skipped));
        }
        self.newest = Some(number);
    }

    const fn place(number: u64) -> (usize, u64) {
        let bit = number % SESSION_WINDOW;
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    const fn is_used(&self, number: u64) -> bool {
        let (word, bit) = Self::place(number);
        self.used[word] & bit != 0
    }

    const fn mark(&mut self, number: u64) {
        let (word, bit) = Self::place(number);
        self.used[word] |= bit;
    }

    const fn clear(&mut self, number: u64) {
        let (word, bit) = Self::place(number);
        self.used[word] &= !bit;
    }
}
