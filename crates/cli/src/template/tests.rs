use super::*;
use clap::ValueEnum;

#[test]
fn names_are_those_of_packages() {
    for good in ["a", "my-counter", "x2", "price_bot"] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    for bad in ["", "2x", "-a", "a-", "A", "a b", "a/b", "ä", "../a", "fn", "ink", "self", &"a".repeat(65)] {
        assert!(check_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn projects_stand_alone() {
    for template in Template::value_variants() {
        let files = template.files("my-thing").unwrap();
        for (path, text) in &files {
            // The guest crate's sources are as they are, and their format strings have braces of their own.
            let verbatim = path.starts_with(".tallow/sdk/") && path.ends_with(".rs");
            assert!(verbatim || !text.contains("{{"), "{path} is not filled in: {text}");
        }
        let text = |path: &str| files.iter().find(|(name, _)| name == path).map(|(_, text)| text.as_str()).unwrap();
        let manifest: Table = text("Cargo.toml").parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("my-thing"));
        let sdk = text(".tallow/sdk/tallow-ink/Cargo.toml");
        assert!(!sdk.contains("workspace"), "{sdk}");
        assert!(sdk.parse::<Table>().unwrap()["dependencies"]["ink"]["version"].is_str());
        text(".tallow/sdk/tallow-ink/src/lib.rs");
        assert!(text("scenarios/basic.json").contains("\"code\": \"my-thing\""));
        crate::project::Settings::parse(text("tallow.toml")).unwrap();
        assert!(!text("Cargo.lock").contains("tallow-ink"));
    }
}
