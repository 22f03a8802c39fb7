use super::{ByDigest, NETWORK, answer, certify, code, header, registry};
use crate::{CertificateError, LightClient, RecordError, Seen, VerifyHeader};
use parity_scale_codec::Encode;
use tallow_crypto::{ClusterFault, Keypair, Secret, consented, unsigned_cluster, vouch};
use tallow_types::{
    AccountId, AnchorRecord, CertifiedHeader, ClusterId, ClusterRecord, CodeHash, CodeRecord, Commitments, Hash,
    NonceRecord, RegistryKey,
};

fn keyholder() -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([8; 32]))
}

fn client() -> LightClient<ByDigest> {
    LightClient::with_verifier(NETWORK, keyholder().account().0, ByDigest)
}

#[test]
fn records_come_typed() {
    let mut map = registry();
    map.insert(&RegistryKey::Nonce(AccountId([1; 32])).encode(), NonceRecord { next: 7, paced_ms: 9 }.encode());
    let mut client = client();
    let present = client.code(CodeHash([3; 32]), &answer(&map, 5, code(3)));
    assert_eq!(present, Ok(Some(CodeRecord { bytes: 4 })));
    assert_eq!(client.code(CodeHash([30; 32]), &answer(&map, 5, code(30))), Ok(None));
    for (account, nonce) in [(1, Some(NonceRecord { next: 7, paced_ms: 9 })), (2, None)] {
        let account = AccountId([account; 32]);
        assert_eq!(client.nonce(account, &answer(&map, 5, RegistryKey::Nonce(account))), Ok(nonce));
    }
}

#[test]
fn a_record_that_does_not_decode_is_refused() {
    let mut map = registry();
    map.insert(&code(3).encode(), vec![1, 2]);
    assert!(matches!(client().code(CodeHash([3; 32]), &answer(&map, 5, code(3))), Err(RecordError::Malformed(_))));
}

#[test]
fn the_ledger_never_moves_backwards() {
    let map = registry();
    let mut client = client();
    client.record(&code(3), &answer(&map, 5, code(3))).unwrap();
    client.record(&code(3), &answer(&map, 5, code(3))).unwrap();
    client.observe(&certify(header(9, Commitments::default()))).unwrap();
    assert_eq!(client.seen(), Seen { epoch: 0, height: 9 });
    let stale = Err(RecordError::Stale { height: 8, seen: 9 });
    assert_eq!(client.record(&code(3), &answer(&map, 8, code(3))), stale);
    assert_eq!(client.observe(&certify(header(8, Commitments::default()))), stale.map(|_: Option<Vec<u8>>| ()));
}

#[test]
fn an_anchor_is_believed_however_far_the_ledger_has_gone_on() {
    let anchored = AnchorRecord { header: header(4, Commitments::default()), ledger_height: 5 };
    let cluster = ClusterId([6; 32]);
    let mut map = registry();
    map.insert(&RegistryKey::Anchor(cluster).encode(), anchored.encode());
    let record = answer(&map, 8, RegistryKey::Anchor(cluster));
    let mut client = client();
    client.observe(&certify(header(9, Commitments::default()))).unwrap();
    assert!(matches!(client.anchor(cluster, &record), Err(RecordError::Stale { .. })), "as the newest it is refused");
    assert_eq!(client.past_anchor(cluster, &record), Ok(Some(anchored)));
    let mut forged = record.clone();
    forged.certified.certificate[0] ^= 1;
    assert!(matches!(client.past_anchor(cluster, &forged), Err(RecordError::NotFinal(_))));
    assert!(client.past_anchor(ClusterId([7; 32]), &record).is_err(), "of another cluster");
    assert_eq!(client.seen().height, 9);
    let newer = answer(&map, 12, RegistryKey::Anchor(cluster));
    client.past_anchor(cluster, &newer).unwrap();
    assert_eq!(client.seen().height, 12, "a newer block is taken note of");
}

#[test]
fn an_older_epoch_is_refused_at_any_height() {
    let mut client = client();
    client.resume(Seen { epoch: 2, height: 5 });
    let old = client.observe(&certify(header(100, Commitments::default())));
    assert!(matches!(old, Err(RecordError::Stale { .. })));
    client.resume(Seen { epoch: 1, height: 3 });
    assert_eq!(client.seen(), Seen { epoch: 2, height: 5 }, "resuming never goes back");
}

