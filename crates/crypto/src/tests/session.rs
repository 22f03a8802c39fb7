use super::{CLUSTER, NETWORK, seed};
use crate::{transport::send, *};
use parity_scale_codec::{Decode, Encode};
use proptest::prelude::*;
use tallow_types::{
    AccountId, Authority, ClusterId, NetworkId, Query, QueryAnswer, QueryRequest, QueryResult, SealedSessionOpen,
    SessionFrame, SessionOpen, SignedQueryAnswer, SigningScheme, WorkerId,
    limits::{COMMAND_BYTES_MAX, SESSION_OPEN_BYTES_MAX, SESSION_TIME_MS_MAX},
};

const NOW: u64 = 1_000_000;
const EXPIRY: u64 = NOW + 1000;
const NOT_ITS_CALLERS: SealError = SealError::Authority(AuthorityError::Signature);

struct Replica {
    transport: TransportSecret,
    key: Keypair,
}

impl Replica {
    fn new() -> Self {
        Self { transport: TransportSecret::from_bytes(&seed(1)), key: Keypair::ed25519_from_seed(&seed(2)) }
    }

    fn worker(&self) -> WorkerId {
        self.key.worker().unwrap()
    }

    fn accept(&self, sealed: &SealedSessionOpen) -> Result<SessionServer, SealError> {
        SessionServer::accept(&self.transport, &NETWORK, &CLUSTER, &self.worker(), NOW, sealed)
    }

    fn answer(&self, server: &SessionServer, frame: &SessionFrame) -> SessionFrame {
        let answer = QueryAnswer {
            request: request_digest(frame),
            height: 1,
            anchored_height: 1,
            result: QueryResult::Balance(7),
        };
        let signature = self.key.sign(&query_answer_signing_bytes(&answer));
        server.seal_answer(frame.number, &SignedQueryAnswer { answer, signature })
    }
}

fn alice() -> Keypair {
    Keypair::from_uri("//Alice").unwrap()
}

fn open(replica: &Replica, expiry_ms: u64) -> (SealedSessionOpen, SessionClient) {
    let public = replica.transport.public();
    SessionClient::open(&public, &NETWORK, &CLUSTER, &replica.worker(), expiry_ms, &alice()).unwrap()
}

fn request() -> QueryRequest {
    QueryRequest { query: Query::Balance(AccountId([4; 32])), min_height: 9 }
}

fn refusal(result: Result<SessionServer, SealError>) -> SealError {
    result.err().expect("refused")
}

#[test]
fn a_query_goes_there_and_back() {
    let replica = Replica::new();
    let (sealed, client) = open(&replica, EXPIRY);
    let server = replica.accept(&sealed).unwrap();
    assert_eq!(server.session_id(), client.session_id());
    assert_eq!(server.caller(), alice().public());
    assert_eq!((server.expiry_ms(), client.expiry_ms()), (EXPIRY, EXPIRY));
    for number in 0..3 {
        let frame = client.seal_request(&request()).unwrap();
        assert_eq!((frame.number, frame.session), (number, client.session_id()));
        assert_eq!(server.open_request(&frame), Ok(request()));
        let answer = replica.answer(&server, &frame);
        assert_eq!(client.open_answer_to(&frame, &answer).unwrap().result, QueryResult::Balance(7));
    }
}

#[test]
fn a_session_is_for_one_place() {
    let replica = Replica::new();
    let (sealed, _) = open(&replica, EXPIRY);
    let worker = replica.worker();
    let at = |transport: &TransportSecret, network, cluster, worker| {
        refusal(SessionServer::accept(transport, &network, &cluster, &worker, NOW, &sealed))
    };
    let ours = &replica.transport;
    assert_eq!(at(ours, NetworkId([9; 32]), CLUSTER, worker), SealError::Altered);
    assert_eq!(at(ours, NETWORK, ClusterId([9; 32]), worker), SealError::Altered);
    assert_eq!(at(ours, NETWORK, CLUSTER, WorkerId([9; 32])), SealError::Altered);
    assert_eq!(at(&TransportSecret::generate(), NETWORK, CLUSTER, worker), SealError::Altered);
}

#[test]
fn a_session_ends_in_time() {
    let replica = Replica::new();
    let accept = |expiry| replica.accept(&open(&replica, expiry).0);
    assert_eq!(refusal(accept(NOW)), SealError::Expired);
    assert_eq!(refusal(accept(0)), SealError::Expired);
    assert!(accept(NOW + 1).is_ok());
    assert!(accept(NOW + SESSION_TIME_MS_MAX).is_ok());
    assert_eq!(refusal(accept(NOW + SESSION_TIME_MS_MAX + 1)), SealError::TooLong);
    assert_eq!(refusal(accept(u64::MAX)), SealError::TooLong);
}

