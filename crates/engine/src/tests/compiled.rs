use super::{wat::*, world::*};
use crate::{CodeCache, Engine, EngineConfig};
use std::{fs, path::Path};
use tallow_crypto::Secret;

fn caching(dir: &Path, key: u8) -> Engine {
    let cache = Some(CodeCache { dir: dir.to_owned(), key: Secret::new([key; 32]) });
    Engine::new(EngineConfig { cache, max_instances: Some(4), ..EngineConfig::default() }).unwrap()
}

fn files(dir: &Path) -> Vec<Vec<u8>> {
    fs::read_dir(dir).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

fn answer(engine: &Engine) -> u32 {
    let mut world = TestWorld::new();
    let address = world.place(engine, 1, &contract("(call $answer (i32.const 41))"));
    word(&run(engine, &world, command(vec![]), message(address, &[])))
}

#[test]
fn compiled_code_is_kept_and_used_again() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(answer(&caching(dir.path(), 1)), 41);
    let [file] = &files(dir.path())[..] else { panic!("expected one file") };
    // A second engine takes it from there: it does not write, so the file would not change back.
    let path = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(answer(&caching(dir.path(), 1)), 41);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
    assert_eq!(&files(dir.path()), std::slice::from_ref(file));
}

#[test]
fn altered_and_foreign_files_are_compiled_anew() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(answer(&caching(dir.path(), 1)), 41);
    let path = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let good = fs::read(&path).unwrap();
    let flip = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let middle = good.len() / 2;
    for bad in [vec![], good[..40].to_vec(), flip(0), flip(33), flip(middle), [good.clone(), vec![0]].concat()] {
        fs::write(&path, &bad).unwrap();
        assert_eq!(answer(&caching(dir.path(), 1)), 41);
        let healed = fs::read(&path).unwrap();
        assert_eq!(healed.len(), good.len(), "the file was written anew");
    }
    assert_eq!(answer(&caching(dir.path(), 2)), 41);
    assert_ne!(fs::read(&path).unwrap()[..32], good[..32], "another key, another tag");
}

#[test]
fn a_file_of_other_code_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let engine = caching(dir.path(), 1);
    let mut world = TestWorld::new();
    world.code(&engine, &contract("(call $answer (i32.const 66))"));
    let other = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let foreign = fs::read(&other).unwrap();
    fs::remove_file(&other).unwrap();
    answer(&engine);
    let path = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    fs::write(&path, foreign).unwrap();
    assert_eq!(answer(&caching(dir.path(), 1)), 41);
}

#[test]
fn a_cache_that_cannot_be_written_costs_nothing_but_time() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("not a directory");
    fs::write(&file, b"x").unwrap();
    assert_eq!(answer(&caching(&file, 1)), 41);
}
