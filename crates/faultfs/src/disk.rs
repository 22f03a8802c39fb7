//! What a disk may hold.

use crate::record::{Kind, Record};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    },
    path::Path,
};

/// Bytes that a disk writes whole or not at all.
pub const SECTOR: u64 = 512;
const PERMISSIONS: u32 = 0o7777;

type Name = Vec<u8>;
type Id = usize;

/// What is lost with the power.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// Nothing: as after `kill -9` alone.
    Nothing,
    /// Everything that was not synced.
    Unsynced,
    /// A part of what was not synced, chosen by the seed.
    Some(u64),
}

/// Why a journal cannot be replayed: the shim, or this model, lacks something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayError(pub String);

/// Files and directories as they were when a process began, and all it did to them since.
#[derive(Debug)]
pub struct Disk {
    inodes: Vec<Inode>,
    by_number: BTreeMap<u64, Id>,
    root: Id,
}

#[derive(Debug)]
enum Inode {
    File(File),
    Dir(Dir),
}

#[derive(Debug)]
struct File {
    mode: u32,
    /// What is durable.
    base: Vec<u8>,
    /// What came after, oldest first.
    changes: Vec<Change>,
}

#[derive(Debug)]
struct Change {
    at: u64,
    durable: bool,
    what: FileChange,
}

#[derive(Debug)]
enum FileChange {
    Write(u64, Vec<u8>),
    Resize(u64),
}

#[derive(Debug)]
struct Dir {
    mode: u32,
    /// What is durable.
    base: BTreeMap<Name, Id>,
    /// What came after, oldest first, each with its place in the journal.
    changes: Vec<(u64, DirChange)>,
}

#[derive(Debug)]
enum DirChange {
    Add(Name, Id),
    Remove(Name),
    Rename(Name, Name),
}