/// Seals an opening of anyone's making, as a hostile client would.
fn forge(replica: &Replica, change: impl FnOnce(&mut SessionOpen, &[u8; 32])) -> SealedSessionOpen {
    let worker = replica.worker();
    let (encapsulated, mut sealer) = send(&replica.transport.public(), Label::SealSession).unwrap();
    let terms = tallow_types::SessionTerms {
        network: NETWORK,
        cluster: CLUSTER,
        worker,
        caller: alice().public(),
        encapsulated,
        expiry_ms: EXPIRY,
    };
    let signature = alice().sign_statement(SigningScheme::Raw, &Statement::Session(&terms)).unwrap();
    let mut opening = SessionOpen { terms, authority: Authority::Caller(signature) };
    change(&mut opening, &encapsulated);
    let ciphertext = sealer.seal(&(NETWORK, CLUSTER, worker).encode(), &opening.encode());
    SealedSessionOpen { encapsulated, ciphertext }
}

#[test]
fn terms_are_the_callers_own_and_for_this_exchange() {
    let replica = Replica::new();
    assert!(replica.accept(&forge(&replica, |_, _| ())).is_ok(), "the forgery itself is sound");

    let bob = Keypair::from_uri("//Bob").unwrap();
    let swapped = forge(&replica, |opening, _| opening.terms.caller = bob.public());
    assert_eq!(refusal(replica.accept(&swapped)), NOT_ITS_CALLERS);

    // What a malicious replica would try with terms that a caller signed for it: use them elsewhere.
    let earlier = {
        let sealed = open(&replica, EXPIRY).0;
        let mut opener = replica.transport.receive(&sealed.encapsulated, Label::SealSession).unwrap();
        let aad = (NETWORK, CLUSTER, replica.worker()).encode();
        SessionOpen::decode(&mut &opener.open(&aad, &sealed.ciphertext).unwrap()[..]).unwrap()
    };
    let reused = forge(&replica, |opening, _| *opening = earlier.clone());
    assert_eq!(refusal(replica.accept(&reused)), SealError::Foreign);
    let repaired = forge(&replica, |opening, encapsulated| {
        *opening = earlier.clone();
        opening.terms.encapsulated = *encapsulated;
    });
    assert_eq!(refusal(replica.accept(&repaired)), NOT_ITS_CALLERS);

    let changes: [fn(&mut SessionOpen, &[u8; 32]); 3] = [
        |opening, _| opening.terms.network = NetworkId([9; 32]),
        |opening, _| opening.terms.cluster = ClusterId([9; 32]),
        |opening, _| opening.terms.worker = WorkerId([9; 32]),
    ];
    for change in changes {
        assert_eq!(refusal(replica.accept(&forge(&replica, change))), SealError::Foreign);
    }
    let longer = forge(&replica, |opening, _| opening.terms.expiry_ms += 1);
    assert_eq!(refusal(replica.accept(&longer)), NOT_ITS_CALLERS);
}

#[test]
fn sizes_are_limited() {
    let replica = Replica::new();
    let (mut sealed, client) = open(&replica, EXPIRY);
    let server = replica.accept(&sealed).unwrap();
    assert!(sealed.encoded_size() <= SESSION_OPEN_BYTES_MAX);
    sealed.ciphertext = vec![0; SESSION_OPEN_BYTES_MAX];
    assert!(matches!(refusal(replica.accept(&sealed)), SealError::TooLarge { limit: SESSION_OPEN_BYTES_MAX, .. }));
    let query = |bytes| {
        let contract = AccountId([4; 32]);
        let query = Query::Call { contract, input: vec![0; bytes], value: 0, gas_limit: 0, estimate: false };
        QueryRequest { query, min_height: 0 }
    };
    let overhead = query(100_000).encoded_size() - 100_000;
    let largest = query(COMMAND_BYTES_MAX - overhead);
    assert_eq!(server.open_request(&client.seal_request(&largest).unwrap()), Ok(largest));
    assert!(matches!(client.seal_request(&query(COMMAND_BYTES_MAX)), Err(SealError::TooLarge { .. })));
    let huge = SessionFrame { session: client.session_id(), number: 0, ciphertext: vec![0; COMMAND_BYTES_MAX + 17] };
    assert!(matches!(server.open_request(&huge), Err(SealError::TooLarge { .. })));
}

