//! The projects that `tallow new` makes.

use std::path::Path;
use toml::{Table, Value};

/// The guest crate's sources, by their path in it.
const SDK: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));
const SDK_MANIFEST: &str = include_str!("../../../sdk/ink/Cargo.toml");
/// Whose dependencies the guest crate shares, and whose versions are known to work together.
const CONTRACTS_MANIFEST: &str = include_str!("../../../contracts/Cargo.toml");
const CONTRACTS_LOCK: &str = include_str!("../../../contracts/Cargo.lock");
/// Where a project has the guest crate.
const SDK_FOLDER: &str = ".tallow/sdk/tallow-ink";

/// What to begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Template {
    /// A number that anybody can count up.
    Counter,
    /// Asks an exchange for a price over HTTP and remembers it.
    PriceBot,
    /// A token.
    Erc20,
    /// Contracts that call each other.
    CrossContract,
    /// A clock that the cluster calls at an interval.
    Timer,
}

/// What differs between templates.
struct Parts {
    about: &'static str,
    lib: &'static str,
    scenario: &'static str,
    /// Lines for `[dependencies]`.
    dependencies: &'static str,
    /// Features of the guest crate.
    sdk_features: &'static str,
    /// Arguments of the constructor, as TOML.
    args: &'static str,
    /// Calls to try, one a line.
    calls: &'static [&'static str],
}

impl Template {
    fn parts(self) -> Parts {
        match self {
            Self::Counter => Parts {
                about: "A number that anybody can count up.",
                lib: include_str!("../templates/counter/lib.rs"),
                scenario: include_str!("../templates/counter/scenario.json"),
                dependencies: "",
                sdk_features: "",
                args: r#"["0"]"#,
                calls: &["tallow call inc", "tallow call get"],
            },
            Self::PriceBot => Parts {
                about: "Asks an exchange for the price of bitcoin, remembers it, and tells it to a chat of Telegram.",
                lib: include_str!("../templates/price-bot/lib.rs"),
                scenario: include_str!("../templates/price-bot/scenario.json"),
                dependencies: "serde = { version = \"1\", default-features = false, features = [\"derive\"] }\n",
                sdk_features: ", features = [\"json\"]",
                args: r#"['"https://api.coinbase.com"']"#,
                calls: &[
                    "tallow call price",
                    "tallow call record",
                    "tallow call history",
                    "echo 123456:the-token-of-your-bot | tallow secret set {{name}} TELEGRAM_TOKEN",
                    "echo @your_chat | tallow secret set {{name}} TELEGRAM_CHAT",
                    "tallow secret list",
                    "tallow call record",
                ],
            },
            Self::Erc20 => Parts {
                about: "A token: balances, allowances and transfers.",
                lib: include_str!("../templates/erc20/lib.rs"),
                scenario: include_str!("../templates/erc20/scenario.json"),
                dependencies: "",
                sdk_features: "",
                args: r#"["1000000"]"#,
                calls: &["tallow call total_supply"],
            },
            Self::CrossContract => Parts {
                about: "Contracts that call each other.",
                lib: include_str!("../templates/cross-contract/lib.rs"),
                scenario: include_str!("../templates/cross-contract/scenario.json"),
                dependencies: "",
                sdk_features: "",
                args: r#"["1", "None"]"#,
                calls: &["tallow call Link::sum", "tallow call Link::add 10"],
            },
            Self::Timer => Parts {
                about: "A clock that ticks by itself.",
                lib: include_str!("../templates/timer/lib.rs"),
                scenario: include_str!("../templates/timer/scenario.json"),
                dependencies: "",
                sdk_features: "",
                args: "[]",
                calls: &["tallow call start 1000", "tallow call ticks"],
            },
        }
    }

