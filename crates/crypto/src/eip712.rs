//! Typed data of Ethereum wallets (EIP-712), as far as statements need it: flat structs.
//!
//! The domain has a name and a version. It has no chain id: a network is no EVM chain, and wallets refuse typed data
//! whose chain id is not that of the chain they are on. The network is a field of every struct instead.

use crate::keccak_256;
use crate::statement::{FieldValue, Form};

/// `name` of the domain.
pub const NAME: &str = "Tallow";
/// `version` of the domain: of the structs' fields.
pub const VERSION: &str = "1";

const DOMAIN_TYPE: &str = "EIP712Domain(string name,string version)";

/// `0x19 0x01 ‖ domain separator ‖ hash of the struct`, of which wallets sign the Keccak-256.
pub(crate) fn signing_bytes(form: &Form) -> Vec<u8> {
    let domain = hash_struct(DOMAIN_TYPE, &[keccak_256(NAME.as_bytes()), keccak_256(VERSION.as_bytes())]);
    let words: Vec<_> = form.fields.iter().map(|field| word(&field.value)).collect();
    joined(&domain, &hash_struct(&encode_type(form), &words))
}

/// `0x19 0x01 ‖ domain separator ‖ hash of the struct`.
pub(crate) fn joined(domain: &[u8; 32], message: &[u8; 32]) -> Vec<u8> {
    [&[0x19, 0x01][..], domain, message].concat()
}

/// `hashStruct`: Keccak-256 of the hash of the type and the encoded members.
pub(crate) fn hash_struct(encoded_type: &str, members: &[[u8; 32]]) -> [u8; 32] {
    let mut bytes = keccak_256(encoded_type.as_bytes()).to_vec();
    members.iter().for_each(|member| bytes.extend_from_slice(member));
    keccak_256(&bytes)
}

/// `encodeType`: `Kind(type name,type name)`.
pub(crate) fn encode_type(form: &Form) -> String {
    let members: Vec<_> =
        form.fields.iter().map(|field| format!("{} {}", field.value.type_name(), field.name)).collect();
    format!("{}({})", form.kind, members.join(","))
}

/// `encodeData` of one member: atomic values padded to the left, dynamic ones by their hash.
fn word(value: &FieldValue) -> [u8; 32] {
    match value {
        FieldValue::Bytes32(bytes) => *bytes,
        FieldValue::Bytes(bytes) => keccak_256(bytes),
        FieldValue::Text(text) => keccak_256(text.as_bytes()),
        FieldValue::Uint64(number) => padded(&number.to_be_bytes()),
        FieldValue::Uint128(number) => padded(&number.to_be_bytes()),
    }
}

fn padded(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    word
}
