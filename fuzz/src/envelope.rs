//! What arrives sealed, signed or encoded.

use parity_scale_codec::{Decode, DecodeAll as _, Encode};
use std::{fmt::Debug, sync::OnceLock};
use tallow_crypto::{
    ClusterSecrets, Keypair, Secret, SessionServer, TransportSecret, open_answer, open_blob, open_command,
    open_outcome, seal_command, verify_command,
};
use tallow_types::{
    AccountId, Action, AnchorRecord, CertifiedHeader, ClusterId, ClusterRecord, Command, CommandId, Entry, Genesis,
    NetworkId, Outcome, ProvenRecord, Receipt, SealedCommand, SealedSessionOpen, SessionFrame, SignedAnswer,
    SignedCommand, SignedLedgerTx, SignedQueryAnswer, WorkerId, WorkerRecord, decode_exact,
};

const NETWORK: NetworkId = NetworkId([1; 32]);
const CLUSTER: ClusterId = ClusterId([2; 32]);
const WORKER: WorkerId = WorkerId([3; 32]);
const EPOCH: u64 = 0;

/// Decodes any bytes as every message that travels, opens them with real keys, and alters a genuine envelope by them:
/// nothing but the genuine one opens, and what decodes is what its bytes say.
pub fn envelope(data: &[u8]) {
    decoded(data);
    opened(data);
    altered(data);
}

fn decoded(data: &[u8]) {
    one::<SignedCommand>(data);
    one::<SealedSessionOpen>(data);
    one::<SessionFrame>(data);
    one::<Entry>(data);
    one::<SignedAnswer>(data);
    one::<CertifiedHeader>(data);
    one::<Receipt>(data);
    one::<Outcome>(data);
    one::<SignedLedgerTx>(data);
    one::<ProvenRecord>(data);
    one::<SignedQueryAnswer>(data);
    one::<ClusterRecord>(data);
    one::<WorkerRecord>(data);
    one::<AnchorRecord>(data);
    one::<Genesis>(data);
}

/// Decodes one type. A value has one encoding, so that ids and signatures mean one thing.
fn one<T: Encode + Decode + PartialEq + Debug>(data: &[u8]) {
    if let Ok(value) = decode_exact::<T>(data) {
        let encoded = value.encode();
        assert_eq!(encoded, data, "two encodings of one value");
        assert_eq!(T::decode_all(&mut &encoded[..]).as_ref(), Ok(&value));
    }
}

fn opened(data: &[u8]) {
    let Keys { epoch, genuine } = keys();
    if let Ok(sealed) = decode_exact::<SealedCommand>(data) {
        let opens = open_command(epoch, &NETWORK, &CLUSTER, &sealed).is_ok();
        assert_eq!(opens, sealed == *genuine, "a sealed command was made up, or refused");
    }
    if let Ok(open) = decode_exact::<SealedSessionOpen>(data) {
        assert!(SessionServer::accept(epoch, &NETWORK, &CLUSTER, &WORKER, 0, &open).is_err());
    }
    let key = Secret::new([5; 32]);
    assert!(open_blob(&key, b"fuzz", data).is_err());
    assert!(open_answer(&key, &CommandId([6; 32]), 0, 0, data).is_err());
    assert!(open_outcome(&[7; 32], &CommandId([6; 32]), data).is_err());
}

/// Changes a genuine command's envelope at places and by values that the input names.
fn altered(data: &[u8]) {
    let Keys { epoch, genuine } = keys();
    let mut bytes = genuine.encode();
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] ^= change[2];
    }
    let Ok(sealed) = decode_exact::<SealedCommand>(&bytes) else { return };
    match open_command(epoch, &NETWORK, &CLUSTER, &sealed) {
        Ok(signed) => assert!(sealed == *genuine && verify_command(&signed).is_ok(), "an altered command was opened"),
        Err(_) => assert_ne!(sealed, *genuine, "a genuine command was refused"),
    }
}

struct Keys {
    epoch: TransportSecret,
    genuine: SealedCommand,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let epoch = ClusterSecrets::derive(&Secret::new([9; 32]), &CLUSTER, EPOCH).epoch_transport();
        let keypair = Keypair::from_uri("//Alice").expect("a development account");
        let command = Command {
            network: NETWORK,
            cluster: CLUSTER,
            caller: keypair.public(),
            action: Action::Transfer { to: AccountId([8; 32]) },
            value: 1,
            gas_limit: 1,
            nonce: 1,
            expiry_ms: 1,
            response_key: [7; 32],
        };
        let signed = keypair.sign_command(command);
        let public = epoch.public();
        let genuine = seal_command(&public, &NETWORK, &CLUSTER, EPOCH, &signed).expect("the key is one");
        Keys { epoch, genuine }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_genuine_envelope_opens_and_no_altered_one_does() {
        envelope(&[]);
        for at in 0..keys().genuine.encoded_size() {
            let [low, high] = u16::try_from(at).unwrap().to_le_bytes();
            envelope(&[low, high, 0x10]);
        }
    }

    #[test]
    fn encodings_are_looked_at() {
        envelope(&keys().genuine.encode());
        envelope(&Entry::Command(keys().genuine.clone()).encode());
    }
}
