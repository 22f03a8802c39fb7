//! Callers with wallets, and the delegates they certify, against a development network.

use crate::process::{Dev, Machine, bundle};
use tallow_abi::Bundle;
use tallow_client::{Client, ClientError, Code, CommandDraft, Delegate, Keypair, Signer, SignerError, Trust, Wallet};
use tallow_types::{AccountId, Action, Certificate, Contracts, LedgerAction, Query, QueryResult, Scope, SigningScheme};

const SECOND: u64 = 1_000;
const EMPTY: AccountId = AccountId([9; 32]);

/// A contract that a wallet deployed, and the wallet.
struct World {
    client: Client,
    wallet: Wallet,
    contract: AccountId,
    flip: Vec<u8>,
    get: Vec<u8>,
}

impl World {
    /// Everything is signed as typed data: registering code, making the contract, opening the session.
    async fn new(dev: &Dev) -> Self {
        let client = Client::connect(&dev.url, Trust::OnFirstUse).await.unwrap();
        let wallet = Wallet::new(Keypair::from_uri("secp256k1://Alice").unwrap(), SigningScheme::Eip712);
        let flipper = Bundle::parse(&std::fs::read(bundle("flipper")).unwrap()).unwrap();
        let metadata = flipper.metadata.unwrap();
        let input = metadata.encode_constructor("new", &["true".to_owned()]).unwrap();
        let deployed = client.deploy(&wallet, flipper.wasm, input, vec![], 0).await.unwrap();
        let (flip, get) = (metadata.encode_call("flip", &[]).unwrap(), metadata.encode_call("get", &[]).unwrap());
        Self { client, wallet, contract: deployed.contract.unwrap(), flip, get }
    }

    fn flip(&self) -> CommandDraft {
        CommandDraft::new(Action::Call { contract: self.contract, input: self.flip.clone() })
    }

    async fn get(&self, caller: &dyn Signer) -> bool {
        let (contract, input) = (self.contract, self.get.clone());
        let query = Query::Call { contract, input, value: 0, gas_limit: 0, estimate: false };
        match self.client.query(caller, query).await.unwrap().result {
            QueryResult::Called { result: Ok(output), .. } => output.data == [0, 1],
            other => panic!("{other:?}"),
        }
    }

    /// Whether the worker takes the caller for the one that deployed the contract.
    async fn reads_logs(&self, caller: &dyn Signer) -> bool {
        self.client.query(caller, Query::Logs { contract: self.contract, from: 0, limit: 1 }).await.is_ok()
    }

    async fn refused(&self, caller: &dyn Signer, draft: CommandDraft) -> (Option<Code>, String) {
        let error = self.client.command(caller, draft).await.expect_err("refused");
        (error.code(), error.to_string())
    }
}

fn commands(contracts: Contracts) -> Scope {
    Scope::Commands { contracts, value_max: 0 }
}

#[test]
fn a_wallet_signs_typed_data_and_lends_its_account() {
    let machine = Machine::new();
    let dev = Dev::start(&machine, &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::new(&dev).await;
        assert!(world.get(&world.wallet).await);
        world.client.command(&world.wallet, world.flip()).await.unwrap().outcome.result.unwrap();
        assert!(!world.get(&world.wallet).await);
        assert!(world.reads_logs(&world.wallet).await);
        every_form(&world).await;

        let scope = commands(Contracts::Only(vec![world.contract]));
        let delegate = world.client.delegate(&world.wallet, scope, 60 * SECOND).await.unwrap();
        assert_eq!(delegate.caller(), world.wallet.caller());
        // A client of its own, since sessions are shared by caller.
        let world = World { client: Client::connect(&dev.url, Trust::OnFirstUse).await.unwrap(), ..world };
        let before = world.get(&delegate).await;
        world.client.command(&delegate, world.flip()).await.unwrap().outcome.result.unwrap();
        assert_eq!(world.get(&delegate).await, !before);
        assert!(world.reads_logs(&delegate).await, "it is the account that deployed the contract");
        beyond_the_scope(&world, &delegate).await;
        other_certificates(&world, &dev, &delegate).await;
    });
}

