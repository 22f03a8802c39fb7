//! What is asked of the kernel before something is done: is it below the watched directory, and where?

use crate::journal::Settings;
use libc::{c_char, c_int};
use std::{ffi::CStr, mem::MaybeUninit};

/// Bytes of a block of the file system.
const STAT_BLOCK: i64 = 512;

/// An open file or directory below the watched directory.
pub(crate) struct Watched {
    pub(crate) inode: u64,
    pub(crate) length: u64,
    /// Bytes up to which it has blocks, if it has no holes.
    pub(crate) allocated: u64,
}

/// A name in a directory below the watched directory.
pub(crate) struct Place {
    pub(crate) parent: u64,
    pub(crate) name: Vec<u8>,
}

pub(crate) fn stat(fd: c_int) -> Option<libc::stat> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the kernel fills the whole structure when it answers 0.
    unsafe { (libc::fstat(fd, stat.as_mut_ptr()) == 0).then(|| stat.assume_init()) }
}

/// What a name stands for, links not followed.
pub(crate) fn stat_at(dir: c_int, path: &CStr) -> Option<libc::stat> {
    let mut stat = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the path ends in zero; the kernel fills the whole structure when it answers 0.
    unsafe {
        let answer = libc::fstatat(dir, path.as_ptr(), stat.as_mut_ptr(), libc::AT_SYMLINK_NOFOLLOW);
        (answer == 0).then(|| stat.assume_init())
    }
}

/// An open file, if it is below the watched directory.
pub(crate) fn watched(settings: &Settings, fd: c_int) -> Option<Watched> {
    let stat = stat(fd)?;
    let kind = stat.st_mode & libc::S_IFMT;
    let ours = (kind == libc::S_IFREG || kind == libc::S_IFDIR) && is_below(settings, fd);
    ours.then_some(Watched {
        inode: stat.st_ino,
        length: stat.st_size as u64,
        allocated: (stat.st_blocks * STAT_BLOCK) as u64,
    })
}

/// A path, if it is below the watched directory.
pub(crate) fn place(settings: &Settings, dir: c_int, path: &CStr) -> Option<Place> {
    let path = path.to_bytes();
    let path = &path[..path.iter().rposition(|byte| *byte != b'/')? + 1];
    let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..=slash], &path[slash + 1..]),
        None => (&b"."[..], path),
    };
    let parent = std::ffi::CString::new(parent).ok()?;
    let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: plain system calls; the path ends in zero, and the descriptor is closed once.
    unsafe {
        let fd = libc::syscall(libc::SYS_openat, dir, parent.as_ptr(), flags) as c_int;
        if fd < 0 {
            return None;
        }
        let found = is_below(settings, fd).then(|| stat(fd)).flatten();
        libc::close(fd);
        found.map(|stat| Place { parent: stat.st_ino, name: name.to_vec() })
    }
}

/// Whether an open file is the watched directory or below it, also when it has been removed since.
fn is_below(settings: &Settings, fd: c_int) -> bool {
    let link = format!("/proc/self/fd/{fd}\0");
    let mut buffer = [0_u8; libc::PATH_MAX as usize];
    // SAFETY: the path ends in zero, and the buffer is as long as is said.
    let length = unsafe { libc::readlink(link.as_ptr().cast::<c_char>(), buffer.as_mut_ptr().cast(), buffer.len()) };
    let path = &buffer[..usize::try_from(length).unwrap_or(0)];
    path.strip_prefix(&settings.root[..]).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
