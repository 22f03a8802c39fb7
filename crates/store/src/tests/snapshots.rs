use super::*;
use crate::{Snapshot, Snapshots, StoreError};
use tallow_crypto::Secret;
use tallow_types::{BlockDigest, Hash};

const CHAIN: Hash = Hash([7; 32]);
const CHUNK: usize = 1000;

fn open(dir: &Path) -> Snapshots {
    let mut snapshots = Snapshots::open(dir, CHAIN, Secret::new([1; 32])).unwrap();
    snapshots.chunk = CHUNK;
    snapshots
}

fn snapshot(height: u64, length: usize) -> Snapshot {
    let bytes = (0..length).map(|index| (index as u64 * 31 + height) as u8).collect();
    Snapshot { height, digest: BlockDigest([height as u8; 32]), bytes }
}

async fn save(snapshots: &Snapshots, snapshot: &Snapshot) {
    snapshots.save(snapshot.height, snapshot.digest, &snapshot.bytes).await.unwrap();
}

fn path(dir: &Path, height: u64) -> std::path::PathBuf {
    dir.join(format!("{height:020}.snapshot"))
}

#[tokio::test]
async fn the_newest_two_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    assert_eq!(snapshots.latest().await.unwrap(), None);
    for height in [5, 9, 10, 100] {
        save(&snapshots, &snapshot(height, 1000)).await;
        assert_eq!(snapshots.latest().await.unwrap(), Some(snapshot(height, 1000)));
    }
    assert_eq!(names(dir.path()), [10, 100].map(|height| format!("{height:020}.snapshot")));
    assert_eq!(open(dir.path()).latest().await.unwrap(), Some(snapshot(100, 1000)));
}

#[tokio::test]
async fn every_length_around_a_chunk_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    for (height, length) in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5].into_iter().enumerate() {
        let snapshot = snapshot(height as u64, length);
        save(&snapshots, &snapshot).await;
        assert!(snapshots.latest().await.unwrap() == Some(snapshot), "{length} bytes");
    }
}

#[tokio::test]
async fn the_older_one_takes_over_from_a_damaged_newest() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    save(&snapshots, &snapshot(1, 300)).await;
    save(&snapshots, &snapshot(2, 2 * CHUNK + 5)).await;
    for_each_damage(&path(dir.path(), 2), async |damage| {
        assert_eq!(snapshots.latest().await.unwrap(), Some(snapshot(1, 300)), "{damage}");
    })
    .await;
    assert_eq!(snapshots.latest().await.unwrap(), Some(snapshot(2, 2 * CHUNK + 5)));
}

#[tokio::test]
async fn when_all_are_damaged_it_is_an_error_and_not_a_fresh_start() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    save(&snapshots, &snapshot(1, 300)).await;
    fs::write(path(dir.path(), 1), b"").unwrap();
    assert!(matches!(snapshots.latest().await, Err(StoreError::NoSnapshot { .. })));
}

#[tokio::test]
async fn a_snapshot_of_another_key_chain_or_height_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    save(&open(dir.path()), &snapshot(1, 300)).await;
    let others = [(CHAIN, Secret::new([2; 32])), (Hash([8; 32]), Secret::new([1; 32]))];
    for (chain, key) in others {
        let other = Snapshots::open(dir.path(), chain, key).unwrap();
        assert!(matches!(other.latest().await, Err(StoreError::NoSnapshot { .. })));
    }
    fs::rename(path(dir.path(), 1), path(dir.path(), 2)).unwrap();
    assert!(matches!(open(dir.path()).latest().await, Err(StoreError::NoSnapshot { .. })));
}

#[tokio::test]
async fn chunks_of_two_files_of_one_height_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    let large = snapshot(1, CHUNK + 10);
    save(&snapshots, &large).await;
    let first = fs::read(path(dir.path(), 1)).unwrap();
    save(&snapshots, &large).await;
    let second = fs::read(path(dir.path(), 1)).unwrap();
    assert_eq!(first.len(), second.len());
    let tail = first.len() - 10 - 48 - 4;
    fs::write(path(dir.path(), 1), [&first[..tail], &second[tail..]].concat()).unwrap();
    assert!(matches!(snapshots.latest().await, Err(StoreError::NoSnapshot { .. })));
    fs::write(path(dir.path(), 1), first).unwrap();
    assert!(snapshots.latest().await.unwrap() == Some(large));
}

#[tokio::test]
async fn nothing_of_the_state_is_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    let secret = b"the contract's secret".repeat(20);
    snapshots.save(1, BlockDigest([0xab; 32]), &secret).await.unwrap();
    let file = fs::read(path(dir.path(), 1)).unwrap();
    assert!(!file.windows(8).any(|window| window == &secret[..8] || window == [0xab; 8]));
}

#[tokio::test]
async fn a_failed_save_leaves_the_earlier_ones() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    save(&snapshots, &snapshot(1, 300)).await;
    // A directory in the place of the file: the last step, the rename, fails.
    fs::create_dir(path(dir.path(), 2)).unwrap();
    let error = snapshots.save(2, BlockDigest([2; 32]), b"state").await.unwrap_err();
    assert!(error.to_string().contains(".snapshot"), "{error}");
    fs::remove_dir(path(dir.path(), 2)).unwrap();
    assert_eq!(snapshots.latest().await.unwrap(), Some(snapshot(1, 300)));
    drop(snapshots);
    open(dir.path());
    assert_eq!(names(dir.path()).len(), 1, "no half-written file is left after the next start");
}

#[tokio::test]
async fn saving_below_a_damaged_newer_one_keeps_what_was_saved() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = open(dir.path());
    for height in [100, 101] {
        save(&snapshots, &snapshot(height, 10)).await;
        fs::write(path(dir.path(), height), b"bad").unwrap();
    }
    save(&snapshots, &snapshot(50, 10)).await;
    assert_eq!(snapshots.latest().await.unwrap(), Some(snapshot(50, 10)));
}