/// The same account signs in each form; another key has another account.
async fn every_form(world: &World) {
    for scheme in [SigningScheme::Raw, SigningScheme::WrappedBytes, SigningScheme::Eip191] {
        let wallet = Wallet::new(Keypair::from_uri("secp256k1://Alice").unwrap(), scheme);
        world.client.command(&wallet, world.flip()).await.unwrap().outcome.result.unwrap();
    }
    let polkadot = Wallet::new(Keypair::from_uri("//Bob").unwrap(), SigningScheme::WrappedBytes);
    world.client.command(&polkadot, world.flip()).await.unwrap().outcome.result.unwrap();
    assert!(!world.reads_logs(&polkadot).await);
    let impossible = Wallet::new(Keypair::from_uri("//Bob").unwrap(), SigningScheme::Eip712);
    let error = world.client.command(&impossible, world.flip()).await.unwrap_err();
    assert!(matches!(error, ClientError::Signer(SignerError::Scheme(_))), "{error:?}");
}

async fn beyond_the_scope(world: &World, delegate: &Delegate) {
    let transfer = CommandDraft::new(Action::Transfer { to: EMPTY });
    let (code, text) = world.refused(delegate, transfer).await;
    assert!(code == Some(Code::CommandRefused) && text.contains("does not allow this command"), "{text}");
    let other = CommandDraft::new(Action::Call { contract: EMPTY, input: vec![] });
    assert_eq!(world.refused(delegate, other).await.0, Some(Code::CommandRefused));
    let (code, text) = world.refused(delegate, world.flip().value(1)).await;
    assert!(code == Some(Code::CommandRefused) && text.contains("more value"), "{text}");
    let register = LedgerAction::RegisterCode { code: Default::default(), bytes: 1 };
    let error = world.client.ledger_tx(delegate, register).await.unwrap_err();
    assert!(matches!(error, ClientError::Signer(SignerError::Delegate)), "{error:?}");
    let error = world.client.delegate(delegate, Scope::Queries, SECOND).await.err();
    assert!(matches!(error, Some(ClientError::Signer(SignerError::Delegate))), "{error:?}");
}

/// Certificates that the worker refuses, for sessions as for commands.
async fn other_certificates(world: &World, dev: &Dev, good: &Delegate) {
    let queries = world.client.delegate(&world.wallet, Scope::Queries, 60 * SECOND).await.unwrap();
    let fresh = Client::connect(&dev.url, Trust::OnFirstUse).await.unwrap();
    fresh.query(&queries, Query::Balance(EMPTY)).await.unwrap();
    assert_eq!(world.refused(&queries, world.flip()).await.0, Some(Code::CommandRefused));

    let certified = |change: fn(&mut tallow_types::Delegation)| {
        let key = Keypair::generate_ed25519();
        let mut delegation = world.client.delegation(key.public(), commands(Contracts::Any), 60 * SECOND);
        change(&mut delegation);
        let wallet = Keypair::from_uri("secp256k1://Alice").unwrap();
        let statement = tallow_client::Statement::Delegation(&delegation);
        let signature = wallet.sign_statement(SigningScheme::Eip712, &statement).unwrap();
        Delegate::new(wallet.public(), Certificate { delegation, signature }, key)
    };
    let expired = certified(|delegation| {
        delegation.not_before_ms -= 100 * SECOND;
        delegation.not_after_ms -= 100 * SECOND;
    });
    let early = certified(|delegation| {
        delegation.not_before_ms += 120 * SECOND;
        delegation.not_after_ms += 120 * SECOND;
    });
    let foreign = certified(|delegation| delegation.network.0[0] ^= 1);
    let lasting = certified(|delegation| delegation.not_after_ms += 13 * 60 * 60 * SECOND);
    let stolen = Delegate::new(good.caller_key(), good.certificate().clone(), Keypair::generate_ed25519());
    let bob = Keypair::from_uri("//Bob").unwrap();
    let others = Delegate::new(bob.public(), good.certificate().clone(), Keypair::generate_ed25519());
    let refused = [
        (expired, "the certificate has expired"),
        (early, "not valid yet"),
        (foreign, "another network or cluster"),
        (lasting, "a certificate lasts at most"),
        (stolen, "the signature is not the caller's"),
        (others, "does not bear the caller's signature"),
    ];
    for (delegate, reason) in refused {
        let (_, text) = world.refused(&delegate, world.flip()).await;
        assert!(text.contains(reason), "{reason}: {text}");
        // A client that has no session of this caller yet.
        let client = Client::connect(&dev.url, Trust::OnFirstUse).await.unwrap();
        let error = client.query(&delegate, Query::Balance(EMPTY)).await.unwrap_err();
        assert_eq!(error.code(), Some(Code::EnvelopeRefused), "{reason}: {error}");
    }
}
