use super::{hex, seed};
use crate::*;
use proptest::prelude::*;
use tallow_types::{PublicKey, Signature, WorkerId};

fn sr25519(text: &str) -> PublicKey {
    PublicKey::Sr25519(hex(text))
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
fn ed25519_keys_alone_are_workers() {
    assert_eq!(Keypair::sr25519_from_seed(&seed(1)).worker(), None);
    assert_eq!(Keypair::secp256k1_from_seed(&seed(1)).unwrap().worker(), None);
}

/// The order of secp256k1's group (SEC 2, section 2.4.1).
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// n - s, the other half of every signature: as good to lax verifiers.
fn high_s(signature: &Signature) -> Signature {
    let (order, mut other) = (hex::<32>(ORDER), signature.0);
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(order[index]) - i16::from(signature.0[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        other[32 + index] = difference.rem_euclid(256) as u8;
    }
    Signature(other)
}

#[test]
fn secp256k1_signatures_have_one_form() {
    let keypair = Keypair::secp256k1_from_seed(&seed(1)).unwrap();
    let signature = keypair.sign(b"message");
    assert!(verify(&keypair.public(), b"message", &signature));
    assert_eq!(high_s(&high_s(&signature)), signature);
    assert!(!verify(&keypair.public(), b"message", &high_s(&signature)), "high s");
    let mut whole = [0; 65];
    whole[..64].copy_from_slice(&signature.0);
    assert!([0, 1].iter().any(|v| {
        whole[64] = *v;
        contract::ecdsa_recover(&whole, &blake2b_256(b"message")).map(PublicKey::Secp256k1) == Some(keypair.public())
    }));
    for range in [0..32, 32..64] {
        let mut zero = signature;
        zero.0[range.clone()].fill(0);
        assert!(!verify(&keypair.public(), b"message", &zero), "zero at {range:?}");
        zero.0[range].copy_from_slice(&hex::<32>(ORDER));
        assert!(!verify(&keypair.public(), b"message", &zero), "not below the order");
    }
}

#[test]
fn secp256k1_keys_have_one_form() {
    let PublicKey::Secp256k1(good) = Keypair::secp256k1_from_seed(&seed(1)).unwrap().public() else { unreachable!() };
    assert!(VerifyingKey::new(&PublicKey::Secp256k1(good)).is_some());
    // 5 is SEC 1's tag of a point without its sign, 4 and 6 belong to longer encodings, 0 is the point at infinity.
    for tag in [0, 1, 4, 5, 6, 7] {
        let mut other = good;
        other[0] = tag;
        assert!(VerifyingKey::new(&PublicKey::Secp256k1(other)).is_none(), "tag {tag}");
    }
    assert!(Keypair::secp256k1_from_seed(&seed(0)).is_none());
    assert!(Keypair::secp256k1_from_seed(&Secret::new(hex(ORDER))).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signatures_bind_key_and_message(
        which in 0..3usize, message: Vec<u8>, other: Vec<u8>, bit in 0..512usize, key: [u8; 32],
    ) {
        let make = |seed: &Secret<[u8; 32]>| match which {
            0 => Keypair::ed25519_from_seed(seed),
            1 => Keypair::sr25519_from_seed(seed),
            _ => Keypair::secp256k1_from_seed(seed).expect("drawn keys are below the order"),
        };
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
    fn hostile_keys_and_signatures_do_not_panic(
        which in 0..3usize, tag: u8, key: [u8; 32], left: [u8; 32], right: [u8; 32],
    ) {
        let compressed = [&[tag][..], &key].concat().try_into().unwrap();
        let public =
            [PublicKey::Ed25519(key), PublicKey::Sr25519(key), PublicKey::Secp256k1(compressed)][which];
        let signature = Signature([left, right].concat().try_into().unwrap());
        prop_assert!(!verify(&public, b"message", &signature));
    }
}
