//! The contract: its input is the kernel's number (a byte) and the seed; it returns the checksum. Constructing it does
//! nothing.
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

#[link(wasm_import_module = "seal0")]
unsafe extern "C" {
    fn input(out: *mut u8, length: *mut u32);
    fn seal_return(flags: u32, data: *const u8, length: u32) -> !;
}

#[unsafe(no_mangle)]
extern "C" fn deploy() {}

#[unsafe(no_mangle)]
extern "C" fn call() {
    let mut bytes = [0; 9];
    let mut length = bytes.len() as u32;
    // SAFETY: the host writes at most `length` bytes.
    unsafe { input(bytes.as_mut_ptr(), &raw mut length) };
    let [number, seed @ ..] = bytes;
    let sum = run(usize::from(number), u64::from_le_bytes(seed)).to_le_bytes();
    // SAFETY: the host reads as many bytes as there are.
    unsafe { seal_return(0, sum.as_ptr(), sum.len() as u32) }
}

fn run(number: usize, seed: u64) -> u64 {
    #[cfg(feature = "float")]
    if let Some(kernel) = number.checked_sub(kernels::INTEGER.len()).and_then(|number| kernels::FLOAT.get(number)) {
        return (kernel.run)(seed);
    }
    (kernels::INTEGER[number].run)(seed)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// An allocator that never frees, but lets the newest block grow: a contract lives for one call.
struct Bump(UnsafeCell<usize>);

// SAFETY: a contract is a single thread.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump(UnsafeCell::new(0));

const PAGE_BYTES: usize = 64 * 1024;

impl Bump {
    /// Bytes up to which the memory is used; null when the memory cannot grow so far.
    fn take(&self, align: usize, size: usize) -> *mut u8 {
        unsafe extern "C" {
            static __heap_base: u8;
        }
        // SAFETY: one thread, and nothing else refers to the cell's content.
        let end = unsafe { &mut *self.0.get() };
        let start = (*end).max((&raw const __heap_base).addr()).next_multiple_of(align);
        let have = core::arch::wasm32::memory_size(0) * PAGE_BYTES;
        if start + size > have {
            let pages = (start + size - have).div_ceil(PAGE_BYTES);
            if core::arch::wasm32::memory_grow(0, pages) == usize::MAX {
                return ptr::null_mut();
            }
        }
        *end = start + size;
        ptr::with_exposed_provenance_mut(start)
    }
}

// SAFETY: blocks do not overlap, are aligned and lie in the memory.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout.align(), layout.size())
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `take`.
        let newest = block.addr() + layout.size() == unsafe { *self.0.get() };
        if newest && size >= layout.size() {
            let more = self.take(1, size - layout.size());
            return if more.is_null() { more } else { block };
        }
        let moved = self.take(layout.align(), size);
        if !moved.is_null() {
            // SAFETY: the new block is as large and does not overlap the old one.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size().min(size)) };
        }
        moved
    }
}
