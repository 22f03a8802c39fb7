use super::explain;
use crate::ChainError;

#[test]
fn a_full_disk_is_told_from_other_faults() {
    let dir = tempfile::tempdir().unwrap();
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let system = std::io::Error::from_raw_os_error(28);
    for reason in [format!("unable to append: {full:?}"), format!("unable to sync: {system}")] {
        let error = explain(ChainError::Engine(reason.clone()), dir.path());
        let ChainError::Full { path, reason: kept } = &error else { panic!("{error}") };
        assert!(path == dir.path() && kept.contains(&reason), "{error}");
        assert!(error.to_string().contains("free some space and start again"), "{error}");
    }
    for other in [ChainError::Engine("told to panic".into()), ChainError::ShutDown] {
        assert_eq!(explain(other.clone(), dir.path()), other);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
}
