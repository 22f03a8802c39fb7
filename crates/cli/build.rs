//! Puts the sources of the guest crate into the program: projects that `tallow new` makes depend on them, and there is
//! no registry to fetch them from.
#![allow(clippy::unwrap_used, reason = "a build that fails says where")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const SDK: &str = "../../sdk/ink";

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join(SDK);
    println!("cargo::rerun-if-changed={SDK}");
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    let mut table = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let path = format!("/{SDK}/{name}");
        // Relative, since clones that share a target directory share what is written here too.
        writeln!(table, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),").unwrap();
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("sdk.rs"), table).unwrap();
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