#[test]
fn frames_stay_in_their_session_and_direction() {
    let replica = Replica::new();
    let (sealed, client) = open(&replica, EXPIRY);
    let (_, other_client) = open(&replica, EXPIRY);
    let server = replica.accept(&sealed).unwrap();
    let frame = client.seal_request(&request()).unwrap();
    let other = other_client.seal_request(&request()).unwrap();
    assert_eq!(server.open_request(&other), Err(SealError::Misplaced));
    let renamed = SessionFrame { session: server.session_id(), ..other };
    assert_eq!(server.open_request(&renamed), Err(SealError::Altered));
    assert_eq!(client.open_answer(&frame), Err(SealError::Altered), "a reflected request is no answer");
    let answer = replica.answer(&server, &frame);
    assert_eq!(server.open_request(&answer), Err(SealError::Altered), "nor is an answer a request");
    assert_eq!(other_client.open_answer(&answer), Err(SealError::Misplaced));
}

#[test]
fn an_answer_is_to_one_request_and_signed() {
    let replica = Replica::new();
    let (sealed, client) = open(&replica, EXPIRY);
    let server = replica.accept(&sealed).unwrap();
    let [first, second] = [client.seal_request(&request()).unwrap(), client.seal_request(&request()).unwrap()];
    let answer = replica.answer(&server, &first);
    assert!(client.open_answer_to(&first, &answer).is_ok());
    assert_eq!(client.open_answer_to(&second, &answer), Err(SealError::Misplaced));
    let renumbered = SessionFrame { number: second.number, ..answer.clone() };
    assert_eq!(client.open_answer(&renumbered), Err(SealError::Altered));

    let mut signed = client.open_answer(&answer).unwrap();
    signed.answer.height += 1;
    let unsigned = server.seal_answer(first.number, &signed);
    assert_eq!(client.open_answer_to(&first, &unsigned), Err(SealError::Signature));
}

#[test]
fn answers_to_a_replayed_session_share_no_nonce() {
    let replica = Replica::new();
    let (sealed, client) = open(&replica, EXPIRY);
    let frame = client.seal_request(&request()).unwrap();
    let [first, again] = [(); 2].map(|()| replica.answer(&replica.accept(&sealed).unwrap(), &frame));
    assert_ne!(first.ciphertext[..12], again.ciphertext[..12]);
}

#[test]
fn bad_worker_keys_are_refused() {
    let replica = Replica::new();
    let transport = replica.transport.public();
    let no_point = WorkerId([2; 32]);
    assert!(VerifyingKey::worker(&no_point).is_none());
    let opened = SessionClient::open(&transport, &NETWORK, &CLUSTER, &no_point, EXPIRY, &alice());
    assert_eq!(opened.err(), Some(SealError::Key));
    let opened = SessionClient::open(&[0; 32], &NETWORK, &CLUSTER, &replica.worker(), EXPIRY, &alice());
    assert_eq!(opened.err(), Some(SealError::Key));
}

#[test]
fn threads_share_a_client_without_sharing_numbers() {
    let replica = Replica::new();
    let (_, client) = open(&replica, EXPIRY);
    let numbers = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..50).map(|_| client.seal_request(&request()).unwrap().number).collect()))
            .collect();
        threads.into_iter().flat_map(|thread| -> Vec<u64> { thread.join().unwrap() }).collect::<Vec<_>>()
    });
    let unique: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!(unique.len(), 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_altered_bit_is_refused(position: prop::sample::Index, bit in 0..8u32) {
        let replica = Replica::new();
        let (sealed, client) = open(&replica, EXPIRY);
        let server = replica.accept(&sealed).unwrap();
        let frame = client.seal_request(&request()).unwrap();
        let answer = replica.answer(&server, &frame);
        let alter = |mut bytes: Vec<u8>| {
            let at = position.index(bytes.len());
            bytes[at] ^= 1 << bit;
            bytes
        };
        if let Ok(altered) = SealedSessionOpen::decode(&mut &alter(sealed.encode())[..]) {
            prop_assert!(replica.accept(&altered).is_err());
        }
        if let Ok(altered) = SessionFrame::decode(&mut &alter(frame.encode())[..]) {
            prop_assert!(server.open_request(&altered).is_err());
        }
        if let Ok(altered) = SessionFrame::decode(&mut &alter(answer.encode())[..]) {
            prop_assert!(client.open_answer_to(&frame, &altered).is_err());
        }
    }

    #[test]
    fn rubbish_does_not_panic(encapsulated: [u8; 32], number: u64, ciphertext: Vec<u8>) {
        let replica = Replica::new();
        let (sealed, client) = open(&replica, EXPIRY);
        let server = replica.accept(&sealed).unwrap();
        let frame = SessionFrame { session: client.session_id(), number, ciphertext: ciphertext.clone() };
        prop_assert!(server.open_request(&frame).is_err());
        prop_assert!(client.open_answer(&frame).is_err());
        let rubbish = SealedSessionOpen { encapsulated, ciphertext };
        prop_assert!(replica.accept(&rubbish).is_err());
    }
}
