use super::*;
use crate::failure::Failure;
use tallow_client::KeyScheme;
use tallow_crypto::Secret;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn phrase() -> Secret<String> {
    tallow_crypto::generate_phrase()
}

fn failure<T>(result: Result<T, KeystoreError>) -> String {
    let Err(error) = result else { panic!("it must fail") };
    let failure = Failure::from(error);
    assert!(!failure.hint.is_empty());
    format!("{:#}", failure.error)
}

#[test]
fn names_are_no_secrets_and_no_paths() {
    for good in ["a", "Alice", "ci-2", "0", "a_b", &"x".repeat(ACCOUNT_NAME_MAX)] {
        assert_eq!(good.parse::<Name>().unwrap().to_string(), good);
    }
    let seed = "17".repeat(32);
    for bad in ["", "-a", "_a", "a b", "../a", "a/b", "a.b", "//Alice", "0x17", "ä", "ed25519:a", &seed] {
        assert!(bad.parse::<Name>().is_err(), "{bad}");
    }
    assert_eq!("delegate:a".parse::<Kept>().unwrap(), Kept::Delegate(name("a")));
    assert!("delegate:".parse::<Kept>().is_err());
}

#[test]
fn accounts_of_every_scheme_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(folder.path());
    for scheme in KeyScheme::ALL {
        let phrase = phrase();
        let account = KeptAccount::seal(name(scheme.name()), scheme, &phrase, &secret("pw")).unwrap();
        keystore.keep_account(&account, true).unwrap();
        let read = keystore.account(&name(scheme.name())).unwrap();
        assert_eq!((read.account(), read.scheme()), (account.account(), scheme));
        assert_eq!(read.unlock(&secret("pw")).unwrap().public(), account.public());
        assert_eq!(read.open(&secret("pw")).unwrap().expose(), phrase.expose());
        assert!(failure(read.open(&secret("PW")).map(drop)).contains("wrong password"));
        assert!(failure(keystore.keep_account(&account, true)).contains("already"));
    }
    assert_eq!(keystore.all().unwrap().len(), KeyScheme::ALL.len());
}

/// Writes one account and gives the path of its file.
fn one(keystore: &Keystore) -> PathBuf {
    let account = KeptAccount::seal(name("a"), KeyScheme::Sr25519, &phrase(), &secret("pw")).unwrap();
    keystore.keep_account(&account, true).unwrap()
}

#[test]
fn altered_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(folder.path());
    assert!(failure(keystore.account(&name("a")).map(drop)).contains("no account `a`"));
    let path = one(&keystore);
    let whole: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let with = |field: &str, value: Value| {
        let mut document = whole.clone();
        document[field] = value;
        std::fs::write(&path, document.to_string()).unwrap();
        keystore.account(&name("a"))
    };
    assert!(failure(with("version", 2.into()).map(drop)).contains("is of version 2"));
    assert!(failure(with("version", "1".into()).map(drop)).contains("no version"));
    assert!(failure(with("suite", "rot13".into()).map(drop)).contains("suite"));
    assert!(failure(with("scheme", "rsa".into()).map(drop)).contains("scheme"));
    assert!(failure(with("salt", "0x12".into()).map(drop)).contains("salt"));
    assert!(failure(with("public_key", "0x12".into()).map(drop)).contains("public key"));
    assert!(failure(with("secret", "zz".into()).map(drop)).contains("hexadecimal"));
    for (field, value) in [("memory_kib", u32::MAX), ("passes", 0), ("lanes", 1_000)] {
        let account = with(field, value.into()).unwrap();
        assert!(failure(account.open(&secret("pw")).map(drop)).contains("are not within"), "{field}");
    }
    // Another public key in the file would let another account be shown.
    let other = with("public_key", format!("0x{}", "17".repeat(32)).into()).unwrap();
    assert!(failure(other.open(&secret("pw")).map(drop)).contains("wrong password"));
    for text in ["", "{", "[]", "{\"version\":1}"] {
        std::fs::write(&path, text).unwrap();
        assert!(failure(keystore.account(&name("a")).map(drop)).contains("is damaged"), "{text}");
    }
    std::fs::write(&path, vec![b' '; 1 << 17]).unwrap();
    assert!(failure(keystore.account(&name("a")).map(drop)).contains("larger than"));
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(&folder.path().join("made"));
    let path = one(&keystore);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no drafts are left");
    for open in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).unwrap();
        assert!(failure(keystore.account(&name("a")).map(drop)).contains("others can read"), "{open:o}");
    }
}

#[test]
fn the_default_goes_with_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(folder.path());
    assert_eq!(keystore.default_account().unwrap(), None);
    one(&keystore);
    let kept = Kept::Account(name("a"));
    keystore.set_default(&kept).unwrap();
    assert_eq!(keystore.default_account().unwrap(), Some(kept.clone()));
    keystore.remove(&kept).unwrap();
    assert_eq!(keystore.default_account().unwrap(), None);
    assert!(failure(keystore.remove(&kept)).contains("no account `a`"));
    std::fs::write(folder.path().join(DEFAULT), "no/name").unwrap();
    assert!(failure(keystore.default_account().map(drop)).contains("names no account"));
}

#[test]
fn imported_secrets_may_name_their_scheme() {
    let phrase = phrase();
    let read = |text: &str, wanted| read_secret(&secret(text), wanted);
    let (scheme, kept) = read(&format!(" {}\n", phrase.expose()), None).unwrap();
    assert_eq!((scheme, kept.expose()), (KeyScheme::Sr25519, phrase.expose()));
    let named = format!("ed25519:{}", phrase.expose());
    let (scheme, kept) = read(&named, None).unwrap();
    assert_eq!((scheme, kept.expose()), (KeyScheme::Ed25519, phrase.expose()));
    assert_eq!(read(&named, Some(KeyScheme::Secp256k1)).err().unwrap().code, crate::failure::USAGE);
    for known in ["//Alice", "", "ed25519://Bob"] {
        assert!(read(known, None).is_err(), "{known}");
    }
}
