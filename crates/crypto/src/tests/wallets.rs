//! What wallets sign, against published examples and against each other.

use super::{CLUSTER, NETWORK, hex, seed};
use crate::{contract::ecdsa_to_eth_address, eip712::hash_struct, eip712::joined, *};
use proptest::prelude::*;
use tallow_types::{
    AccountId, Action, CallerSignature, CodeHash, Command, Compat, Contracts, Delegation, LedgerAction, LedgerTx,
    PublicKey, Scope, SessionTerms, Signature, SigningScheme, WorkerId, limits::STATEMENT_BYTES_SHOWN_MAX,
};

const SCHEMES: [SigningScheme; 4] =
    [SigningScheme::Raw, SigningScheme::WrappedBytes, SigningScheme::Eip191, SigningScheme::Eip712];

fn keys() -> [Keypair; 3] {
    ["sr25519://Alice", "ed25519://Alice", "secp256k1://Alice"].map(|uri| Keypair::from_uri(uri).unwrap())
}

pub(super) fn command(action: Action) -> Command {
    Command {
        network: NETWORK,
        cluster: CLUSTER,
        caller: Keypair::from_uri("secp256k1://Alice").unwrap().public(),
        action,
        value: 4,
        gas_limit: 5,
        nonce: 6,
        expiry_ms: 1_763_890_000_123,
        response_key: [8; 32],
    }
}

fn call(input: Vec<u8>) -> Command {
    command(Action::Call { contract: AccountId([3; 32]), input })
}

fn secp256k1(key: &str) -> Keypair {
    Keypair::secp256k1_from_seed(&Secret::new(hex(key))).unwrap()
}

fn keccak_signed(key: &PublicKey, message: &[u8], signature: &str) -> bool {
    VerifyingKey::new(key).unwrap().verify_keccak(message, &Signature(hex(signature)))
}

#[test]
fn eip_712_is_its_example() {
    // The example of the EIP: "Ether Mail", signed by the key keccak256("cow").
    let mail = "Mail(Person from,Person to,string contents)Person(string name,address wallet)";
    let person = |name: &str, wallet: &str| {
        let mut word = [0; 32];
        word[12..].copy_from_slice(&hex::<20>(wallet));
        hash_struct("Person(string name,address wallet)", &[keccak_256(name.as_bytes()), word])
    };
    let (mut chain, mut contract) = ([0; 32], [0; 32]);
    chain[31] = 1;
    contract[12..].copy_from_slice(&hex::<20>("CcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"));
    let domain = hash_struct(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
        &[keccak_256(b"Ether Mail"), keccak_256(b"1"), chain, contract],
    );
    assert_eq!(domain, hex("f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"));
    let cow = person("Cow", "CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
    let bob = person("Bob", "bBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB");
    let message = joined(&domain, &hash_struct(mail, &[cow, bob, keccak_256(b"Hello, Bob!")]));
    assert_eq!(keccak_256(&message), hex("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"));
    let key = secp256k1("c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4").public();
    let PublicKey::Secp256k1(bytes) = key else { unreachable!() };
    assert_eq!(ecdsa_to_eth_address(&bytes), Some(hex("cd2a3d9f938e13cd947ec05abc7fe734df8dd826")));
    let signature = "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562";
    assert!(keccak_signed(&key, &message, signature));
}

#[test]
fn eip_191_is_the_wallets() {
    // From the documentation of web3.js: `eth.accounts.sign('Some data', ...)`.
    let message = b"\x19Ethereum Signed Message:\n9Some data";
    assert_eq!(keccak_256(message), hex("1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655"));
    let key = secp256k1("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318").public();
    let signature = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029";
    assert!(keccak_signed(&key, message, signature));
    assert!(!keccak_signed(&key, b"\x19Ethereum Signed Message:\n9Some dama", signature));
    let command = call(vec![1]);
    let statement = Statement::Command(&command);
    let text = statement.text();
    let bytes = statement.signing_bytes(SigningScheme::Eip191);
    assert_eq!(bytes, format!("\x19Ethereum Signed Message:\n{}{text}", text.len()).into_bytes());
}

#[test]
fn a_command_reads_as_what_it_does() {
    let command = call(vec![0x12, 0x34, 0x56, 0x78, 9]);
    let hex64 = |byte: &str| format!("0x{}", byte.repeat(32));
    let expected = format!(
        "Tallow Call\ntallow/command/v1\nnetwork: {}\ncluster: {}\ncontract: {}\ninput: 0x1234567809\nvalue: 4\n\
         gasLimit: 5\nnonce: 6\nexpires: 2025-11-23T09:26:40.123Z\ndigest: {}",
        hex64("01"),
        hex64("02"),
        hex64("03"),
        command_id(&command)
    );
    let statement = Statement::Command(&command);
    assert_eq!(statement.text(), expected);
    let wrapped = format!("<Bytes>{expected}</Bytes>").into_bytes();
    assert_eq!(statement.signing_bytes(SigningScheme::WrappedBytes), wrapped);
    assert!(!expected.contains(&"08".repeat(32)), "the response key opens the receipt and is not shown");
    let types: Vec<_> = statement.form().fields.iter().map(|field| (field.value.type_name(), field.name)).collect();
    let expected = [
        ("bytes32", "network"),
        ("bytes32", "cluster"),
        ("bytes32", "contract"),
        ("bytes", "input"),
        ("uint128", "value"),
        ("uint64", "gasLimit"),
        ("uint64", "nonce"),
        ("string", "expires"),
        ("bytes32", "digest"),
    ];
    assert_eq!(types, expected);
}

#[test]
fn long_arguments_are_shown_by_their_digest() {
    let shown = |bytes: usize| Statement::Command(&call(vec![7; bytes])).text();
    assert!(shown(STATEMENT_BYTES_SHOWN_MAX).contains(&"07".repeat(STATEMENT_BYTES_SHOWN_MAX)));
    let long = shown(STATEMENT_BYTES_SHOWN_MAX + 1);
    let digest = hex::encode(blake2b_256(&[7; STATEMENT_BYTES_SHOWN_MAX + 1]));
    assert!(long.contains(&format!("\ninput: 129 bytes, blake2b-256 0x{digest}\n")), "{long}");
}

#[test]
fn times_are_iso_8601() {
    let times = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_078_012_800_000, "2004-02-29T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_767_225_599_000, "2025-12-31T23:59:59.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "never"),
        (u64::MAX, "never"),
    ];
    for (expiry_ms, expected) in times {
        let command = Command { expiry_ms, ..call(vec![]) };
        assert!(Statement::Command(&command).text().contains(&format!("\nexpires: {expected}\n")), "{expected}");
    }
}

