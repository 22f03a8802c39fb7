mod blobs;
mod data_dir;
mod errors;
mod snapshots;

use std::{fs, path::Path};

/// Calls `check` with every damage of `path` that a test can afford: cut to each of some lengths, one bit flipped in
/// each of some places, and something appended. The file is as it was afterwards.
async fn for_each_damage(path: &Path, mut check: impl AsyncFnMut(String)) {
    let good = fs::read(path).unwrap();
    let stride = (good.len() / 40).max(1);
    for place in (0..good.len()).step_by(stride) {
        fs::write(path, &good[..place]).unwrap();
        check(format!("cut to {place} of {} bytes", good.len())).await;
        let mut flipped = good.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(path, &flipped).unwrap();
        check(format!("bit flipped in byte {place} of {}", good.len())).await;
    }
    fs::write(path, [good.as_slice(), &[0]].concat()).unwrap();
    check("a byte appended".into()).await;
    fs::write(path, &good).unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
