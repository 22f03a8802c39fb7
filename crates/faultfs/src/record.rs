//! What the shim writes down.

use parity_scale_codec::{Decode, Encode};

/// What an inode is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// One change of the file system, or a sync. Files and directories go by inode number: numbers are used again, and
/// [`Record::Made`] begins a new one.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Record {
    /// A file or directory was made.
    Made {
        /// Directory it is in.
        parent: u64,
        /// Its name there.
        name: Vec<u8>,
        /// Its inode.
        inode: u64,
        /// What it is.
        kind: Kind,
        /// Its permissions.
        mode: u32,
    },
    /// A file got another name.
    Linked {
        /// The file.
        inode: u64,
        /// Directory of the name.
        parent: u64,
        /// The name.
        name: Vec<u8>,
    },
    /// A name was changed; what had the new name before is gone.
    Renamed {
        /// Directory and name before.
        from: (u64, Vec<u8>),
        /// Directory and name after.
        to: (u64, Vec<u8>),
    },
    /// A name was removed.
    Removed {
        /// Directory it was in.
        parent: u64,
        /// The name.
        name: Vec<u8>,
    },
    /// Permissions were set. They count as durable at once: nothing here depends on when.
    Mode {
        /// The file or directory.
        inode: u64,
        /// Its permissions.
        mode: u32,
    },
    /// Bytes were written.
    Wrote {
        /// The file.
        inode: u64,
        /// Where in the file.
        offset: u64,
        /// What.
        bytes: Vec<u8>,
    },
    /// The length was set.
    Resized {
        /// The file.
        inode: u64,
        /// The new length.
        length: u64,
    },
    /// The write whose record begins at `at` in the journal is durable by itself (`RWF_DSYNC`, `O_DSYNC`).
    Settled {
        /// The file.
        inode: u64,
        /// Place in the journal.
        at: u64,
    },
    /// All changes of the inode that were recorded before `until` in the journal are durable.
    Synced {
        /// The file or directory.
        inode: u64,
        /// Place in the journal.
        until: u64,
    },
    /// All changes of everything that were recorded before `until` are durable.
    SyncedAll {
        /// Place in the journal.
        until: u64,
    },
}

impl Record {
    /// As it stands in the journal: length and content.
    pub fn frame(&self) -> Vec<u8> {
        self.encode().encode()
    }
}

/// Records of a journal with the place where each begins. A record that was cut off at the end was not written in time.
pub fn journal(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Record)> {
    let length = bytes.len();
    std::iter::from_fn(move || {
        let at = length - bytes.len();
        let frame = Vec::<u8>::decode(&mut bytes).ok()?;
        let record = Record::decode(&mut &frame[..]).expect("the journal is of this version");
        Some((at as u64, record))
    })
}