#[test]
fn every_key_signs_in_its_forms_and_in_no_other() {
    let command = call(vec![1, 2, 3]);
    let statement = Statement::Command(&command);
    for key in keys() {
        for scheme in SCHEMES {
            let ethereum = matches!(scheme, SigningScheme::Eip191 | SigningScheme::Eip712);
            match key.sign_statement(scheme, &statement) {
                Ok(signature) => {
                    assert!(!ethereum || key.scheme() == KeyScheme::Secp256k1);
                    for other in SCHEMES {
                        let claimed = CallerSignature { scheme: other, ..signature };
                        let good = verify_statement(&key.public(), &statement, &claimed);
                        assert_eq!(good, other == scheme, "{key:?} {scheme:?} as {other:?}", key = key.scheme());
                    }
                }
                Err(error) => {
                    assert!(ethereum);
                    assert_eq!(error, SchemeError { key: key.scheme(), scheme });
                }
            }
        }
    }
}

/// One of each kind, with equal content where types are alike.
fn with_statements(check: impl FnOnce(&[Statement<'_>])) {
    let caller = Keypair::from_uri("secp256k1://Alice").unwrap().public();
    let (call, transfer) = (call(vec![1]), command(Action::Transfer { to: AccountId([3; 32]) }));
    let instantiate = command(Action::Instantiate {
        code: CodeHash([3; 32]),
        input: vec![1],
        salt: vec![],
        compat: Compat::Tallow,
        public_events: false,
    });
    let terms = SessionTerms {
        network: NETWORK,
        cluster: CLUSTER,
        worker: WorkerId([3; 32]),
        caller,
        encapsulated: [4; 32],
        expiry_ms: 7,
    };
    let action = LedgerAction::RegisterCode { code: CodeHash([3; 32]), bytes: 5 };
    let tx = LedgerTx { network: NETWORK, signer: caller, nonce: 6, action };
    let scope = Scope::Commands { contracts: Contracts::Only(vec![AccountId([3; 32])]), value_max: 4 };
    let (not_before_ms, not_after_ms) = (6, 7);
    let delegation =
        Delegation { network: NETWORK, cluster: CLUSTER, delegate: caller, not_before_ms, not_after_ms, scope };
    check(&[
        Statement::Command(&call),
        Statement::Command(&transfer),
        Statement::Command(&instantiate),
        Statement::Session(&terms),
        Statement::LedgerTx(&tx),
        Statement::Delegation(&delegation),
    ]);
}

#[test]
fn no_signature_serves_another_statement_or_form() {
    with_statements(|statements| {
        let mut seen = std::collections::BTreeSet::new();
        for statement in statements {
            for scheme in SCHEMES {
                assert!(seen.insert(statement.signing_bytes(scheme)), "{statement:?} {scheme:?}");
            }
            let text = statement.text();
            assert!(text.contains(statement.label().text()), "{text}");
            assert!(text.ends_with(&format!("digest: {}", statement.digest())), "{text}");
        }
        let begins = ["tallow/", "<Bytes>Tallow ", "\x19Ethereum Signed Message:\n", "\x19\x01"];
        for (scheme, begin) in SCHEMES.into_iter().zip(begins) {
            assert!(statements[0].signing_bytes(scheme).starts_with(begin.as_bytes()), "{scheme:?}");
        }
    });
}

#[test]
fn wallets_give_65_bytes_and_addresses() {
    let key = Keypair::from_uri("secp256k1://Alice").unwrap();
    let command = call(vec![1]);
    let statement = Statement::Command(&command);
    for scheme in SCHEMES {
        let signature = key.sign_statement(scheme, &statement).unwrap();
        let accept = |bytes: &[u8]| accept_wallet_signature(&key.public(), &statement, scheme, bytes);
        assert_eq!(accept(&signature.signature.0), Ok(signature));
        let recovered: Vec<_> = [0, 1, 27, 28]
            .into_iter()
            .filter_map(|v| {
                let bytes = [&signature.signature.0[..], &[v]].concat();
                assert_eq!(accept(&bytes), Ok(signature), "the recovery id is not needed");
                recover_key(&statement, scheme, &bytes).ok()
            })
            .filter(|recovered| *recovered == (key.public(), signature))
            .collect();
        assert_eq!(recovered.len(), 2, "with v from 0 and from 27");
        assert_eq!(accept(&signature.signature.0[..63]), Err(WalletError::Length(63)));
        let other = Keypair::from_uri("secp256k1://Bob").unwrap().public();
        let refused = accept_wallet_signature(&other, &statement, scheme, &signature.signature.0);
        assert_eq!(refused, Err(WalletError::NotSigned));
    }
    assert_eq!(recover_key(&statement, SigningScheme::Eip191, &[0; 65]), Err(WalletError::NoKey));
    assert_eq!(recover_key(&statement, SigningScheme::Eip191, &[0; 64]), Err(WalletError::Length(64)));
}

#[test]
fn polkadot_js_wraps_what_it_signs() {
    // `signRaw` signs u8aWrapBytes(data); an unwrapped signature over the same text is another one.
    let key = Keypair::sr25519_from_seed(&seed(1));
    let command = Command { caller: key.public(), ..call(vec![1]) };
    let statement = Statement::Command(&command);
    let wrapped = key.sign(format!("<Bytes>{}</Bytes>", statement.text()).as_bytes());
    let plain = key.sign(statement.text().as_bytes());
    let judge = |signature| {
        let scheme = SigningScheme::WrappedBytes;
        verify_statement(&key.public(), &statement, &CallerSignature { scheme, signature })
    };
    assert!(judge(wrapped) && !judge(plain));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_signature_binds_every_part_of_a_command(
        scheme in 0..4usize, input: Vec<u8>, value: u128, expiry_ms: u64, other in 0..7usize,
    ) {
        let key = Keypair::from_uri("secp256k1://Alice").unwrap();
        let command = Command { value, expiry_ms, ..call(input.clone()) };
        let signature = key.sign_statement(SCHEMES[scheme], &Statement::Command(&command)).unwrap();
        prop_assert!(verify_statement(&key.public(), &Statement::Command(&command), &signature));
        let mut changed = command.clone();
        match other {
            0 => changed.network.0[0] ^= 1,
            1 => changed.cluster.0[31] ^= 1,
            2 => changed.action = Action::Transfer { to: AccountId([3; 32]) },
            3 => changed.value ^= 1 << 127,
            4 => changed.gas_limit ^= 1,
            5 => changed.expiry_ms ^= 1 << 63,
            _ => changed.response_key[0] ^= 1,
        }
        prop_assert!(!verify_statement(&key.public(), &Statement::Command(&changed), &signature));
    }
}
