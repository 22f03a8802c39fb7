use crate::StoreError;
use std::{io, path::Path};

fn of(kind: io::ErrorKind) -> StoreError {
    StoreError::io(Path::new("/data"), kind.into())
}

#[test]
fn the_text_of_a_disk_failure_says_what_to_do() {
    let full = of(io::ErrorKind::StorageFull);
    assert!(matches!(full, StoreError::Full { .. }));
    assert!(full.to_string().contains("/data") && full.to_string().contains("free some"), "{full}");
    assert!(matches!(of(io::ErrorKind::QuotaExceeded), StoreError::Full { .. }));
    for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
        let error = of(kind);
        assert!(matches!(error, StoreError::NotPermitted { .. }));
        assert!(error.to_string().contains("make it writable"), "{error}");
    }
    assert!(matches!(of(io::ErrorKind::Other), StoreError::Io { .. }));
}

#[test]
fn a_disk_failure_inside_the_object_store_is_recognised() {
    let cause = io::Error::from(io::ErrorKind::StorageFull);
    let error = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(cause) };
    assert!(matches!(StoreError::backend(Path::new("/data"), error), StoreError::Full { .. }));
    let error = object_store::Error::Generic { store: "LocalFileSystem", source: "other".into() };
    assert!(matches!(StoreError::backend(Path::new("/data"), error), StoreError::Backend { .. }));
}

/// A device that is always full stands for a disk that is.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_recognised_from_what_the_system_says() {
    use std::io::Write;
    let error = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap().write_all(b"x").unwrap_err();
    assert!(matches!(StoreError::io(Path::new("/dev/full"), error), StoreError::Full { .. }));
}
