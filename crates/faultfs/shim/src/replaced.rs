//! The functions that take the place of libc's.
//!
//! `open` and `openat` are variadic in C: the mode comes only with flags that make a file. On the targets of this
//! project (64-bit Linux) it is passed in the same register as a fixed third or fourth argument; when it is not passed,
//! the kernel does not look at it either.

use crate::{
    calls::{Place, Watched, place, stat, stat_at, watched},
    journal::{Order, Settings, die, pause, settings},
};
use libc::{c_char, c_int, c_long, c_uint, c_void, iovec, mode_t, off_t, size_t, ssize_t};
use std::ffi::CStr;
use tallow_faultfs::{Kind, Record, Space};

/// A system call with the caller's own arguments; on failure it answers -1 and sets errno, as libc's functions do.
macro_rules! call {
    ($number:ident $(, $argument:expr)*) => {
        // SAFETY: the arguments are those of the caller, who promised what the replaced function asks for.
        unsafe { libc::syscall(libc::$number $(, $argument)*) }
    };
}

fn no_space() -> c_int {
    // SAFETY: errno is this thread's own.
    unsafe { *libc::__errno_location() = libc::ENOSPC };
    -1
}

/// A path argument.
///
/// # Safety
/// It points to bytes that end in zero and stay for the call.
unsafe fn text<'a>(path: *const c_char) -> &'a CStr {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(path) }
}

fn made(order: &Order<'_>, place: Place, stat: &libc::stat) {
    let kind = if stat.st_mode & libc::S_IFMT == libc::S_IFDIR { Kind::Dir } else { Kind::File };
    let Place { parent, name } = place;
    order.record(&Record::Made { parent, name, inode: stat.st_ino, kind, mode: stat.st_mode & 0o7777 });
}

fn open_file(dir: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let perform = || call!(SYS_openat, dir, path, flags, mode) as c_int;
    let changes = flags & (libc::O_CREAT | libc::O_TRUNC) != 0 || flags & libc::O_TMPFILE == libc::O_TMPFILE;
    let Some(settings) = settings().filter(|_| changes) else { return perform() };
    // SAFETY: the path is the caller's, which ends in zero.
    let path = unsafe { text(path) };
    let Some(place) = place(settings, dir, path) else { return perform() };
    if flags & libc::O_TMPFILE == libc::O_TMPFILE {
        die("O_TMPFILE is not modelled");
    }
    let order = settings.order();
    let before = stat_at(dir, path);
    if before.is_none() && settings.space() == Space::Full {
        return no_space();
    }
    let file = perform();
    let Some(stat) = (if file < 0 { None } else { stat(file) }) else { return file };
    match before {
        None => made(&order, place, &stat),
        Some(before) if flags & libc::O_TRUNC != 0 && before.st_size > 0 => {
            order.record(&Record::Resized { inode: stat.st_ino, length: 0 });
        }
        Some(_) => {}
    }
    file
}

#[unsafe(no_mangle)]
extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_file(libc::AT_FDCWD, path, flags, mode)
}

#[unsafe(no_mangle)]
extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_file(libc::AT_FDCWD, path, flags, mode)
}

#[unsafe(no_mangle)]
extern "C" fn openat(dir: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_file(dir, path, flags, mode)
}

#[unsafe(no_mangle)]
extern "C" fn openat64(dir: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_file(dir, path, flags, mode)
}

/// Writes `pieces` at `offset`, or at the file's own position, by `perform`.
fn write_file(
    fd: c_int,
    pieces: &[iovec],
    offset: Option<off_t>,
    dsync: bool,
    perform: impl Fn() -> c_long,
) -> ssize_t {
    let found = settings().and_then(|settings| Some((settings, watched(settings, fd)?)));
    let Some((settings, file)) = found else { return perform() as ssize_t };
    let order = settings.order();
    let wanted: usize = pieces.iter().map(|piece| piece.iov_len).sum();
    if settings.space() == Space::Full && start(fd, &file, offset) + wanted as u64 > file.allocated {
        return no_space() as ssize_t;
    }
    let written = perform();
    if written <= 0 || !settings.records() {
        return written as ssize_t;
    }
    // SAFETY: plain system calls on the caller's descriptor.
    let (position, flags) = unsafe { (libc::lseek(fd, 0, libc::SEEK_CUR), libc::fcntl(fd, libc::F_GETFL)) };
    let offset = offset.unwrap_or(position - written) as u64;
    let at = order.record(&Record::Wrote { inode: file.inode, offset, bytes: gathered(pieces, written as usize) });
    drop(order);
    if dsync || flags & libc::O_DSYNC != 0 {
        pause();
        settings.order().record(&Record::Settled { inode: file.inode, at });
    }
    written as ssize_t
}

/// Where a write would begin.
fn start(fd: c_int, file: &Watched, offset: Option<off_t>) -> u64 {
    // SAFETY: plain system calls on the caller's descriptor.
    let (position, flags) = unsafe { (libc::lseek(fd, 0, libc::SEEK_CUR), libc::fcntl(fd, libc::F_GETFL)) };
    if flags & libc::O_APPEND != 0 { file.length } else { offset.unwrap_or(position) as u64 }
}

