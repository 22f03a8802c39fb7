use super::*;

#[test]
fn versions_are_read_from_the_lock_file() {
    let lock = "[[package]]\nname = \"ink_env\"\nversion = \"1\"\n\n[[package]]\nname = \"ink\"\nversion = \"2.3\"\nsource = \"x\"\n";
    assert_eq!(locked_version(lock, "ink"), Some("2.3"));
    assert_eq!(locked_version(lock, "pink"), None);
}
