use super::{CLUSTER, NETWORK, hex, seed, signed_command};
use crate::*;
use parity_scale_codec::{Decode, Encode};
use proptest::prelude::*;
use tallow_types::{
    Authority, CallerSignature, ClusterId, NetworkId, PublicKey, SealedCommand, Signature, SignedCommand,
    SigningScheme, limits::COMMAND_BYTES_MAX,
};

fn sealed(epoch: u64, input: Vec<u8>) -> (TransportSecret, SignedCommand, SealedCommand) {
    let secret = TransportSecret::from_bytes(&seed(9));
    let command = signed_command(&Keypair::from_uri("//Alice").unwrap(), input);
    let sealed = seal_command(&secret.public(), &NETWORK, &CLUSTER, epoch, &command).unwrap();
    (secret, command, sealed)
}

#[test]
fn transport_keys_are_x25519() {
    // RFC 7748, section 6.1.
    let secret = Secret::new(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    let public = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_eq!(TransportSecret::from_bytes(&secret).public(), public);
}

#[test]
fn a_command_opens_only_where_it_was_sealed_for() {
    let (secret, command, sealed) = sealed(3, vec![1, 2, 3]);
    assert_eq!(open_command(&secret, &NETWORK, &CLUSTER, &sealed), Ok(command));
    let altered = Err(SealError::Altered);
    assert_eq!(open_command(&secret, &NetworkId([9; 32]), &CLUSTER, &sealed), altered);
    assert_eq!(open_command(&secret, &NETWORK, &ClusterId([9; 32]), &sealed), altered);
    assert_eq!(open_command(&TransportSecret::generate(), &NETWORK, &CLUSTER, &sealed), altered);
    let moved = SealedCommand { epoch: 4, ..sealed };
    assert_eq!(open_command(&secret, &NETWORK, &CLUSTER, &moved), altered);
}

#[test]
fn envelopes_are_rfc_9180() {
    // Sealed by an implementation of HPKE written from the RFC for this test, with the ephemeral key 0a0a..0a.
    let secret = TransportSecret::from_bytes(&seed(9));
    let encapsulated = hex("f77ff4b10788bfdca62ca0bb160d427cf5762d85f2b5cad6807ec9c3febbde09");
    let ciphertext = hex::<288>(concat!(
        "fb599f95b515d5ffbd208d122a76192645470fb6dc728f36578d2390cccd4d77f37449f2918e82d3609804c526eb0d4294f2",
        "16500e420392e60a755f932005998908f81158057d7cb6e62ac80fe4143f74276d7ca4511314b1de3a3d9cb9fd3f497b2be8",
        "65d36efb5b201ffa51132f6e70761c7508b7d34be046fe8d35e3ad3ce09e70f6c9798973caf15b6e28309a23977f25249a1c",
        "8faf9bccb84dca49e57ef55396594de6d25f577a163bd419989b27c201774838c11a82dfffbdb95bb57df2d04baebdbb28bf",
        "b10e7fc8050238f3882ce0d061bb41ff9a982bd212576815878d40191282da37e1bbc22912e057cc8f872f68023042f7d347",
        "cb384c9aa4a721a19fec67a612e4a701d8f4d366e7b65ead8aec507805fd3326359df38ecf74",
    ))
    .to_vec();
    let mut expected = signed_command(&Keypair::sr25519_from_seed(&seed(1)), vec![1, 2, 3]);
    expected.command.caller = PublicKey::Ed25519([3; 32]);
    let signature = Signature([0x11; 64]);
    expected.authority = Authority::Caller(CallerSignature { scheme: SigningScheme::Raw, signature });
    let sealed = SealedCommand { epoch: 3, encapsulated, ciphertext };
    assert_eq!(open_command(&secret, &NETWORK, &CLUSTER, &sealed), Ok(expected));
    let opener = secret.receive(&encapsulated, Label::SealCommand).unwrap();
    let exported = hex("21c5c680a1e8d8ee1e4e40d026772e8b0522b60c9adadfe69bc95e4d2d47d78c");
    assert_eq!(opener.export(Label::SessionId).expose(), &exported);
}

#[test]
fn sealing_is_randomised() {
    assert_ne!(sealed(3, vec![1]).2, sealed(3, vec![1]).2);
}

#[test]
fn large_commands_are_refused_at_both_ends() {
    let keypair = Keypair::from_uri("//Alice").unwrap();
    let (secret, _, mut envelope) = sealed(0, vec![]);
    let large = signed_command(&keypair, vec![0; COMMAND_BYTES_MAX]);
    let refused = seal_command(&secret.public(), &NETWORK, &CLUSTER, 0, &large);
    assert!(matches!(refused, Err(SealError::TooLarge { limit: COMMAND_BYTES_MAX, .. })));
    envelope.ciphertext = vec![0; COMMAND_BYTES_MAX];
    let refused = open_command(&secret, &NETWORK, &CLUSTER, &envelope);
    assert!(matches!(refused, Err(SealError::TooLarge { limit: COMMAND_BYTES_MAX, .. })));
}

#[test]
fn the_largest_command_fits() {
    let overhead = sealed(0, vec![0; 100_000]).2.encoded_size() - 100_000;
    let (secret, command, sealed) = sealed(0, vec![0; COMMAND_BYTES_MAX - overhead]);
    assert_eq!(sealed.encoded_size(), COMMAND_BYTES_MAX);
    assert_eq!(open_command(&secret, &NETWORK, &CLUSTER, &sealed), Ok(command));
}

#[test]
fn low_order_keys_are_refused() {
    let command = signed_command(&Keypair::from_uri("//Alice").unwrap(), vec![]);
    assert_eq!(seal_command(&[0; 32], &NETWORK, &CLUSTER, 0, &command), Err(SealError::Key));
    let (secret, _, mut sealed) = sealed(0, vec![]);
    sealed.encapsulated = [0; 32];
    assert_eq!(open_command(&secret, &NETWORK, &CLUSTER, &sealed), Err(SealError::Key));
}

#[test]
fn ids_ignore_the_signature_and_nothing_else() {
    let alice = Keypair::from_uri("//Alice").unwrap();
    let (first, again) = (signed_command(&alice, vec![1]), signed_command(&alice, vec![1]));
    assert_ne!(first.authority, again.authority, "sr25519 signatures are randomised");
    assert_eq!(command_id(&first.command), command_id(&again.command));
    assert_eq!((verify_command(&first), verify_command(&again)), (Ok(()), Ok(())));
    assert_ne!(command_id(&first.command), command_id(&signed_command(&alice, vec![2]).command));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_altered_bit_of_an_envelope_is_refused(position: prop::sample::Index, bit in 0..8u32) {
        let (secret, command, sealed) = sealed(3, vec![1, 2, 3]);
        let mut bytes = sealed.encode();
        let at = position.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(altered) = SealedCommand::decode(&mut &bytes[..]) {
            prop_assert_ne!(open_command(&secret, &NETWORK, &CLUSTER, &altered), Ok(command));
            prop_assert!(open_command(&secret, &NETWORK, &CLUSTER, &altered).is_err());
        }
    }

    #[test]
    fn every_altered_bit_of_a_command_breaks_its_signature(position: prop::sample::Index, bit in 0..8u32) {
        let signed = signed_command(&Keypair::from_uri("//Alice").unwrap(), vec![1, 2, 3]);
        let mut bytes = signed.encode();
        let at = position.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(altered) = tallow_types::decode_exact::<SignedCommand>(&bytes) {
            prop_assert!(verify_command(&altered).is_err());
        }
    }

    #[test]
    fn rubbish_does_not_panic(epoch: u64, encapsulated: [u8; 32], ciphertext: Vec<u8>) {
        let secret = TransportSecret::from_bytes(&seed(9));
        let sealed = SealedCommand { epoch, encapsulated, ciphertext };
        prop_assert!(open_command(&secret, &NETWORK, &CLUSTER, &sealed).is_err());
    }
}