impl Disk {
    /// What is in a directory now, all of it durable.
    ///
    /// # Errors
    /// Those of reading it.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut disk = Self { inodes: Vec::new(), by_number: BTreeMap::new(), root: 0 };
        disk.root = disk.read_inode(root)?;
        Ok(disk)
    }

    fn read_inode(&mut self, path: &Path) -> io::Result<Id> {
        let metadata = fs::symlink_metadata(path)?;
        let mode = metadata.mode() & PERMISSIONS;
        let inode = if metadata.is_dir() {
            let mut base = BTreeMap::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                base.insert(entry.file_name().into_vec(), self.read_inode(&entry.path())?);
            }
            Inode::Dir(Dir { mode, base, changes: Vec::new() })
        } else {
            Inode::File(File { mode, base: fs::read(path)?, changes: Vec::new() })
        };
        Ok(self.add(metadata.ino(), inode))
    }

    fn add(&mut self, number: u64, inode: Inode) -> Id {
        self.inodes.push(inode);
        let id = self.inodes.len() - 1;
        self.by_number.insert(number, id);
        id
    }

    /// Applies a journal, as [`crate::journal`] reads it.
    ///
    /// # Errors
    /// [`ReplayError`] for what is not modelled, such as a rename into another directory.
    pub fn replay(&mut self, records: impl IntoIterator<Item = (u64, Record)>) -> Result<(), ReplayError> {
        records.into_iter().try_for_each(|(at, record)| {
            let text = format!("{record:.200?}");
            self.apply(at, record).map_err(|what| ReplayError(format!("{what}, at {at} of the journal: {text}")))
        })
    }

    fn apply(&mut self, at: u64, record: Record) -> Result<(), &'static str> {
        match record {
            Record::Made { parent, name, inode, kind, mode } => {
                let made = match kind {
                    Kind::File => Inode::File(File { mode, base: Vec::new(), changes: Vec::new() }),
                    Kind::Dir => Inode::Dir(Dir { mode, base: BTreeMap::new(), changes: Vec::new() }),
                };
                let id = self.add(inode, made);
                self.dir(parent)?.changes.push((at, DirChange::Add(name, id)));
            }
            Record::Linked { inode, parent, name } => {
                let id = self.id(inode)?;
                self.dir(parent)?.changes.push((at, DirChange::Add(name, id)));
            }
            Record::Renamed { from: (from, before), to: (to, after) } => {
                if from != to {
                    return Err("a rename into another directory is not modelled");
                }
                self.dir(from)?.changes.push((at, DirChange::Rename(before, after)));
            }
            Record::Removed { parent, name } => self.dir(parent)?.changes.push((at, DirChange::Remove(name))),
            Record::Mode { inode, mode } => match self.inode(inode)? {
                Inode::File(file) => file.mode = mode,
                Inode::Dir(dir) => dir.mode = mode,
            },
            Record::Wrote { inode, offset, bytes } => self.file(inode)?.change(at, FileChange::Write(offset, bytes)),
            Record::Resized { inode, length } => self.file(inode)?.change(at, FileChange::Resize(length)),
            Record::Settled { inode, at } => self.file(inode)?.settle(|change| change.at == at),
            Record::Synced { inode, until } => self.inode(inode)?.sync(until),
            Record::SyncedAll { until } => self.inodes.iter_mut().for_each(|inode| inode.sync(until)),
        }
        Ok(())
    }

    fn id(&self, number: u64) -> Result<Id, &'static str> {
        self.by_number.get(&number).copied().ok_or("an inode that nobody made")
    }

    fn inode(&mut self, number: u64) -> Result<&mut Inode, &'static str> {
        let id = self.id(number)?;
        Ok(&mut self.inodes[id])
    }

    fn file(&mut self, number: u64) -> Result<&mut File, &'static str> {
        match self.inode(number)? {
            Inode::File(file) => Ok(file),
            Inode::Dir(_) => Err("a directory in place of a file"),
        }
    }

    fn dir(&mut self, number: u64) -> Result<&mut Dir, &'static str> {
        match self.inode(number)? {
            Inode::Dir(dir) => Ok(dir),
            Inode::File(_) => Err("a file in place of a directory"),
        }
    }

    /// What is on the disk after the loss.
    pub fn after(&self, loss: Loss) -> Tree {
        let mut chance = match loss {
            Loss::Nothing => Chance::Always,
            Loss::Unsynced => Chance::Never,
            Loss::Some(seed) => Chance::Random(seed),
        };
        self.tree(self.root, &mut chance)
    }

    fn tree(&self, id: Id, chance: &mut Chance) -> Tree {
        match &self.inodes[id] {
            Inode::File(file) => Tree::File { mode: file.mode, bytes: file.after(chance) },
            Inode::Dir(dir) => {
                let entries = dir.after(chance).into_iter();
                Tree::Dir { mode: dir.mode, entries: entries.map(|(name, id)| (name, self.tree(id, chance))).collect() }
            }
        }
    }
}

impl Inode {
    fn sync(&mut self, until: u64) {
        match self {
            Self::File(file) => file.settle(|change| change.at < until),
            Self::Dir(dir) => {
                let durable = dir.changes.iter().take_while(|(at, _)| *at < until).count();
                for (_, change) in dir.changes.drain(..durable) {
                    change.apply(&mut dir.base);
                }
            }
        }
    }
}

impl File {
    fn change(&mut self, at: u64, what: FileChange) {
        self.changes.push(Change { at, durable: false, what });
    }

    fn settle(&mut self, covered: impl Fn(&Change) -> bool) {
        for change in &mut self.changes {
            change.durable |= covered(change);
        }
        let durable = self.changes.iter().take_while(|change| change.durable).count();
        for change in self.changes.drain(..durable) {
            change.what.apply(&mut self.base);
        }
    }

    fn after(&self, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = self.base.clone();
        for Change { durable, what, .. } in &self.changes {
            match what {
                _ if *durable => what.apply(&mut bytes),
                FileChange::Write(offset, written) => write_torn(&mut bytes, *offset, written, chance),
                FileChange::Resize(_) if chance.happens() => what.apply(&mut bytes),
                FileChange::Resize(_) => {}
            }
        }
        bytes
    }
}

impl FileChange {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => write(file, *offset, bytes),
            Self::Resize(length) => file.resize(*length as usize, 0),
        }
    }
}

fn write(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (start, end) = (offset as usize, offset as usize + bytes.len());
    if file.len() < end {
        file.resize(end, 0);
    }
    file[start..end].copy_from_slice(bytes);
}

