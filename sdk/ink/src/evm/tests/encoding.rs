//! Addresses, RLP, signatures and the ABI against vectors that others published.

use super::host::{query, SECRET};
use crate::evm::{
    abi::{self, Invalid, Kind, Value, U256},
    hex, keccak_256, transaction, Account, Address, BadAddress, Call, Fees, Transaction,
};
use alloy_rlp::Encodable;

/// EIP-55, test cases.
#[test]
fn addresses_have_the_capitals_of_eip_55() {
    for text in [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] {
        let address: Address = text.parse().expect("an address");
        assert_eq!(address.to_string(), text);
        assert_eq!(text.to_lowercase().parse(), Ok(address));
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for text in [
        "",
        "0x",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
        "0x+aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ] {
        assert_eq!(text.parse::<Address>(), Err(BadAddress), "{text}");
    }
}

/// The account of EIP-155's example, whose address that document does not name: geth's and ethers' for this key.
#[test]
fn an_account_is_where_its_public_key_says() {
    let address = query(|| Account::new("", 1, b"").address());
    assert_eq!(address.to_string(), "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
}

fn bytes(text: &str) -> Vec<u8> {
    ::hex::decode(text).expect("hexadecimal")
}

/// EIP-155, example: a transaction of the old kind, whose signing data, hash and signature the document gives.
#[test]
fn lists_hashes_and_signatures_are_those_of_eip_155() {
    let mut fields = Vec::new();
    9_u64.encode(&mut fields);
    20_000_000_000_u128.encode(&mut fields);
    21_000_u64.encode(&mut fields);
    [0x35_u8; 20].encode(&mut fields);
    1_000_000_000_000_000_000_u128.encode(&mut fields);
    [][..].encode(&mut fields);
    let unsigned = fields.len();
    1_u64.encode(&mut fields);
    0_u64.encode(&mut fields);
    0_u64.encode(&mut fields);
    let data = transaction::list(&fields);
    let expected = "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080";
    assert_eq!(data, bytes(expected));
    let hash = keccak_256(&data);
    assert_eq!(hash.to_vec(), bytes("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"));

    let signature = query(|| crate::keys::ecdsa_sign_prehashed(&SECRET, &hash));
    fields.truncate(unsigned);
    (37_u64 + u64::from(signature[64])).encode(&mut fields);
    transaction::number(&signature[..32]).encode(&mut fields);
    transaction::number(&signature[32..64]).encode(&mut fields);
    let expected = "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025\
        a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276\
        a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
    assert_eq!(transaction::list(&fields), bytes(expected));
}

/// Signed transactions of type 2 from the tests of ethereumjs (packages/tx/test/json/eip1559.json), without the string
/// header in which that file wraps them. In the second, s begins with few bits; the third has a value of other length.
#[test]
fn transactions_are_those_of_ethereumjs() {
    let secret = "8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63";
    let secret: [u8; 32] = bytes(secret).try_into().expect("32 bytes");
    for ((nonce, value, gas_limit, tip, max_fee), signed) in [
        (
            (819, 43_203_529, 35_552, 75_853, 121_212),
            "02f870821e8e8203338301284d8301d97c828ae094000000000000000000000000000000000000aaaa8402933bc980c080\
             a0d067f2167008c59219652f91cbf8788dbca5f771f6e91e2b7657e85b78b472e0\
             a01d305af9fe81fdba43f0dfcd400ed24dcace0a7e30d4e85701dcaaf484cd079e",
        ),
        (
            (353, 61_901_619, 32_593, 38_850, 136_295),
            "02f86f821e8e8201618297c283021467827f5194000000000000000000000000000000000000aaaa8403b08b3380c001\
             a004205678f13fc1d7b10feea6513dfa76e24418b6e08097d95c6f93a3b64e536d\
             a01d45ad61bfece43862de2cce7d2575a8c1d08c26c87f3cb5f26d7b0be54a91b2",
        ),
        (
            (709, 6_478_043, 28_335, 86_252, 94_636),
            "02f86f821e8e8202c5830150ec830171ac826eaf94000000000000000000000000000000000000aaaa8362d8db80c001\
             a09880d133cd636f8c8dce32e2c43494b9f2dc000eee8dc61931e09f866ed04b46\
             a00e44d5c503c7f08b36c8b062c32a963f3dd20a71e95e3d903bfbe7f4da47cd47",
        ),
    ] {
        let to = Address(bytes("000000000000000000000000000000000000aaaa").try_into().expect("20 bytes"));
        let transaction = Transaction {
            chain_id: 7_822,
            nonce,
            fees: Fees { max_fee_per_gas: max_fee, max_priority_fee_per_gas: tip },
            gas_limit,
            call: Call { to, value, data: Vec::new() },
        };
        assert_eq!(query(|| transaction.sign(&secret)), bytes(signed), "nonce {nonce}");
    }
}

#[test]
fn numbers_and_bytes_have_json_rpc_s_form() {
    assert_eq!((hex::quantity(0), hex::quantity(0x0400)), ("0x0".into(), "0x400".into()));
    assert_eq!((hex::encode(&[]), hex::encode(&[0, 0x1f, 0xa0])), ("0x".into(), "0x001fa0".into()));
    assert_eq!(hex::decode("0x001Fa0"), Some(vec![0, 0x1f, 0xa0]));
    assert_eq!(hex::parse_quantity("0xffffffffffffffffffffffffffffffff"), Some(u128::MAX));
    for text in ["", "0x", "1", "0x+1", "0x-1", "0x 1", "0xg", "0x1ffffffffffffffffffffffffffffffff"] {
        assert_eq!(hex::parse_quantity(text), None, "{text}");
    }
    for text in ["", "1f", "0x1", "0xg0", "0x1 ", "0x+1", "0xé"] {
        assert_eq!(hex::decode(text), None, "{text}");
    }
    assert_eq!((hex::parse_u64("0xffffffffffffffff"), hex::parse_u64("0x10000000000000000")), (Some(u64::MAX), None));
}

fn words(words: &[&str]) -> Vec<u8> {
    words.iter().flat_map(|word| bytes(&format!("{word:0>64}"))).collect()
}

/// Solidity's "Contract ABI Specification", section Examples: `bar` is left out, since it takes an array of fixed size.
#[test]
fn calls_are_those_of_solidity_s_specification() {
    let baz = abi::call("baz(uint32,bool)", &[69_u64.into(), true.into()]);
    assert_eq!(baz, [bytes("cdcd77c0"), words(&["45", "1"])].concat());

    let numbers = Value::Array([1_u64, 2, 3].map(Value::from).into());
    let sam = abi::call("sam(bytes,bool,uint256[])", &[Value::Bytes(b"dave".into()), true.into(), numbers]);
    let dave = format!("{:0<64}", "64617665");
    let expected = words(&["60", "1", "a0", "4", &dave, "3", "1", "2", "3"]);
    assert_eq!(sam, [bytes("a5643bf2"), expected].concat());
}

/// The same page, section Use of Dynamic Types: `g(uint256[][],string[])`.
#[test]
fn arrays_of_arrays_are_those_of_solidity_s_specification() {
    let numbers = |numbers: &[u64]| Value::Array(numbers.iter().map(|number| Value::from(*number)).collect());
    let texts = Value::Array(["one", "two", "three"].map(Value::from).into());
    let values = [Value::Array(vec![numbers(&[1, 2]), numbers(&[3])]), texts];
    let text = |digits: &str| format!("{digits:0<64}");
    let (one, two, three) = (text("6f6e65"), text("74776f"), text("7468726565"));
    let expected = words(&[
        "40", "140", "2", "40", "a0", "2", "1", "2", "1", "3", "3", "60", "a0", "e0", "3", &one, "3", &two, "5", &three,
    ]);
    let called = abi::call("g(uint256[][],string[])", &values);
    assert_eq!(called, [bytes("2289b18c"), expected.clone()].concat());
    let kinds = [Kind::Array(Kind::Array(Kind::Uint.into()).into()), Kind::Array(Kind::String.into())];
    assert_eq!(abi::decode(&kinds, &expected), Ok(values.to_vec()));
}

#[test]
fn every_kind_of_value_comes_back() {
    let values = [
        Value::Uint(U256([0xff; 32])),
        Value::Address(Address([9; 20])),
        Value::Bool(false),
        Value::Bytes32([3; 32]),
        Value::Bytes(vec![1; 33]),
        Value::String("größer".into()),
        Value::Array(vec![]),
    ];
    let kinds = [
        Kind::Uint,
        Kind::Address,
        Kind::Bool,
        Kind::Bytes32,
        Kind::Bytes,
        Kind::String,
        Kind::Array(Kind::Bytes.into()),
    ];
    let encoded = abi::encode(&values);
    assert_eq!(abi::decode(&kinds, &encoded), Ok(values.to_vec()));
    for length in 0..encoded.len() {
        assert!(abi::decode(&kinds, &encoded[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(abi::decode(&[], &[]), Ok(vec![]));
    assert_eq!((U256::from(u128::MAX).to_u128(), U256([1; 32]).to_u128()), (Some(u128::MAX), None));
}

#[test]
fn data_that_is_no_value_is_refused() {
    let max = "f".repeat(64);
    let past = format!("1{}", "0".repeat(40));
    for (kind, data) in [
        (Kind::Bool, words(&["2"])),
        (Kind::Address, words(&[&past])),
        (Kind::Bytes, words(&[&max, "0"])),
        (Kind::Bytes, words(&["20", &max])),
        (Kind::Bytes, words(&["20", "21", "0"])),
        (Kind::String, words(&["20", "1", &format!("{:0<64}", "ff")])),
        (Kind::Array(Kind::Uint.into()), words(&["20", &max])),
        (Kind::Array(Kind::Uint.into()), words(&["20", "2", "1"])),
    ] {
        assert_eq!(abi::decode(core::slice::from_ref(&kind), &data), Err(Invalid), "{kind:?}");
    }
}

/// Arrays that are one and the same, whose members are one and the same: 32,768 values in some KiB.
#[test]
fn arrays_that_share_their_bytes_end_at_a_limit() {
    let nest = |kind: Kind| Kind::Array(kind.into());
    let shared = |count: usize| {
        let mut row = vec![format!("{count:x}")];
        row.resize(count + 1, format!("{:x}", count * 32));
        row
    };
    let rows: Vec<String> = std::iter::once("20".to_owned()).chain((0..3).flat_map(|_| shared(32))).collect();
    let mut data = words(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    data.extend(words(&["0"; 70]));
    let kind = nest(nest(nest(nest(Kind::Uint))));
    assert_eq!(abi::decode(&[kind], &data), Err(Invalid));
    assert!(abi::decode(&[nest(nest(Kind::Uint))], &data).is_ok());
}
