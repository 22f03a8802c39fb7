//! The shim sees what a process does, and the model loses what a disk may lose.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use std::{fs, path::Path, process::Command};
use tallow_faultfs::{Disk, Loss, Shim, Space, Tree, journal, unwatched};

const PROGRAM: &str = env!("CARGO_BIN_EXE_faultfs-exercise");

/// A directory as the exercise expects it, and a shim for it.
fn prepared(beside: &Path) -> (std::path::PathBuf, Shim) {
    let root = beside.join("root");
    fs::create_dir(&root).unwrap();
    for (name, content) in [("old", "old"), ("gone", "still there"), ("long", "longer than three")] {
        fs::write(root.join(name), content).unwrap();
    }
    let shim = Shim::new(&root, beside).unwrap();
    (root, shim)
}

fn run(command: &mut Command, root: &Path) -> (bool, String) {
    let output = command.arg(root).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn file(tree: &Tree, path: &str) -> Option<String> {
    let found = path.split('/').try_fold(tree, |tree, name| match tree {
        Tree::Dir { entries, .. } => entries.get(name.as_bytes()),
        Tree::File { .. } => None,
    });
    match found? {
        Tree::File { bytes, .. } => Some(String::from_utf8(bytes.clone()).unwrap()),
        Tree::Dir { .. } => Some("a directory".to_owned()),
    }
}

#[test]
fn what_was_not_synced_is_lost() {
    let beside = tempfile::tempdir().unwrap();
    let (root, shim) = prepared(beside.path());
    assert_eq!(unwatched(Path::new(PROGRAM), shim.library()).unwrap(), Vec::<String>::new());
    let mut disk = Disk::read(&root).unwrap();
    let mut command = Command::new(PROGRAM);
    shim.watch(&mut command).unwrap();
    let (done, said) = run(&mut command, &root);
    assert!(done, "{said}");
    disk.replay(journal(&shim.journal().unwrap())).unwrap();

    assert_eq!(disk.after(Loss::Nothing).differences(&Tree::read(&root).unwrap()), Vec::<String>::new());
    let left = disk.after(Loss::Unsynced);
    let expected = [
        ("synced", Some("first second")),
        ("old", Some("old")),
        ("gone", Some("still there")),
        ("long", Some("longer than three")),
        ("made", Some("a directory")),
        ("made/named", Some("whole")),
        ("made/staged", None),
        ("made/unsynced", None),
        ("deep", None),
    ];
    for (path, content) in expected {
        assert_eq!(file(&left, path).as_deref(), content, "{path}");
    }
    some_of_it_survives(&disk);

    let copy = beside.path().join("copy");
    left.write(&copy).unwrap();
    assert_eq!(Tree::read(&copy).unwrap().differences(&left), Vec::<String>::new(), "permissions too");
}

/// Every seed gives something possible, and all that is possible comes up.
fn some_of_it_survives(disk: &Disk) {
    let mut seen = std::collections::BTreeMap::<&str, std::collections::BTreeSet<Option<String>>>::new();
    for seed in 0..200 {
        let left = disk.after(Loss::Some(seed));
        for path in ["old", "synced", "long", "gone", "made/named", "made/unsynced"] {
            seen.entry(path).or_default().insert(file(&left, path));
        }
    }
    let some =
        |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(seen["old"], some(&["old", "old, lost"]));
    assert_eq!(seen["synced"], some(&["first second", "First second", "first second lost", "First second lost"]));
    assert_eq!(seen["long"], some(&["longer than three", "lon"]));
    assert_eq!(seen["made/named"], some(&["whole"]), "what was synced is there");
    assert!(seen["gone"].contains(&None) && seen["gone"].contains(&Some("still there".to_owned())));
    assert!(seen["made/unsynced"].contains(&None) && seen["made/unsynced"].contains(&Some("not there".to_owned())));
}

#[test]
fn a_full_disk_takes_nothing_more() {
    let beside = tempfile::tempdir().unwrap();
    let (root, shim) = prepared(beside.path());
    let before = Tree::read(&root).unwrap();
    shim.set(Space::Full).unwrap();
    let mut command = Command::new(PROGRAM);
    shim.limit(&mut command);
    let (done, said) = run(&mut command, &root);
    assert!(!done && said.contains("No space left on device"), "{said}");
    assert_eq!(Tree::read(&root).unwrap(), before);

    shim.set(Space::Low).unwrap();
    let mut command = Command::new(PROGRAM);
    shim.limit(&mut command);
    let (done, said) = run(&mut command, &root);
    assert!(done, "{said}");
}
