//! Uses an allocator of its own: one that gives back nothing, and grows memory page by page.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[cfg(target_arch = "wasm32")]
mod bump {
    use core::{
        alloc::{GlobalAlloc, Layout},
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
    };

    const PAGE: usize = 64 * 1024;

    /// Where free memory begins and ends.
    struct Bump {
        next: AtomicUsize,
        end: AtomicUsize,
    }

    #[global_allocator]
    static ALLOCATOR: Bump = Bump { next: AtomicUsize::new(0), end: AtomicUsize::new(0) };

    impl Bump {
        /// Makes room for so many bytes after `start`; where they begin.
        fn grow(&self, bytes: usize) -> Option<usize> {
            let old = core::arch::wasm32::memory_grow(0, bytes.div_ceil(PAGE));
            if old == usize::MAX {
                return None;
            }
            self.end.store((old + bytes.div_ceil(PAGE)) * PAGE, Relaxed);
            Some(old * PAGE)
        }
    }

    // SAFETY: every piece is handed out once, inside of memory that was grown here, aligned as asked.
    unsafe impl GlobalAlloc for Bump {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let mut start = self.next.load(Relaxed).next_multiple_of(layout.align());
            if start + layout.size() > self.end.load(Relaxed) {
                match self.grow(layout.size()) {
                    Some(grown) => start = grown,
                    None => return core::ptr::null_mut(),
                }
            }
            self.next.store(start + layout.size(), Relaxed);
            start as *mut u8
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }
}

#[ink::contract]
mod allocator {
    use ink::prelude::{vec, vec::Vec};

    #[ink(storage)]
    pub struct Allocator {
        kept: Vec<u8>,
    }

    impl Allocator {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { kept: Vec::new() }
        }

        #[ink(message)]
        pub fn keep(&mut self, byte: u8, count: u32) {
            self.kept = vec![byte; count as usize];
        }

        #[ink(message)]
        pub fn kept(&self) -> Vec<u8> {
            self.kept.clone()
        }

        /// Allocates piece by piece; the sum of what was written.
        #[ink(message)]
        pub fn churn(&self, pieces: u32, size: u32) -> u64 {
            let pieces: Vec<Vec<u8>> = (0..pieces).map(|piece| vec![piece as u8; size as usize]).collect();
            pieces.iter().flatten().map(|byte| u64::from(*byte)).sum()
        }
    }
}
