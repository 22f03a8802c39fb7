use super::{NAMES, committed_dir, hashes, renamed, scenario_files};
use std::collections::BTreeMap;

#[test]
fn scenarios_follow_the_code_s_hash() {
    let old = BTreeMap::from([("a", "0x11".to_owned()), ("b", "0x22".to_owned())]);
    let new = BTreeMap::from([("a", "0x33".to_owned())]);
    assert_eq!(renamed(r#"["0x11", "0x22", "0x11"]"#, &old, &new), r#"["0x33", "0x22", "0x33"]"#);
}

#[test]
fn every_contract_is_committed_and_has_scenarios_that_name_its_code() {
    let hashes = hashes(&committed_dir()).expect("the bundles are readable");
    let files = scenario_files().expect("there are scenarios");
    for name in NAMES {
        let hash = hashes.get(name).unwrap_or_else(|| panic!("{name} has no bundle"));
        let named =
            |file: &std::path::PathBuf| std::fs::read_to_string(file).is_ok_and(|text| text.contains(hash.as_str()));
        assert!(files.iter().any(named), "no scenario names the code of {name}");
    }
}
