use super::{Source, adr, deps, files};

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.into() }
}

#[test]
fn long_files_fail_unless_they_are_tests() {
    let long = "let a = 1;\n".repeat(501);
    let commented = format!("{}{}", "let a = 1;\n".repeat(500), "// why\n\n".repeat(100));
    assert_eq!(files::check(&[source("crates/x/src/a.rs", &long)]).len(), 1);
    assert!(files::check(&[source("crates/x/src/tests.rs", &long)]).is_empty());
    assert!(files::check(&[source("crates/x/src/a.rs", &commented)]).is_empty());
}

#[test]
fn pure_crates_do_not_see_the_world() {
    let text = "use std::collections::HashMap;\nfn f() { std::thread::yield_now() }\n// HashSet would not do\n";
    assert_eq!(files::check(&[source("crates/state/src/a.rs", text)]).len(), 2);
    assert!(files::check(&[source("crates/worker/src/a.rs", text)]).is_empty());
    let cache = "use std::fs::File;\n";
    assert!(files::check(&[source("crates/engine/src/cache.rs", cache)]).is_empty());
    assert_eq!(files::check(&[source("crates/abi/src/cache.rs", cache)]).len(), 1);
}

#[test]
fn paths_of_a_machine_are_found() {
    let text = ["see /wo", "rk/main for it"].concat();
    assert_eq!(files::check(&[source("docs/a.md", &text)]).len(), 1);
    assert!(files::check(&[source("docs/a.md", "see the work and the main part")]).is_empty());
}

fn table(text: &str) -> deps::Table {
    deps::parse(&format!("words\n```deps\n{text}\n```\nmore: words")).expect("a table")
}

#[test]
fn edges_outside_the_table_fail() {
    let allowed = table("types:\nstate: types\nworker: state");
    let packages = |text: &str| table(text);
    assert!(deps::edges(&allowed, &packages("types:\nstate: tallow-types\nworker: tallow-state tokio")).is_empty());
    assert_eq!(deps::edges(&allowed, &packages("types:\nstate: tallow-types\nworker: tallow-types")).len(), 1);
    assert_eq!(deps::edges(&allowed, &packages("types:\nstate: tokio\nworker:")).len(), 1, "state is pure");
    assert_eq!(deps::edges(&allowed, &packages("types:\nstate:\nworker:\nnew:")).len(), 1, "new is not listed");
    assert_eq!(deps::edges(&allowed, &packages("types:\nstate:")).len(), 1, "worker is gone");
    assert!(deps::parse("no table").is_none());
}

#[test]
fn the_index_and_the_decisions_agree() {
    let index = source("docs/adr/README.md", "- [One](0001-one.md)\n- [Two](0002-two.md)");
    let one = source("docs/adr/0001-one.md", "");
    let two = source("docs/adr/0002-two.md", "");
    let again = source("docs/adr/0002-again.md", "");
    assert!(adr::check(&[index, one, two]).is_empty());
    let index = source("docs/adr/README.md", "- [Two](0002-two.md) [gone](0009-gone.md)");
    let two = source("docs/adr/0002-two.md", "");
    assert_eq!(adr::check(&[index, two, again]).len(), 3, "unlisted, gone, and a number twice");
    assert_eq!(adr::check(&[]).len(), 1);
}