/// Writes some of the sectors: none, all, or each by itself.
fn write_torn(file: &mut Vec<u8>, offset: u64, bytes: &[u8], chance: &mut Chance) {
    let torn = chance.happens();
    let all = chance.happens();
    let mut start = 0;
    while start < bytes.len() {
        let to_boundary = SECTOR - (offset + start as u64) % SECTOR;
        let end = bytes.len().min(start + to_boundary as usize);
        if if torn { chance.happens() } else { all } {
            write(file, offset + start as u64, &bytes[start..end]);
        }
        start = end;
    }
}

impl Dir {
    fn after(&self, chance: &mut Chance) -> BTreeMap<Name, Id> {
        let mut entries = self.base.clone();
        for (_, change) in self.changes.iter().take(chance.up_to(self.changes.len())) {
            change.apply(&mut entries);
        }
        entries
    }
}

impl DirChange {
    fn apply(&self, entries: &mut BTreeMap<Name, Id>) {
        match self {
            Self::Add(name, id) => drop(entries.insert(name.clone(), *id)),
            Self::Remove(name) => drop(entries.remove(name)),
            Self::Rename(from, to) => {
                if let Some(id) = entries.remove(from) {
                    entries.insert(to.clone(), id);
                }
            }
        }
    }
}

/// Decides what survives.
enum Chance {
    Always,
    Never,
    /// State of a SplitMix64 generator.
    Random(u64),
}

impl Chance {
    fn happens(&mut self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Random(state) => next(state) & 1 == 1,
        }
    }

    fn up_to(&mut self, count: usize) -> usize {
        match self {
            Self::Always => count,
            Self::Never => 0,
            Self::Random(state) => (next(state) % (count as u64 + 1)) as usize,
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Content of a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tree {
    /// A file.
    File {
        /// Its permissions.
        mode: u32,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// A directory.
    Dir {
        /// Its permissions.
        mode: u32,
        /// What is in it.
        entries: BTreeMap<Vec<u8>, Tree>,
    },
}

impl Tree {
    /// Reads what is there.
    ///
    /// # Errors
    /// Those of reading it.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(Disk::read(path)?.after(Loss::Nothing))
    }

    /// Writes it to a path where nothing is.
    ///
    /// # Errors
    /// Those of writing it.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        match self {
            Self::File { mode, bytes } => {
                let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(*mode).open(path)?;
                io::Write::write_all(&mut file, bytes)?;
            }
            Self::Dir { entries, .. } => {
                fs::DirBuilder::new().mode(0o700).create(path)?;
                for (name, tree) in entries {
                    tree.write(&path.join(OsString::from_vec(name.clone())))?;
                }
            }
        }
        let (Self::File { mode, .. } | Self::Dir { mode, .. }) = self;
        fs::set_permissions(path, fs::Permissions::from_mode(*mode))
    }

    /// Where two trees differ, in words; nothing when they are equal.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(other, "", &mut found);
        found
    }

    fn compare(&self, other: &Self, path: &str, found: &mut Vec<String>) {
        match (self, other) {
            _ if self == other => {}
            (Self::Dir { mode, entries }, Self::Dir { mode: other_mode, entries: others }) => {
                if mode != other_mode {
                    found.push(format!("{path}/: mode {mode:o} and {other_mode:o}"));
                }
                for name in entries.keys().chain(others.keys().filter(|name| !entries.contains_key(*name))) {
                    let path = format!("{path}/{}", std::ffi::OsStr::from_bytes(name).display());
                    match (entries.get(name), others.get(name)) {
                        (Some(one), Some(two)) => one.compare(two, &path, found),
                        (one, _) => found
                            .push(format!("{path}: only in the {}", if one.is_some() { "first" } else { "second" })),
                    }
                }
            }
            (Self::File { mode, bytes }, Self::File { mode: other_mode, bytes: others }) => {
                let first = bytes.iter().zip(others).position(|(one, two)| one != two);
                let (one, two) = (bytes.len(), others.len());
                found.push(format!(
                    "{path}: modes {mode:o} {other_mode:o}, lengths {one} {two}, first difference {first:?}"
                ));
            }
            _ => found.push(format!("{path}: a file and a directory")),
        }
    }
}