    /// The files of a project, each with its path in it.
    pub(crate) fn files(self, name: &str) -> anyhow::Result<Vec<(String, String)>> {
        let parts = self.parts();
        let shared: Table = CONTRACTS_MANIFEST.parse()?;
        let ink = shared["workspace"]["dependencies"]["ink"]["version"].as_str().unwrap_or("5");
        let calls: Vec<String> = parts.calls.iter().map(|call| format!("$ {call}")).collect();
        let fill = |text: &str| {
            text.replace("{{calls}}", &calls.join("\n"))
                .replace("{{name}}", name)
                .replace("{{about}}", parts.about)
                .replace("{{ink}}", ink)
                .replace("{{dependencies}}", parts.dependencies)
                .replace("{{sdk_features}}", parts.sdk_features)
                .replace("{{args}}", parts.args)
        };
        let texts = [
            ("Cargo.toml", include_str!("../templates/common/Cargo.toml.in")),
            ("lib.rs", parts.lib),
            ("scenarios/basic.json", parts.scenario),
            ("tallow.toml", include_str!("../templates/common/tallow.toml.in")),
            ("README.md", include_str!("../templates/common/README.md.in")),
            (".gitignore", include_str!("../templates/common/gitignore.in")),
        ];
        let mut files: Vec<(String, String)> =
            texts.into_iter().map(|(path, text)| (path.to_owned(), fill(text))).collect();
        files.push(("Cargo.lock".to_owned(), lock()));
        files.push((format!("{SDK_FOLDER}/Cargo.toml"), sdk_manifest(&shared)?));
        files.extend(SDK.iter().map(|(path, text)| (format!("{SDK_FOLDER}/{path}"), (*text).to_owned())));
        Ok(files)
    }
}

/// The versions of everything that contracts depend on, as they are tested here. Cargo drops what a project lacks.
fn lock() -> String {
    let mut packages = CONTRACTS_LOCK.split("[[package]]\n");
    let head = packages.next().unwrap_or_default().to_owned();
    let external = packages.filter(|package| package.contains("\nsource = "));
    external.fold(head, |lock, package| lock + "[[package]]\n" + package)
}

/// The guest crate's manifest without its workspace.
fn sdk_manifest(shared: &Table) -> anyhow::Result<String> {
    let mut manifest: Table = SDK_MANIFEST.parse()?;
    let shared = &shared["workspace"];
    manifest.remove("lints");
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        package.remove("workspace");
        for (key, value) in package.iter_mut() {
            if inherits(value) {
                *value = shared["package"][key.as_str()].clone();
            }
        }
    }
    inherit_dependencies(&mut manifest, &shared["dependencies"]);
    for (_, target) in manifest.get_mut("target").and_then(Value::as_table_mut).into_iter().flatten() {
        if let Some(target) = target.as_table_mut() {
            inherit_dependencies(target, &shared["dependencies"]);
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn inherit_dependencies(of: &mut Table, shared: &Value) {
    for kind in ["dependencies", "dev-dependencies"] {
        for (name, value) in of.get_mut(kind).and_then(Value::as_table_mut).into_iter().flatten() {
            if inherits(value) {
                *value = merged(&shared[name.as_str()], value);
            }
        }
    }
}

/// A workspace's dependency, with what a member adds to it.
fn merged(shared: &Value, own: &Value) -> Value {
    let mut merged = match shared {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    for (key, value) in own.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace") {
        let both = match (merged.get(key), value) {
            (Some(Value::Array(shared)), Value::Array(own)) => Value::Array([shared.as_slice(), own].concat()),
            _ => value.clone(),
        };
        merged.insert(key.clone(), both);
    }
    Value::Table(merged)
}

/// Words that cannot be a crate, or that cargo keeps for itself.
const TAKEN: [&str; 60] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "contract",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "ink",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "alloc",
    "struct",
    "super",
    "tallow-ink",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "metadata",
];

/// Whether cargo and Rust take a name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let belongs = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !starts || !name.chars().all(belongs) || name.ends_with(['-', '_']) || name.len() > NAME_BYTES_MAX {
        return Err("expected small letters, digits, - and _, a letter first, up to 64 in all".to_owned());
    }
    if TAKEN.contains(&name) {
        return Err("the word has a meaning for Rust or cargo".to_owned());
    }
    Ok(())
}

/// Bytes of a project's name.
const NAME_BYTES_MAX: usize = 64;

/// Writes the files; the folder must not exist.
pub(crate) fn write(folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
