use super::{
    committed_hashes, renamed, rotation,
    sets::{self, SETS, scenario_files},
    uses,
};
use std::{collections::BTreeSet, fs};

fn map(pairs: &[(&str, &str)]) -> super::Hashes {
    pairs.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect()
}

#[test]
fn scenarios_follow_the_code_s_hash() {
    let (old, new) = (map(&[("a", "0x11"), ("b", "0x22")]), map(&[("a", "0x33")]));
    assert_eq!(renamed(r#"["0x11", "0x22", "0x11"]"#, &old, &new), r#"["0x33", "0x22", "0x33"]"#);
}

#[test]
fn every_contract_is_committed_and_has_scenarios() {
    let hashes = committed_hashes().expect("the bundles are readable");
    let files = scenario_files().expect("there are scenarios");
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).expect("readable")).collect();
    let contracts = sets::all().expect("cargo lists the contracts");
    for contract in &contracts {
        let hash = hashes.get(contract.name()).unwrap_or_else(|| panic!("{} has no bundle", contract.name()));
        let used = texts.iter().any(|text| uses(text, contract.name(), Some(hash)));
        assert!(used, "no scenario names the code of {}", contract.name());
    }
    let names: BTreeSet<&str> = contracts.iter().map(|contract| contract.name()).collect();
    assert_eq!(names.len(), contracts.len(), "two contracts have one name");
    let orphans: Vec<_> = hashes.keys().filter(|name| !names.contains(name.as_str())).collect();
    assert!(orphans.is_empty(), "bundles without a source: {orphans:?}");
}

#[test]
fn the_metadata_package_knows_every_contract() {
    for set in &SETS {
        let main = fs::read_to_string(set.path().join("metadata/main.rs")).expect("there is one");
        for contract in set.contracts().expect("cargo lists the contracts") {
            let line =
                format!("#[cfg(feature = \"{0}\")]\nuse {1} as _;", contract.name(), contract.name().replace('-', "_"));
            assert!(main.contains(&line), "{} is not linked into {}", contract.name(), set.metadata);
            assert!(contract.project.language().expect("it uses ink!").starts_with("ink! "));
        }
    }
}

#[test]
fn another_seed_chooses_others_and_the_same_seed_the_same() {
    let contracts = sets::all().expect("cargo lists the contracts");
    let pick = |seed: &str| rotation::pick(seed, contracts.clone());
    assert_eq!(pick("a"), pick("a"));
    let chosen: BTreeSet<String> =
        (0..1000).flat_map(|seed| pick(&seed.to_string())).map(|contract| contract.project.name).collect();
    assert_eq!(chosen.len(), contracts.len(), "each has its turn");
}
