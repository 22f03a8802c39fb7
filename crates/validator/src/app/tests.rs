//! The ledger's application with four validators under the deterministic runtime: the same registry everywhere, proven
//! to a light client that knows the group key alone.

use super::{LedgerApp, Tip};
use std::sync::Arc;
use tallow_attest::Policy;
use tallow_chain::group::{Certificates, Group, Outcome, SIZE, dealt, members};
use tallow_crypto::{Keypair, network_id};
use tallow_ledger::LedgerState;
use tallow_proof::LightClient;
use tallow_types::{BlockDigest, CodeHash, Genesis, Hash, LedgerAction, LedgerPolicy, LedgerTx, RegistryKey};

/// Transactions sent.
const SENT: u64 = 10;

fn genesis() -> Genesis {
    let validators = members().iter().map(|member| member.0).collect();
    Genesis {
        group_key: dealt().group_key,
        validators,
        keyholder: [1; 32],
        time_ms: 0,
        policy: Policy::development().digest(),
        balances: Vec::new(),
        ledger: LedgerPolicy::default(),
    }
}

fn app() -> Arc<LedgerApp> {
    let tip = Tip { state: LedgerState::genesis(&genesis()), certified: None, digest: BlockDigest::default() };
    Arc::new(LedgerApp::new(genesis(), Policy::development(), tip))
}

fn code(nonce: u64) -> CodeHash {
    CodeHash(tallow_crypto::blake2b_256(&nonce.to_le_bytes()))
}

/// Registers a code for each nonce; at every step all that are not final yet are sent again, as clients would.
fn step(step: u64, app: &LedgerApp) {
    let alice = Keypair::from_uri("//Alice").unwrap();
    let next = app.tip.borrow().state.nonce(alice.account(), 0);
    for nonce in next..SENT.min(step) {
        let action = LedgerAction::RegisterCode { code: code(nonce), bytes: 5 };
        let tx = LedgerTx { network: network_id(&genesis()), signer: alice.public(), nonce, action };
        drop(app.queue(&alice.sign_ledger_tx(tx), 0)); // it may wait there already
    }
}

fn run(crashed: usize) -> Outcome<LedgerApp> {
    let chain = Hash(network_id(&genesis()).0);
    let group = Group { chain, genesis_time_ms: 0, certificates: Certificates::Threshold, seed: 3, crashed };
    let alice = Keypair::from_uri("//Alice").unwrap().account();
    group.run(|_| app(), step, |app| app.tip.borrow().state.nonce(alice, 0) == SENT)
}

fn check(crashed: usize) {
    let outcome = run(crashed);
    assert_eq!(outcome.apps.len(), SIZE - crashed);
    for app in &outcome.apps {
        let tip = app.tip.borrow().clone();
        tip.state.check_invariants().unwrap();
        let mut light = LightClient::new(&genesis()).unwrap();
        for nonce in 0..SENT {
            let certified = (**tip.certified.as_ref().unwrap()).clone();
            let record = tip.state.prove(RegistryKey::Code(code(nonce)), certified);
            assert_eq!(light.code(code(nonce), &record).unwrap().unwrap().bytes, 5);
        }
    }
}

#[test]
fn four_validators_agree() {
    check(0);
}

#[test]
fn three_of_four_validators_agree() {
    check(1);
}
