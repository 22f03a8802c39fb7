use super::{hex, seed};
use crate::*;
use proptest::prelude::*;
use tallow_types::{PublicKey, Signature, WorkerId};

fn sr25519(text: &str) -> PublicKey {
    PublicKey::Sr25519(hex(text))
}

#[test]
fn development_accounts_are_substrates() {
    let accounts = [
        ("//Alice", "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"),
        ("//Bob", "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"),
        ("//Charlie", "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22"),
        ("//Alice//stash", "be5ddb1579b72e84524fc29e78609e3caf42e85aa118ebfe0b0ad404b5bdd25f"),
        (
            "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
            "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
        ),
        (
            "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e",
            "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a",
        ),
        (
            "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e//Bob",
            "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48",
        ),
    ];
    for (uri, public) in accounts {
        assert_eq!(Keypair::from_uri(uri).unwrap().public(), sr25519(public), "{uri}");
    }
}

#[test]
fn junctions_are_told_apart() {
    let long = format!("//{}", "x".repeat(40));
    let uris = ["//1", "//01x", "//Alice", "//Alice//1", &long, &format!("{long}x")];
    let keys: std::collections::BTreeSet<_> =
        uris.iter().map(|uri| Keypair::from_uri(uri).unwrap().account()).collect();
    assert_eq!(keys.len(), uris.len());
}

#[test]
fn other_uris_are_refused_with_the_reason() {
    let refused = [
        ("", UriError::Unknown),
        ("Alice", UriError::Unknown),
        ("bottom drive obey//Alice", UriError::Unknown),
        ("/Alice", UriError::SoftJunction),
        ("//Alice/stash", UriError::SoftJunction),
        ("//Alice///password", UriError::Password),
        ("///password", UriError::Password),
        ("//", UriError::EmptyJunction),
        ("0x", UriError::Seed),
        ("0x12//Alice", UriError::Seed),
        ("0x+5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a", UriError::Seed),
        ("0xee5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5é", UriError::Seed),
    ];
    for (uri, reason) in refused {
        assert_eq!(Keypair::from_uri(uri).err(), Some(reason), "{uri}");
    }
}

#[test]
fn ed25519_is_rfc_8032() {
    let secret = Secret::new(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let signature = Signature(hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ));
    let keypair = Keypair::ed25519_from_seed(&secret);
    assert_eq!(keypair.public(), PublicKey::Ed25519(public));
    assert_eq!(keypair.worker(), Some(WorkerId(public)));
    assert_eq!(keypair.sign(b""), signature);
    assert!(verify_worker(&WorkerId(public), b"", &signature));
}

#[test]
fn polkadot_js_signatures_verify() {
    // From the tests of @polkadot/util-crypto.
    let sr25519 = sr25519("4ccb70b12eb845976ed0d08b391b1b9681e9b5858bf46b826bb85caa5395d525");
    let edwards = PublicKey::Ed25519(hex("3d0c37d300d361c7042511d551afa617fbc790d21353ba01c4e70e9cab2e8d92"));
    let signatures = [
        (
            sr25519,
            "ca01419b5a17219f7b78335658cab3b126db523a5df7be4bfc2bef76c2eb3b1dcf4ca86eb877d0a6cf6df12db5995c51d13b00e005d053b892bd09c594434288",
        ),
        (
            edwards,
            "299d3bf4c8bb51af732f8067b3a3015c0862a5ff34721749d8ed6577ea2708365d1c5f76bd519009971e41156f12c70abc2533837ceb3bad9a05a99ab923de06",
        ),
    ];
    for (public, signature) in signatures {
        assert!(verify(&public, b"hello world", &Signature(hex(signature))));
        assert!(!verify(&public, b"hello worlds", &Signature(hex(signature))));
    }
}

#[test]
fn signatures_of_schnorrkel_before_its_audit_are_refused() {
    // From sp_core's tests, where only `verify_deprecated` takes it: made with the all-zero seed.
    let signature = Signature(hex(
        "28a854d54903e056f89581c691c1f7d2ff39f8f896c9e9c22475e60902cc2b3547199e0e91fa32902028f2ca2355e8cdd16cfe19ba5e8b658c94aa80f3b81a00",
    ));
    assert!(!verify(&Keypair::sr25519_from_seed(&seed(0)).public(), b"SUBSTRATE", &signature));
}

#[test]
fn small_order_keys_verify_nothing() {
    // The identity point: under lax rules, this signature holds for every message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    assert!(!verify(&PublicKey::Ed25519(identity), b"anything", &Signature(signature)));
}

#[test]
fn an_sr25519_key_is_no_worker() {
    assert_eq!(Keypair::sr25519_from_seed(&seed(1)).worker(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signatures_bind_key_and_message(
        edwards: bool, message: Vec<u8>, other: Vec<u8>, bit in 0..512usize, key: [u8; 32],
    ) {
        let make = if edwards { Keypair::ed25519_from_seed } else { Keypair::sr25519_from_seed };
        let keypair = make(&Secret::new(key));
        let signature = keypair.sign(&message);
        prop_assert!(verify(&keypair.public(), &message, &signature));
        prop_assert_eq!(verify(&keypair.public(), &other, &signature), other == message);
        let mut altered = signature;
        altered.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify(&keypair.public(), &message, &altered));
        prop_assert!(!verify(&make(&seed(0x55)).public(), &message, &signature));
    }

    #[test]
    fn hostile_keys_and_signatures_do_not_panic(edwards: bool, key: [u8; 32], left: [u8; 32], right: [u8; 32]) {
        let public = if edwards { PublicKey::Ed25519(key) } else { PublicKey::Sr25519(key) };
        let signature = Signature([left, right].concat().try_into().unwrap());
        prop_assert!(!verify(&public, b"message", &signature));
    }

    #[test]
    fn uris_do_not_panic(uri: String) {
        let _: Result<Keypair, UriError> = Keypair::from_uri(&uri);
    }
}