/// The first bytes of the pieces.
fn gathered(pieces: &[iovec], length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    for piece in pieces {
        let take = piece.iov_len.min(length - bytes.len());
        if take > 0 {
            // SAFETY: the caller promised that the piece can be read, and the kernel has just read it.
            bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(piece.iov_base.cast::<u8>(), take) });
        }
    }
    bytes
}

fn piece(bytes: *const c_void, length: size_t) -> [iovec; 1] {
    [iovec { iov_base: bytes.cast_mut(), iov_len: length }]
}

/// The caller's pieces.
///
/// # Safety
/// There are `count` of them, which stay for the call.
unsafe fn pieces<'a>(pieces: *const iovec, count: c_int) -> &'a [iovec] {
    match usize::try_from(count) {
        // SAFETY: as the caller promises.
        Ok(count) if count > 0 => unsafe { std::slice::from_raw_parts(pieces, count) },
        _ => &[],
    }
}

#[unsafe(no_mangle)]
extern "C" fn write(fd: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    write_file(fd, &piece(bytes, length), None, false, || call!(SYS_write, fd, bytes, length))
}

#[unsafe(no_mangle)]
extern "C" fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the pieces are the caller's.
    let given = unsafe { pieces(parts, count) };
    write_file(fd, given, None, false, || call!(SYS_writev, fd, parts, count))
}

#[unsafe(no_mangle)]
extern "C" fn pwrite64(fd: c_int, bytes: *const c_void, length: size_t, offset: off_t) -> ssize_t {
    write_file(fd, &piece(bytes, length), Some(offset), false, || call!(SYS_pwrite64, fd, bytes, length, offset))
}

#[unsafe(no_mangle)]
extern "C" fn pwritev2(fd: c_int, parts: *const iovec, count: c_int, offset: off_t, flags: c_int) -> ssize_t {
    // SAFETY: the pieces are the caller's.
    let given = unsafe { pieces(parts, count) };
    // The kernel takes the offset in two halves, the second of which is the upper one of 32-bit systems.
    let perform = || call!(SYS_pwritev2, fd, parts, count, offset, 0, flags);
    write_file(fd, given, (offset >= 0).then_some(offset), flags & (libc::RWF_DSYNC | libc::RWF_SYNC) != 0, perform)
}

