//! Does to the directory of its first argument what the tests of the shim expect, and says what failed.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::Path,
};

fn main() -> io::Result<()> {
    exercise(Path::new(&env::args_os().nth(1).expect("a directory")))
}

fn exercise(dir: &Path) -> io::Result<()> {
    let mut file = File::create(dir.join("synced"))?;
    file.write_all(b"first ")?;
    assert_eq!(file.write_vectored(&[io::IoSlice::new(b"sec"), io::IoSlice::new(b"ond")])?, 6);
    file.sync_data()?;
    file.write_all_at(b"F", 0)?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(b" lost")?;
    OpenOptions::new().append(true).open(dir.join("old"))?.write_all(b", lost")?;

    fs::create_dir(dir.join("made"))?;
    let staged = dir.join("made/staged");
    fs::write(&staged, b"whole")?;
    fs::set_permissions(&staged, fs::Permissions::from_mode(0o600))?;
    File::open(&staged)?.sync_all()?;
    fs::rename(&staged, dir.join("made/named"))?;
    File::open(dir.join("made"))?.sync_all()?;
    File::open(dir)?.sync_all()?;

    fs::write(dir.join("made/unsynced"), b"not there")?;
    fs::remove_file(dir.join("gone"))?;
    fs::create_dir_all(dir.join("deep/er"))?;
    fs::write(dir.join("deep/er/file"), vec![7; 5_000])?;
    fs::remove_dir_all(dir.join("deep"))?;
    File::options().write(true).open(dir.join("long"))?.set_len(3)
}
