use super::hex;
use crate::*;
use proptest::prelude::*;
use tallow_types::{AccountId, PublicKey};

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

fn public(uri: &str) -> PublicKey {
    Keypair::from_uri(uri).unwrap_or_else(|error| panic!("{uri}: {error}")).public()
}

#[test]
fn sr25519_keys_are_substrates() {
    let alice = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    let root = "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a";
    let accounts = [
        ("//Alice", alice),
        ("sr25519://Alice", alice),
        ("//Bob", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"),
        ("//Charlie", "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22"),
        ("//Alice//stash", "be5ddb1579b72e84524fc29e78609e3caf42e85aa118ebfe0b0ad404b5bdd25f"),
        ("0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a", alice),
        ("0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e", root),
        (PHRASE, root),
        // From the tests of sp_core.
        ("/Alice", "d6c71059dbbe9ad2b0ed3f289738b800836eb425544ce694825285b958ca755e"),
    ];
    for (uri, key) in accounts {
        assert_eq!(public(uri), PublicKey::Sr25519(hex(key)), "{uri}");
    }
    assert_eq!(public(&format!("{PHRASE}//Alice")), public("//Alice"));
    assert_eq!(public(&format!("  {}//Alice", PHRASE.replace(' ', "  "))), public("//Alice"));
}

#[test]
fn ed25519_keys_are_substrates() {
    let alice = PublicKey::Ed25519(hex("88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"));
    let bob = PublicKey::Ed25519(hex("d17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69"));
    assert_eq!((public("ed25519://Alice"), public("ed25519://Bob")), (alice, bob));
}

#[test]
fn secp256k1_keys_are_substrates() {
    // As `subkey inspect --scheme ecdsa //Alice` prints them.
    let seed = "0xcb6df9de1efca7a3998a8ead4e02159d5fa99c3e0d4fd6432667390bb4726854";
    let key = PublicKey::Secp256k1(hex("020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"));
    for uri in ["secp256k1://Alice".to_owned(), "ecdsa://Alice".to_owned(), format!("secp256k1:{seed}")] {
        assert_eq!(public(&uri), key, "{uri}");
    }
    let account = AccountId(hex("01e552298e47454041ea31273b4b630c64c104e4514aa3643490b8aaca9cf8ed"));
    assert_eq!(Keypair::from_uri("secp256k1://Alice").unwrap().account(), account);
}

#[test]
fn passwords_belong_to_phrases() {
    let keys: std::collections::BTreeSet<_> =
        [PHRASE, "///", "///a", "///a/b//c"].iter().map(|uri| Keypair::from_uri(uri).unwrap().account()).collect();
    assert_eq!(keys.len(), 3, "an empty password is none");
    // From the tests of `substrate-bip39`: 128 zero bits, password "Substrate".
    let abandon = format!("{}about///Substrate", "abandon ".repeat(11));
    let seed = "0x44e9d125f037ac1d51f0a7d3649689d422c2af8b1ec8e00d71db4d7bf6d127e3";
    assert_eq!(public(&abandon), public(seed));
}

#[test]
fn junctions_are_told_apart() {
    let long = format!("//{}", "x".repeat(40));
    let uris = ["//1", "//01x", "//Alice", "//Alice//1", "/1", "//Alice/1", "/1//Alice", &long, &format!("{long}x")];
    for scheme in ["", "ed25519:", "secp256k1:"] {
        let uris = uris.iter().filter(|uri| scheme.is_empty() || !uri.replace("//", "").contains('/'));
        let keys: Vec<_> = uris.map(|uri| Keypair::from_uri(&format!("{scheme}{uri}")).unwrap().account()).collect();
        let unique: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "{scheme}");
    }
}

#[test]
fn other_uris_are_refused_with_the_reason() {
    let refused = [
        ("", UriError::Unknown),
        ("secp256k1:", UriError::Unknown),
        ("rsa://Alice", UriError::Unknown),
        ("Alice", UriError::Unknown),
        ("bottom drive obey//Alice", UriError::Phrase),
        ("bottom bottom bottom bottom bottom bottom bottom bottom bottom bottom bottom bottom", UriError::Phrase),
        ("ed25519:/Alice", UriError::SoftJunction),
        ("secp256k1://Alice/stash", UriError::SoftJunction),
        ("0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a///password", UriError::Password),
        ("//", UriError::EmptyJunction),
        ("/", UriError::EmptyJunction),
        ("//Alice/", UriError::EmptyJunction),
        ("0x", UriError::Seed),
        ("0x12//Alice", UriError::Seed),
        ("0x+5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a", UriError::Seed),
        ("0xee5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5é", UriError::Seed),
        ("secp256k1:0x0000000000000000000000000000000000000000000000000000000000000000", UriError::Scalar),
    ];
    for (uri, reason) in refused {
        assert_eq!(Keypair::from_uri(uri).err(), Some(reason), "{uri}");
    }
}

#[test]
fn development_keys_are_known_as_such() {
    let seed = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//x";
    for uri in ["//Alice", "secp256k1://Alice", "/x", "///x", seed, &format!("ed25519:{PHRASE}//Bob")] {
        assert!(is_development_uri(uri), "{uri}");
    }
    let own = format!("0x{}", "12".repeat(32));
    for uri in [own.as_str(), &format!("secp256k1:{own}//Alice"), &format!("{}about", "abandon ".repeat(11))] {
        assert!(!is_development_uri(uri), "{uri}");
    }
}

#[test]
fn fresh_phrases_are_phrases() {
    let (one, two) = (generate_phrase(), generate_phrase());
    assert_ne!(one.expose(), two.expose());
    assert_eq!(one.expose().split(' ').count(), 12);
    assert_ne!(public(one.expose()), public(two.expose()));
}

proptest! {
    #[test]
    fn uris_do_not_panic(uri: String) {
        let _: Result<Keypair, UriError> = Keypair::from_uri(&uri);
        is_development_uri(&uri);
    }

    #[test]
    fn likely_uris_do_not_panic(uri in "(ecdsa:|ed25519:)?(0x[0-9a-f]{62,66})?(//?[a-zé0-9]{0,3}){0,3}") {
        let _: Result<Keypair, UriError> = Keypair::from_uri(&uri);
    }
}
