use super::{hex, seed};
use crate::{Keypair, Secret, contract::*, keccak_256};
use proptest::prelude::*;
use tallow_types::{AccountId, ClusterId, CodeHash, PublicKey};

const SCHEMES: [SigType; 3] = [SigType::Ed25519, SigType::Sr25519, SigType::Ecdsa];

#[test]
fn addresses_follow_phalas_rule() {
    // Computed with another BLAKE2b over deployer, code, cluster and salt.
    let address = contract_address(&AccountId([1; 32]), &CodeHash([2; 32]), &ClusterId([3; 32]), b"salt");
    assert_eq!(address.0, hex("d3e0147bcab9a9cc230e2b5b36d9d13ce3d3bdf3c5bd36c80ceec8de02b99604"));
}

#[test]
fn derivation_is_hkdf_to_an_expanded_seed() {
    // The seed was computed with another HKDF-SHA256.
    let derived = derive_sr25519(&Secret::new([7; 64]), &[&[1; 32], b"salt", b"keygen"]);
    let okm = hex("bcf5672ace1e0646a818ec37b25450bae0c42095f134d027c29eda7cbd034e98");
    assert_eq!(derived.expose(), sr25519_expand(&Secret::new(okm)).expose());
    let joined = derive_sr25519(&Secret::new([7; 64]), &[&[1; 32], b"saltkeygen"]);
    assert_eq!(derived.expose(), joined.expose(), "Phala's derivation concatenates");
    let other = derive_sr25519(&Secret::new([7; 64]), &[&[1; 32], b"other", b"keygen"]);
    assert_ne!(derived.expose(), other.expose());
}

#[test]
fn expanded_secrets_are_substrates() {
    let alice = seed_of("e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a");
    let expanded = sr25519_expand(&alice);
    let public = hex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
    assert_eq!(sr25519_public(&expanded), public);
    assert_eq!(public_key(SigType::Sr25519, expanded.expose()), Ok(public.to_vec()));
    assert_eq!(public_key(SigType::Sr25519, alice.expose()), Ok(public.to_vec()));
    assert_eq!(Keypair::sr25519_from_seed(&alice).public(), PublicKey::Sr25519(public));
}

fn seed_of(text: &str) -> Secret<[u8; 32]> {
    Secret::new(hex(text))
}

#[test]
fn seeds_and_expanded_secrets_sign_alike() {
    let expanded = sr25519_expand(&seed(4));
    let signature = sign(SigType::Sr25519, expanded.expose(), b"message").unwrap();
    assert_eq!(sign(SigType::Sr25519, seed(4).expose(), b"message").unwrap(), signature);
    let public = sr25519_public(&expanded);
    assert!(sr25519_verify(signature.as_slice().try_into().unwrap(), &public, b"message"));
    assert!(!sr25519_verify(signature.as_slice().try_into().unwrap(), &public, b"massage"));
}

#[test]
fn deterministic_signatures_do_not_share_nonces() {
    let [first, second] = [b"first", b"other"].map(|message| sign(SigType::Sr25519, &[4; 32], message).unwrap());
    assert_ne!(first[..32], second[..32]);
}

#[test]
fn keys_of_wrong_length_or_value_are_refused() {
    for scheme in SCHEMES {
        for key in [&[][..], &[1; 31], &[1; 33], &[1; 65]] {
            assert_eq!(sign(scheme, key, b""), Err(InvalidKey), "{scheme:?}");
            assert_eq!(public_key(scheme, key), Err(InvalidKey), "{scheme:?}");
        }
    }
    assert_eq!(sign(SigType::Ecdsa, &[0; 32], b""), Err(InvalidKey));
    assert_eq!(sign(SigType::Ecdsa, &[0xff; 32], b""), Err(InvalidKey));
    assert_eq!(sign(SigType::Sr25519, &[0xff; 64], b""), Err(InvalidKey), "the scalar is not canonical");
    assert_eq!(sign(SigType::Ed25519, &[1; 64], b""), Err(InvalidKey));
}

#[test]
fn ecdsa_is_ethereums() {
    // The example of EIP-155.
    let hash = hex("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    let signature = ecdsa_sign_prehashed(&[0x46; 32], &hash).unwrap();
    let expected: [u8; 64] = hex(
        "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa63627667cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
    );
    assert_eq!(signature[..64], expected);
    assert_eq!(signature[64], 0);
    let public: [u8; 33] = public_key(SigType::Ecdsa, &[0x46; 32]).unwrap().try_into().unwrap();
    assert_eq!(ecdsa_to_eth_address(&public), Some(hex("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")));
    assert_eq!(ecdsa_recover(&signature, &hash), Some(public));
}

#[test]
fn recovery_ids_count_from_0_or_27() {
    let hash = keccak_256(b"message");
    let public = public_key(SigType::Ecdsa, &[5; 32]).unwrap();
    let mut signature = ecdsa_sign_prehashed(&[5; 32], &hash).unwrap();
    assert_eq!(ecdsa_recover(&signature, &hash).unwrap().to_vec(), public);
    signature[64] += 27;
    assert_eq!(ecdsa_recover(&signature, &hash).unwrap().to_vec(), public);
    let public = public.try_into().unwrap();
    assert!(!ecdsa_verify_prehashed(&signature, &hash, &public), "sp_core's verification counts from 0 alone");
    for v in [4, 26, 31, 255] {
        signature[64] = v;
        assert_eq!(ecdsa_recover(&signature, &hash), None, "{v}");
    }
}

#[test]
fn keys_off_the_curve_have_no_address() {
    assert_eq!(ecdsa_to_eth_address(&[0; 33]), None);
    assert_eq!(ecdsa_to_eth_address(&[0xff; 33]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_scheme_signs_deterministically_and_verifies(
        which in 0..3usize, key in 1..=255u8, message: Vec<u8>, other: Vec<u8>, bit: prop::sample::Index,
    ) {
        let scheme = SCHEMES[which];
        let key = [key; 32];
        // The only uniform byte strings that are no secp256k1 secret.
        prop_assume!(scheme != SigType::Ecdsa || key[0] != 0xff);
        let signature = sign(scheme, &key, &message).unwrap();
        prop_assert_eq!(&signature, &sign(scheme, &key, &message).unwrap());
        let public = public_key(scheme, &key).unwrap();
        prop_assert!(verify(scheme, &public, &message, &signature));
        prop_assert_eq!(verify(scheme, &public, &other, &signature), other == message);
        let mut altered = signature.clone();
        let bit = bit.index(altered.len() * 8);
        altered[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!verify(scheme, &public, &message, &altered));
        prop_assert!(!verify(scheme, &public[1..], &message, &signature));
        prop_assert!(!verify(scheme, &public, &message, &signature[1..]));
    }

    #[test]
    fn hostile_input_does_not_panic(which in 0..3usize, public: Vec<u8>, signature: Vec<u8>, half: [u8; 32], v: u8) {
        prop_assert!(!verify(SCHEMES[which], &public, b"message", &signature));
        let mut bytes = [0; 65];
        bytes[..32].copy_from_slice(&half);
        bytes[32..64].copy_from_slice(&half);
        bytes[64] = v;
        if let Some(key) = ecdsa_recover(&bytes, &half) {
            prop_assert!(ecdsa_to_eth_address(&key).is_some());
        }
    }
}
