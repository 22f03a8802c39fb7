use super::*;
use crate::{DataDir, StoreError};
use tallow_types::{Hash, NetworkId};

#[test]
fn an_empty_or_missing_directory_becomes_a_data_directory_that_opens_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b");
    let data = DataDir::open(&path).unwrap();
    for part in [data.code(), data.cache(), data.keys()] {
        assert!(part.is_dir() && part.starts_with(&path));
    }
    let chain = Hash([1; 32]);
    assert_ne!(data.chain(&chain), data.chain(&Hash([2; 32])));
    assert!(data.chain(&chain).starts_with(&path) && data.snapshots(&chain).starts_with(&path));
    drop(data);
    assert_eq!(DataDir::open(&path).unwrap().path(), path);
}

#[test]
fn a_second_user_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let first = DataDir::open(dir.path()).unwrap();
    let error = DataDir::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{error}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(first);
    DataDir::open(dir.path()).unwrap();
}

#[test]
fn a_directory_of_something_else_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.tex"), b"years of work").unwrap();
    assert!(matches!(DataDir::open(dir.path()), Err(StoreError::Foreign { .. })));
    assert_eq!(names(dir.path()), ["thesis.tex"]);
}

#[test]
fn a_start_that_was_interrupted_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("LOCK"), b"").unwrap();
    fs::write(dir.path().join("FORMAT.tmp"), b"tall").unwrap();
    DataDir::open(dir.path()).unwrap();
    assert!(!names(dir.path()).contains(&"FORMAT.tmp".to_owned()));
}

#[tokio::test]
async fn another_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(DataDir::open(dir.path()).unwrap());
    let format = dir.path().join("FORMAT");
    fs::write(&format, "tallow-data 9\n").unwrap();
    let error = DataDir::open(dir.path()).unwrap_err();
    assert!(matches!(&error, StoreError::Format { found, .. } if found == "tallow-data 9"), "{error}");
    fs::write(&format, "tallow-data 4").unwrap();
    for_each_damage(&format, async |damage| {
        let opened = DataDir::open(dir.path());
        assert!(matches!(opened, Err(StoreError::Format { .. })), "{damage}: {opened:?}");
    })
    .await;
}

#[tokio::test]
async fn a_directory_belongs_to_one_network() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    assert_eq!(data.network().unwrap(), None);
    let network = NetworkId([0x11; 32]);
    data.bind_network(network).unwrap();
    data.bind_network(network).unwrap();
    let error = data.bind_network(NetworkId([2; 32])).unwrap_err();
    assert!(matches!(error, StoreError::Network { found, .. } if found == network), "{error}");
    assert_eq!(data.network().unwrap(), Some(network));
    for_each_damage(&dir.path().join("NETWORK"), async |damage| {
        assert!(
            data.network().map_or(true, |found| found != Some(network)) || damage.contains("cut to 66"),
            "{damage}"
        );
        assert!(data.bind_network(network).is_err() || damage.contains("cut to 66"), "{damage}");
    })
    .await;
}

#[tokio::test]
async fn the_development_master_secret_is_made_once_and_damage_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    let first = data.load_or_create_dev_master().unwrap();
    let again = data.load_or_create_dev_master().unwrap();
    assert!(first.expose() == again.expose() && *first.expose() != [0; 32]);
    for_each_damage(&data.keys().join("dev-master"), async |damage| {
        let result = data.load_or_create_dev_master().map(drop);
        assert!(matches!(result, Err(StoreError::Damaged { .. })), "{damage}");
    })
    .await;
    let other = tempfile::tempdir().unwrap();
    let other = DataDir::open(other.path()).unwrap().load_or_create_dev_master().unwrap();
    assert!(first.expose() != other.expose());
}

#[cfg(unix)]
#[test]
fn keys_are_for_this_users_eyes_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::open(dir.path()).unwrap();
    data.load_or_create_dev_master().unwrap();
    let file = data.keys().join("dev-master");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data.keys()), mode(&file)), (0o700, 0o600));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = data.load_or_create_dev_master().map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Exposed { mode: 0o644, .. }), "{error}");
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[test]
fn a_file_in_the_place_of_the_directory_is_a_clear_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = DataDir::open(file.path()).unwrap_err();
    assert!(error.to_string().contains(file.path().to_str().unwrap()), "{error}");
}
