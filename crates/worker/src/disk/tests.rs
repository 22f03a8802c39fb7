use super::{Disk, DiskFull};
use std::sync::atomic::Ordering;
use tallow_types::limits::DISK_RESERVE_BYTES;

fn with(free: u64) -> Disk {
    Disk { dirs: Vec::new(), free: free.into() }
}

#[test]
fn the_reserve_is_kept() {
    assert_eq!(with(DISK_RESERVE_BYTES).room(), Ok(()));
    let free = DISK_RESERVE_BYTES - 1;
    assert_eq!(with(free).room(), Err(DiskFull { free }));
    assert_eq!(with(DISK_RESERVE_BYTES + 9).room_for(9), Ok(()));
    assert!(with(DISK_RESERVE_BYTES + 9).room_for(10).is_err());
    assert!(with(5).room_for(u64::MAX).is_err());
}

#[test]
fn the_text_says_what_to_do() {
    let text = with(3 << 20).room().unwrap_err().to_string();
    assert!(text.contains("has 3 MiB left") && text.contains("free some space"), "{text}");
}

#[test]
fn it_looks_at_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::open(vec![dir.path().to_owned()]).unwrap();
    assert!(disk.free() > 0);
    disk.free.store(0, Ordering::Relaxed);
    disk.look().unwrap();
    assert!(disk.free() > 0);
    assert!(Disk::open(vec![dir.path().join("absent")]).is_err());
}