#[test]
fn what_is_refused_is_not_taken_note_of() {
    let mut client = client();
    let mut forged = certify(header(u64::MAX, Commitments::default()));
    forged.certificate[0] ^= 1;
    assert!(matches!(client.observe(&forged), Err(RecordError::NotFinal(_))));
    let mut record = answer(&registry(), u64::MAX, code(3));
    record.value = None;
    assert!(client.record(&code(3), &record).is_err());
    assert_eq!(client.seen(), Seen::default());
}

#[test]
fn a_header_of_another_chain_is_refused() {
    let foreign = tallow_types::Header { chain: Hash([9; 32]), ..header(5, Commitments::default()) };
    assert_eq!(client().observe(&certify(foreign)), Err(RecordError::WrongNetwork));
}

/// Counts how often it is asked.
struct Counting(std::cell::Cell<usize>);

impl VerifyHeader for Counting {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        self.0.set(self.0.get() + 1);
        ByDigest.verify(certified)
    }
}

#[test]
fn records_of_one_block_cost_one_verification() {
    let map = registry();
    let mut client = LightClient::with_verifier(NETWORK, keyholder().account().0, Counting(std::cell::Cell::new(0)));
    let record = answer(&map, 5, code(3));
    for _ in 0..3 {
        client.record(&code(3), &record).unwrap();
        client.record(&code(30), &answer(&map, 5, code(30))).unwrap();
    }
    assert_eq!(client.verifier().0.get(), 1);
    let mut forged = record;
    forged.certified.certificate[0] ^= 1;
    assert!(matches!(client.record(&code(3), &forged), Err(RecordError::NotFinal(_))), "another certificate");
    assert_eq!(client.verifier().0.get(), 2);
    client.record(&code(3), &answer(&map, 6, code(3))).unwrap();
    assert_eq!(client.verifier().0.get(), 3, "another block");
}

/// A cluster for which everybody vouches who should.
fn cluster_record(members: &[&Keypair]) -> ClusterRecord {
    let record = unsigned_cluster(&NETWORK, AccountId([5; 32]), 3, 2, [6; 32]);
    let vouch = vouch(&NETWORK, &keyholder(), &record);
    consented(&NETWORK, ClusterRecord { vouch, ..record }, members)
}

fn believed(record: &ClusterRecord, filed_under: ClusterId) -> Result<Option<ClusterRecord>, RecordError> {
    let mut map = registry();
    let key = RegistryKey::Cluster(filed_under);
    map.insert(&key.encode(), record.encode());
    client().cluster(filed_under, &answer(&map, 5, key))
}

/// Validators certify each of these: their certificate is not the word of those who know.
#[test]
fn a_certified_cluster_is_not_believed_without_the_word_of_all_who_vouch() {
    let members = [1, 2, 3, 4].map(|seed| Keypair::ed25519_from_seed(&Secret::new([seed; 32])));
    let record = cluster_record(&members.each_ref());
    assert_eq!(believed(&record, record.cluster), Ok(Some(record.clone())));

    let own_key = ClusterRecord { epoch_key: [7; 32], ..record.clone() };
    let own_word = ClusterRecord { vouch: vouch(&NETWORK, &members[0], &own_key), ..own_key.clone() };
    let not_vouched = ClusterFault::NotVouched { cluster: record.cluster, epoch: 2 };
    let later = ClusterRecord { epoch: 3, ..record.clone() };
    let later_fault = ClusterFault::NotVouched { cluster: record.cluster, epoch: 3 };
    let taken = ClusterRecord { owner: AccountId([9; 32]), ..record.clone() };
    let missing = ClusterRecord { consents: record.consents[..3].to_vec(), ..record.clone() };
    let mut swapped = record.clone();
    swapped.consents.swap(0, 1);
    let smaller = ClusterRecord {
        members: record.members[..1].to_vec(),
        consents: record.consents[..1].to_vec(),
        ..record.clone()
    };
    for (forged, fault) in [
        (own_key, not_vouched),
        (own_word, not_vouched),
        (later, later_fault),
        (taken, ClusterFault::WrongId(record.cluster)),
        (ClusterRecord { nonce: 4, ..record.clone() }, ClusterFault::WrongId(record.cluster)),
        (missing, ClusterFault::ConsentsMissing(record.cluster)),
        (swapped.clone(), ClusterFault::NotConsented(swapped.members[0])),
        (smaller, ClusterFault::NotConsented(record.members[0])),
    ] {
        assert_eq!(believed(&forged, record.cluster), Err(RecordError::NotVouched(fault)), "{forged:?}");
    }
    let elsewhere = ClusterId([1; 32]);
    let misfiled = Err(RecordError::NotVouched(ClusterFault::WrongId(elsewhere)));
    assert_eq!(believed(&record, elsewhere), misfiled);
}
