use super::*;
use crate::{Blobs, StoreError};
use tallow_types::{CodeHash, limits::CODE_BYTES_MAX};

#[tokio::test]
async fn code_is_kept_under_its_hash_and_survives_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("code")).unwrap();
    let hash = blobs.put_code(b"wasm").await.unwrap();
    assert_eq!(hash, tallow_crypto::code_hash(b"wasm"));
    assert_eq!(blobs.put_code(b"wasm").await.unwrap(), hash);
    drop(blobs);
    let blobs = Blobs::open(dir.path().join("code")).unwrap();
    assert_eq!(blobs.get_code(&hash).await.unwrap().unwrap(), b"wasm");
    assert_eq!(blobs.get_code(&CodeHash([1; 32])).await.unwrap(), None);
    assert_eq!(names(&dir.path().join("code")), [hex::encode(hash)]);
}

#[tokio::test]
async fn the_code_that_is_here_is_listed_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    assert_eq!(blobs.codes().await.unwrap(), []);
    let mut hashes = [blobs.put_code(b"one").await.unwrap(), blobs.put_code(b"two").await.unwrap()];
    hashes.sort();
    fs::write(dir.path().join("README"), b"not code").unwrap();
    assert_eq!(blobs.codes().await.unwrap(), hashes);
}

#[tokio::test]
async fn damaged_code_is_never_returned_and_heals_when_put_again() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let hash = blobs.put_code(b"some code").await.unwrap();
    let file = dir.path().join(hex::encode(hash));
    for_each_damage(&file, async |damage| {
        let error = blobs.get_code(&hash).await.expect_err(&damage);
        assert!(matches!(&error, StoreError::Damaged { path, .. } if *path == file), "{damage}: {error}");
    })
    .await;
    fs::write(&file, b"bad").unwrap();
    blobs.put_code(b"some code").await.unwrap();
    assert_eq!(blobs.get_code(&hash).await.unwrap().unwrap(), b"some code");
}

#[tokio::test]
async fn size_is_bounded_when_writing_and_when_reading() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).unwrap();
    let error = blobs.put_code(&vec![0; CODE_BYTES_MAX + 1]).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }));
    let hash = blobs.put_code(&[]).await.unwrap();
    fs::File::create(dir.path().join(hex::encode(hash))).unwrap().set_len(CODE_BYTES_MAX as u64 + 1).unwrap();
    assert!(matches!(blobs.get_code(&hash).await, Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn half_written_files_are_removed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(format!("{}#1", hex::encode([1; 32]))), b"half").unwrap();
    Blobs::open(dir.path()).unwrap();
    assert_eq!(names(dir.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_directory_that_became_unusable_is_a_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("code");
    let blobs = Blobs::open(&path).unwrap();
    fs::remove_dir(&path).unwrap();
    fs::write(&path, b"a file in its place").unwrap();
    let error = blobs.put_code(b"wasm").await.unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert!(Blobs::open(&path).is_err());
}
