//! Blocks as they travel and are stored.

use bytes::BufMut;
use commonware_codec::{Buf, Copying, DecodeExt as _, EncodeSize, Error, Read, ReadExt as _, Write};
use commonware_consensus::{
    BoundedBlock, CertifiableBlock, Heightable,
    simplex::types::Context,
    types::{Epoch, Height, Round, View},
};
use commonware_cryptography::{Digestible, ed25519::PublicKey, sha256};
use parity_scale_codec::Encode as _;
use tallow_types::{
    BlockDigest, Header, decode_exact,
    limits::{BLOCK_BYTES_MAX, BLOCK_ENTRIES_MAX},
};

/// The type the engine wants digests in; the digest itself is `crypto::header_digest`.
pub(crate) type Digest = sha256::Digest;
/// What consensus tells the application of a proposal.
pub(crate) type Ctx = Context<Digest, PublicKey>;

/// Bytes of an encoded header; every field has a fixed size.
const HEADER_BYTES: usize = 32 + 3 * 8 + 2 * 32 + 2 * 8 + 32 + 3 * 32;
const LENGTH_BYTES: usize = 4;

/// A header with the entries it commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    header: Header,
    entries: Vec<Vec<u8>>,
    leader: PublicKey,
}

impl Block {
    /// `None` if the header does not commit to the entries, or its leader is no key.
    pub(crate) fn new(header: Header, entries: Vec<Vec<u8>>) -> Option<Self> {
        let leader = PublicKey::decode(Copying(&header.leader.0)).ok()?;
        (tallow_crypto::entries_root(&entries) == header.entries).then_some(Self { header, entries, leader })
    }

    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }
}

/// Number of the first entries that fit a block.
pub(crate) fn fitting(entries: &[Vec<u8>]) -> usize {
    let mut bytes = 0usize;
    entries
        .iter()
        .take(BLOCK_ENTRIES_MAX)
        .take_while(|entry| {
            bytes = bytes.saturating_add(entry.len());
            bytes <= BLOCK_BYTES_MAX
        })
        .count()
}

/// The digest in the engine's type.
pub(crate) const fn to_engine(digest: &BlockDigest) -> Digest {
    sha256::Digest(digest.0)
}

/// The digest in our type.
pub(crate) const fn from_engine(digest: &Digest) -> BlockDigest {
    BlockDigest(digest.0)
}

impl Write for Block {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.header.encode());
        put_length(buf, self.entries.len());
        for entry in &self.entries {
            put_length(buf, entry.len());
            buf.put_slice(entry);
        }
    }
}

fn put_length(buf: &mut impl BufMut, length: usize) {
    buf.put_u32_le(u32::try_from(length).expect("a block that exceeds its limits is never made"));
}

impl EncodeSize for Block {
    fn encode_size(&self) -> usize {
        HEADER_BYTES + LENGTH_BYTES + self.entries.iter().map(|entry| LENGTH_BYTES + entry.len()).sum::<usize>()
    }
}

impl Read for Block {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        let header = <[u8; HEADER_BYTES]>::read(buf)?;
        let header = decode_exact(&header).map_err(|_| Error::Invalid("Block", "malformed header"))?;
        let entries = read_entries(buf)?;
        Self::new(header, entries).ok_or(Error::Invalid("Block", "header does not belong to the entries"))
    }
}

fn read_entries(buf: &mut impl Buf) -> Result<Vec<Vec<u8>>, Error> {
    let count = read_length(buf, BLOCK_ENTRIES_MAX)?;
    let mut room = BLOCK_BYTES_MAX;
    let mut entries = Vec::new();
    for _ in 0..count {
        let length = read_length(buf, room)?;
        room -= length;
        if buf.remaining() < length {
            return Err(Error::EndOfBuffer);
        }
        let mut entry = vec![0; length];
        buf.copy_to_slice(&mut entry);
        entries.push(entry);
    }
    Ok(entries)
}

fn read_length(buf: &mut impl Buf, max: usize) -> Result<usize, Error> {
    let length = u32::from_le_bytes(<[u8; LENGTH_BYTES]>::read(buf)?) as usize;
    if length > max { Err(Error::InvalidLength(length)) } else { Ok(length) }
}

impl Digestible for Block {
    type Digest = Digest;

    fn digest(&self) -> Digest {
        to_engine(&tallow_crypto::header_digest(&self.header))
    }
}

impl Heightable for Block {
    fn height(&self) -> Height {
        Height::new(self.header.position.height)
    }
}

impl commonware_consensus::Block for Block {
    fn parent(&self) -> Digest {
        to_engine(&self.header.parent)
    }
}

impl CertifiableBlock for Block {
    type Context = Ctx;

    fn context(&self) -> Ctx {
        Context {
            round: Round::new(Epoch::new(self.header.epoch), View::new(self.header.view)),
            leader: self.leader.clone(),
            parent: (View::new(self.header.parent_view), to_engine(&self.header.parent)),
        }
    }
}

impl BoundedBlock for Block {
    fn max_encode_size((): &()) -> usize {
        HEADER_BYTES + LENGTH_BYTES * (1 + BLOCK_ENTRIES_MAX) + BLOCK_BYTES_MAX
    }
}
