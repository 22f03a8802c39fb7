//! Whether a program can be watched.

use object::{Object as _, ObjectSymbol as _};
use std::{collections::BTreeSet, fs, io, path::Path};

/// Functions of glibc that change files, or sync them. Streams (`fopen`) are not among them: what opens a stream calls
/// `open` inside libc, where nothing can be replaced, so a program that imports them is refused.
const CHANGING: [&str; 69] = [
    "aio_fsync",
    "aio_fsync64",
    "aio_write",
    "aio_write64",
    "chmod",
    "copy_file_range",
    "creat",
    "creat64",
    "fallocate",
    "fallocate64",
    "fchmod",
    "fchmodat",
    "fdatasync",
    "fopen",
    "fopen64",
    "freopen",
    "freopen64",
    "fsync",
    "ftruncate",
    "ftruncate64",
    "link",
    "linkat",
    "lio_listio",
    "lio_listio64",
    "mkdir",
    "mkdirat",
    "mkdtemp",
    "mknod",
    "mknodat",
    "mkostemp",
    "mkostemp64",
    "mkstemp",
    "mkstemp64",
    "mmap",
    "mmap64",
    "msync",
    "open",
    "open64",
    "openat",
    "openat64",
    "posix_fallocate",
    "posix_fallocate64",
    "pwrite",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "pwritev64",
    "pwritev64v2",
    "remove",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "sendfile64",
    "splice",
    "statvfs",
    "symlink",
    "symlinkat",
    "sync",
    "sync_file_range",
    "syncfs",
    "truncate",
    "truncate64",
    "unlink",
    "unlinkat",
    "vmsplice",
    "write",
    "writev",
];

/// Functions that a program imports, that change files, and that the library does not replace: what they do would be
/// missing in the journal. System calls made without libc do not show here; comparing the directory with the journal
/// finds those.
///
/// # Errors
/// When one of the files cannot be read, or is no ELF file.
pub fn unwatched(program: &Path, library: &Path) -> io::Result<Vec<String>> {
    let replaced = symbols(library, |symbol| symbol.is_definition())?;
    let imported = symbols(program, |symbol| symbol.is_undefined())?;
    if imported.is_empty() {
        return Err(io::Error::other(format!("{} imports nothing: it is linked statically", program.display())));
    }
    let missing = CHANGING.iter().filter(|name| imported.contains(**name) && !replaced.contains(**name));
    Ok(missing.map(|name| (*name).to_owned()).collect())
}

fn symbols(path: &Path, wanted: impl Fn(&object::Symbol<'_, '_>) -> bool) -> io::Result<BTreeSet<String>> {
    let bytes = fs::read(path)?;
    let file = object::File::parse(&*bytes).map_err(io::Error::other)?;
    let names = file
        .dynamic_symbols()
        .filter(|symbol| wanted(symbol))
        .filter_map(|symbol| symbol.name().ok().map(str::to_owned));
    Ok(names.collect())
}
