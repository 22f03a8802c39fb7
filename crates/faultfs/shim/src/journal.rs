//! Settings, the lock, and the journal.

use libc::{c_int, c_long};
use std::{
    ffi::CString,
    os::unix::ffi::OsStringExt,
    sync::{Mutex, MutexGuard, OnceLock},
};
use tallow_faultfs::{FULL, JOURNAL, ROOT, Record, Space};

/// How long a sync takes, in nanoseconds: about what a good disk needs, so that others write meanwhile.
const SYNC_NS: c_long = 700_000;
/// The journal's descriptor is moved out of the way of programs that count on low numbers.
const DESCRIPTOR_MIN: c_int = 700;

pub(crate) struct Settings {
    pub(crate) root: Vec<u8>,
    journal: Option<c_int>,
    full: Option<CString>,
}

/// Held while something is done and written down.
pub(crate) struct Order<'a> {
    settings: &'a Settings,
    _turn: MutexGuard<'a, ()>,
}

/// Nothing when the process is not watched.
pub(crate) fn settings() -> Option<&'static Settings> {
    static SETTINGS: OnceLock<Option<Settings>> = OnceLock::new();
    let variable = |name| std::env::var_os(name).map(OsStringExt::into_vec);
    let read = || {
        let path = |name| variable(name).and_then(|path| CString::new(path).ok());
        let journal = path(JOURNAL).map(|path| open_journal(&path));
        Some(Settings { root: variable(ROOT)?, journal, full: path(FULL) })
    };
    SETTINGS.get_or_init(read).as_ref()
}

fn open_journal(path: &CString) -> c_int {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
    // SAFETY: plain system calls with a path that ends in zero.
    let moved = unsafe {
        let opened = libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags, 0o600) as c_int;
        let moved = libc::fcntl(opened, libc::F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
        libc::close(opened);
        moved
    };
    if moved < 0 {
        die("the journal cannot be opened");
    }
    moved
}

impl Settings {
    /// Takes the lock.
    pub(crate) fn order(&self) -> Order<'_> {
        static TURN: Mutex<()> = Mutex::new(());
        Order { settings: self, _turn: TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) }
    }

    /// Whether changes are written down; otherwise the disk is only limited.
    pub(crate) fn records(&self) -> bool {
        self.journal.is_some()
    }

    /// How full the disk is now.
    pub(crate) fn space(&self) -> Space {
        let Some(path) = &self.full else { return Space::Enough };
        let mut first = [0_u8; 1];
        // SAFETY: plain system calls with a path that ends in zero and a buffer of one byte.
        unsafe {
            let file = libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
            if file >= 0 {
                libc::read(file as c_int, first.as_mut_ptr().cast(), 1);
                libc::close(file as c_int);
            }
        }
        match first[0] {
            b'f' => Space::Full,
            b'l' => Space::Low,
            _ => Space::Enough,
        }
    }
}

impl Order<'_> {
    /// Where the journal ends.
    pub(crate) fn end(&self) -> u64 {
        let Some(journal) = self.settings.journal else { return 0 };
        // SAFETY: a plain system call on our own descriptor.
        unsafe { libc::lseek(journal, 0, libc::SEEK_END) as u64 }
    }

    /// Writes something down; its place.
    pub(crate) fn record(&self, record: &Record) -> u64 {
        let Some(journal) = self.settings.journal else { return 0 };
        let (at, frame) = (self.end(), record.frame());
        // SAFETY: the buffer is ours and as long as is said.
        let written = unsafe { libc::syscall(libc::SYS_write, journal, frame.as_ptr(), frame.len()) };
        if written != frame.len() as c_long {
            die("the journal cannot be written");
        }
        at
    }
}

/// The time of a sync.
pub(crate) fn pause() {
    let time = libc::timespec { tv_sec: 0, tv_nsec: SYNC_NS };
    // SAFETY: a valid time and no place for the remainder.
    unsafe { libc::nanosleep(&time, std::ptr::null_mut()) };
}

/// Ends the process: a test that goes on would believe a journal that is not true.
pub(crate) fn die(why: &str) -> ! {
    let text = format!("faultfs: {why}\n");
    // SAFETY: the buffer is ours and as long as is said; aborting is always allowed.
    unsafe {
        libc::syscall(libc::SYS_write, 2, text.as_ptr(), text.len());
        libc::abort()
    }
}