fn resize(fd: c_int, length: off_t) -> c_int {
    let perform = || call!(SYS_ftruncate, fd, length) as c_int;
    let found = settings().and_then(|settings| Some((settings, watched(settings, fd)?)));
    let Some((settings, file)) = found else { return perform() };
    let order = settings.order();
    let answer = perform();
    if answer == 0 && file.length != length as u64 {
        order.record(&Record::Resized { inode: file.inode, length: length as u64 });
    }
    answer
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate(fd: c_int, length: off_t) -> c_int {
    resize(fd, length)
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate64(fd: c_int, length: off_t) -> c_int {
    resize(fd, length)
}

/// A sync: what was recorded before it began is durable when it ends.
fn sync(fd: c_int, perform: impl Fn() -> c_long, record: impl Fn(u64, u64) -> Record) -> c_int {
    let recording = settings().filter(|settings| settings.records());
    let found = recording.and_then(|settings| Some((settings, watched(settings, fd)?)));
    let Some((settings, file)) = found else { return perform() as c_int };
    let until = settings.order().end();
    pause();
    settings.order().record(&record(file.inode, until));
    0
}

#[unsafe(no_mangle)]
extern "C" fn fsync(fd: c_int) -> c_int {
    sync(fd, || call!(SYS_fsync, fd), |inode, until| Record::Synced { inode, until })
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(fd, || call!(SYS_fdatasync, fd), |inode, until| Record::Synced { inode, until })
}

#[unsafe(no_mangle)]
extern "C" fn syncfs(fd: c_int) -> c_int {
    sync(fd, || call!(SYS_syncfs, fd), |_, until| Record::SyncedAll { until })
}

/// Changes a name by `perform`.
fn change(dir: c_int, path: *const c_char, perform: impl Fn() -> c_long, record: impl Fn(&Order<'_>, Place)) -> c_int {
    // SAFETY: the path is the caller's, which ends in zero.
    let found = settings().and_then(|settings| Some((settings, place(settings, dir, unsafe { text(path) })?)));
    let Some((settings, place)) = found else { return perform() as c_int };
    let order = settings.order();
    let answer = perform() as c_int;
    if answer == 0 {
        record(&order, place);
    }
    answer
}

fn remove(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    change(
        dir,
        path,
        || call!(SYS_unlinkat, dir, path, flags),
        |order, Place { parent, name }| {
            order.record(&Record::Removed { parent, name });
        },
    )
}

#[unsafe(no_mangle)]
extern "C" fn unlink(path: *const c_char) -> c_int {
    remove(libc::AT_FDCWD, path, 0)
}

#[unsafe(no_mangle)]
extern "C" fn unlinkat(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    remove(dir, path, flags)
}

#[unsafe(no_mangle)]
extern "C" fn rmdir(path: *const c_char) -> c_int {
    remove(libc::AT_FDCWD, path, libc::AT_REMOVEDIR)
}

#[unsafe(no_mangle)]
extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    let dir = libc::AT_FDCWD;
    let perform = || call!(SYS_mkdirat, dir, path, mode);
    let full = |settings: &&Settings| settings.space() == Space::Full;
    // SAFETY: the path is the caller's, which ends in zero.
    let path = unsafe { text(path) };
    if settings().filter(full).is_some_and(|settings| place(settings, dir, path).is_some()) {
        // What is there already is no matter of space.
        return if stat_at(dir, path).is_some() { perform() as c_int } else { no_space() };
    }
    change(dir, path.as_ptr(), perform, |order, place| {
        if let Some(stat) = stat_at(dir, path) {
            made(order, place, &stat);
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let dir = libc::AT_FDCWD;
    // SAFETY: the path is the caller's, which ends in zero.
    let after = settings().and_then(|settings| place(settings, dir, unsafe { text(to) }));
    let inside = after.is_some();
    let after = after.map(|Place { parent, name }| (parent, name));
    let perform = || call!(SYS_renameat2, dir, from, dir, to, 0);
    let renamed = std::cell::Cell::new(false);
    let answer = change(dir, from, perform, |order, Place { parent, name }| {
        renamed.set(true);
        let Some(to) = after.clone() else { die("a rename out of the directory is not modelled") };
        order.record(&Record::Renamed { from: (parent, name), to });
    });
    if answer == 0 && inside && !renamed.get() {
        die("a rename into the directory is not modelled");
    }
    answer
}

#[unsafe(no_mangle)]
extern "C" fn linkat(from_dir: c_int, from: *const c_char, dir: c_int, to: *const c_char, flags: c_int) -> c_int {
    let perform = || call!(SYS_linkat, from_dir, from, dir, to, flags);
    change(dir, to, perform, |order, Place { parent, name }| {
        // SAFETY: the path is the caller's, which ends in zero.
        if let Some(stat) = stat_at(dir, unsafe { text(to) }) {
            order.record(&Record::Linked { inode: stat.st_ino, parent, name });
        }
    })
}

#[unsafe(no_mangle)]
extern "C" fn chmod(path: *const c_char, mode: mode_t) -> c_int {
    let dir = libc::AT_FDCWD;
    change(
        dir,
        path,
        || call!(SYS_fchmodat, dir, path, mode),
        |order, _| {
            // SAFETY: the path is the caller's, which ends in zero.
            if let Some(stat) = stat_at(dir, unsafe { text(path) }) {
                order.record(&Record::Mode { inode: stat.st_ino, mode: mode & 0o7777 });
            }
        },
    )
}

/// Writes through a mapping are seen by nobody: refused.
fn map(start: *mut c_void, length: size_t, access: c_int, flags: c_int, fd: c_int, offset: off_t) -> *mut c_void {
    let writes = fd >= 0 && access & libc::PROT_WRITE != 0 && flags & libc::MAP_SHARED != 0;
    if writes && settings().is_some_and(|settings| watched(settings, fd).is_some()) {
        die("a shared mapping that is written to is not modelled");
    }
    call!(SYS_mmap, start, length, access, flags, fd, offset) as *mut c_void
}

#[unsafe(no_mangle)]
extern "C" fn mmap(
    at: *mut c_void,
    length: size_t,
    access: c_int,
    flags: c_int,
    fd: c_int,
    from: off_t,
) -> *mut c_void {
    map(at, length, access, flags, fd, from)
}

#[unsafe(no_mangle)]
extern "C" fn mmap64(
    at: *mut c_void,
    length: size_t,
    access: c_int,
    flags: c_int,
    fd: c_int,
    from: off_t,
) -> *mut c_void {
    map(at, length, access, flags, fd, from)
}

/// How much room there is: libc makes the answer of several, so its own function is asked.
#[unsafe(no_mangle)]
extern "C" fn statvfs(path: *const c_char, answer: *mut libc::statvfs) -> c_int {
    type Function = extern "C" fn(*const c_char, *mut libc::statvfs) -> c_int;
    // SAFETY: the name ends in zero, and the function of that name has this type.
    let found = unsafe {
        let function = libc::dlsym(libc::RTLD_NEXT, c"statvfs".as_ptr());
        if function.is_null() {
            die("libc has no statvfs");
        }
        std::mem::transmute::<*mut c_void, Function>(function)(path, answer)
    };
    // SAFETY: the path is the caller's, which ends in zero.
    let inside = |settings: &&Settings| place(settings, libc::AT_FDCWD, &below(unsafe { text(path) })).is_some();
    if found == 0 && settings().filter(inside).is_some_and(|settings| settings.space() != Space::Enough) {
        // SAFETY: the caller gave a structure, and libc has filled it.
        unsafe {
            (*answer).f_bavail = 0;
            (*answer).f_bfree = 0;
        }
    }
    found
}

/// A name in the directory, so that the directory itself is looked at and not the one it is in.
fn below(dir: &CStr) -> std::ffi::CString {
    std::ffi::CString::new([dir.to_bytes(), b"/."].concat()).expect("a path has no zero inside")
}
