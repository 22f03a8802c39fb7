//! Starts a chain on a thread with a runtime of its own.

use crate::{
    Application, ChainError, Config, Handle, Recovery,
    block::Digest,
    engine::{self, Setup, Wiring},
    inert::Inert,
    keys::{ThresholdKeys, participants, signer},
    network, space,
    status::Status,
};
use commonware_consensus::simplex::scheme::{Scheme, bls12381_threshold::standard, ed25519};
use commonware_cryptography::{
    Signer as _,
    bls12381::primitives::variant::MinSig,
    ed25519::{PrivateKey, PublicKey},
};
use commonware_macros::select;
use commonware_p2p::utils::StaticProvider;
use commonware_runtime::{Runner as _, Spawner as _, tokio};
use commonware_utils::{
    channel::{oneshot, watch},
    ordered::Set,
};
use std::{
    any::Any,
    fs::{File, OpenOptions, TryLockError},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tallow_crypto::Secret;
use tallow_types::WorkerId;

/// How long the previous user of a data directory may take to let go of it.
const RELEASE: Duration = Duration::from_secs(5);
/// How long an orderly stop may take.
const STOP: Duration = Duration::from_secs(5);

/// Starts a chain with ed25519 certificates, as cluster logs have. Returns at once; see [`Handle::ready`].
///
/// `seed` is that of this participant's ed25519 key; `members` are all participants.
///
/// # Errors
/// [`ChainError::Settings`]; everything else is reported by the handle.
pub fn start_ed25519<A: Application>(
    config: Config,
    seed: &Secret<[u8; 32]>,
    members: &[WorkerId],
    app: Arc<A>,
    recovery: Option<Recovery<A::State>>,
) -> Result<Handle, ChainError> {
    let signer = signer(seed);
    let members = participants(members, &signer)?;
    let namespace = tallow_crypto::consensus_namespace(&config.chain);
    let scheme = ed25519::Scheme::signer(&namespace, members.clone(), signer.clone())
        .ok_or_else(|| ChainError::Settings("this key is not among the participants".into()))?;
    start(config, signer, members, scheme, app, recovery)
}

/// Starts a chain with threshold certificates, as the ledger has. Returns at once; see [`Handle::ready`].
///
/// `seed` is that of this validator's ed25519 key, by which its peers know it; `members` are all validators.
///
/// # Errors
/// [`ChainError::Settings`]; everything else is reported by the handle.
pub fn start_threshold<A: Application>(
    config: Config,
    seed: &Secret<[u8; 32]>,
    members: &[WorkerId],
    keys: &ThresholdKeys<'_>,
    app: Arc<A>,
    recovery: Option<Recovery<A::State>>,
) -> Result<Handle, ChainError> {
    let signer = signer(seed);
    let members = participants(members, &signer)?;
    let scheme = threshold_scheme(&config, &members, &signer, keys)?;
    start(config, signer, members, scheme, app, recovery)
}

/// The engine asserts what is checked here.
pub(crate) fn threshold_scheme(
    config: &Config,
    members: &Set<PublicKey>,
    signer: &PrivateKey,
    keys: &ThresholdKeys<'_>,
) -> Result<standard::Scheme<PublicKey, MinSig>, ChainError> {
    let settings = |text: &str| ChainError::Settings(text.into());
    let (polynomial, share) = keys.decode()?;
    let quorum = commonware_utils::ordered::Quorum::quorum::<commonware_utils::N3f1>(members);
    if polynomial.total().get() as usize != members.len() || polynomial.required() != quorum {
        return Err(settings("the group key was dealt to another number of validators"));
    }
    if members.position(&signer.public_key()) != Some(usize::from(share.index)) {
        return Err(settings("the key share belongs to another validator"));
    }
    let namespace = tallow_crypto::consensus_namespace(&config.chain);
    standard::Scheme::signer(&namespace, members.clone(), polynomial, share)
        .ok_or_else(|| settings("the key share does not belong to the group key"))
}

fn start<A: Application, S: Scheme<Digest, PublicKey = PublicKey>>(
    config: Config,
    signer: PrivateKey,
    members: Set<PublicKey>,
    scheme: S,
    app: Arc<A>,
    recovery: Option<Recovery<A::State>>,
) -> Result<Handle, ChainError> {
    check(&config, &members)?;
    let first = members.iter().next().expect("the participants include this one").clone();
    let machine = engine::machine(&config, app, &first, recovery);
    let tip = machine.branches().tip();
    let (status_sender, status) = watch::channel(Status { tip, ready: false });
    let (failure_sender, failure) = watch::channel(None);
    let (stop, stopped) = oneshot::channel();
    let setup = Setup {
        me: signer.public_key(),
        first,
        scheme,
        machine: machine.clone(),
        status: status_sender,
        prefix: String::new(),
        config,
    };
    let name = format!("chain-{}", &setup.config.chain.to_string()[2..10]);
    let thread = thread::Builder::new().name(name).spawn(move || {
        let ended = supervise(setup, signer, members, stopped);
        failure_sender.send_replace(Some(ended));
    });
    let thread = thread.map_err(|error| ChainError::Engine(format!("no thread: {error}")))?;
    Ok(Handle::new(machine, status, failure, stop, thread))
}

fn check(config: &Config, members: &Set<PublicKey>) -> Result<(), ChainError> {
    let wrong = |text: &str| Err(ChainError::Settings(text.into()));
    if config.heartbeat >= config.leader_timeout || config.leader_timeout >= config.certification_timeout {
        return wrong("heartbeat < leader_timeout < certification_timeout must hold");
    }
    match &config.network {
        None if members.len() > 1 => wrong("several participants need a network"),
        Some(network) if network.peers.len() != members.len() => wrong("every participant needs one address"),
        _ => Ok(()),
    }
}

/// Runs the chain and turns every way it can end into a reason.
fn supervise<A: Application, S: Scheme<Digest, PublicKey = PublicKey>>(
    setup: Setup<A, S>,
    signer: PrivateKey,
    members: Set<PublicKey>,
    stopped: oneshot::Receiver<()>,
) -> ChainError {
    let path = setup.config.data_dir.clone();
    if let Err(error) = claim(&path) {
        return space::explain(error, &path);
    }
    let config =
        tokio::Config::new().with_worker_threads(setup.config.worker_threads).with_storage_directory(path.clone());
    let ended = catch_unwind(AssertUnwindSafe(|| {
        tokio::Runner::new(config).start(|context| root(context, setup, signer, members, stopped))
    }));
    let error = ended.unwrap_or_else(|panic| ChainError::Engine(panic_text(&*panic)));
    let error = space::explain(error, &path);
    if error != ChainError::ShutDown {
        tracing::error!(path = %path.display(), %error, "chain stopped");
    }
    error
}

async fn root<A: Application, S: Scheme<Digest, PublicKey = PublicKey>>(
    context: tokio::Context,
    setup: Setup<A, S>,
    signer: PrivateKey,
    members: Set<PublicKey>,
    stopped: oneshot::Receiver<()>,
) -> ChainError {
    use commonware_runtime::Supervisor as _;
    let running = context.child("chain").spawn(move |context| async move {
        match setup.config.network.clone() {
            None => engine::run(context, setup, solo(members)).await,
            Some(network) => {
                let namespace = tallow_crypto::consensus_namespace(&setup.config.chain);
                let wiring = network::connect::<S>(&context, &network, &namespace, signer, &members);
                match wiring {
                    Ok(wiring) => engine::run(context, setup, wiring).await,
                    Err(error) => Err(error),
                }
            }
        }
    });
    let ended = select! {
        // A dropped handle stops the chain too.
        _ = stopped => ChainError::ShutDown,
        ended = running => match ended {
            Ok(Ok(())) => ChainError::ShutDown,
            Ok(Err(error)) => error,
            Err(error) => ChainError::Engine(error.to_string()),
        },
    };
    // Lets the vote journal sync what it holds; whatever does not stop in time is dropped, as by a crash.
    let _ = context.stop(0, Some(STOP)).await;
    ended
}

pub(crate) fn solo(members: Set<PublicKey>) -> Wiring<Inert, Inert, StaticProvider<PublicKey>, Inert> {
    let channel = (Inert, Inert);
    Wiring {
        votes: channel,
        certificates: channel,
        resolver: channel,
        backfill: channel,
        broadcast: channel,
        peers: StaticProvider::new(0, members),
        blocker: Inert,
    }
}

/// Makes sure that the data directory can be used and that no other process uses it. The runtime would wait for ever.
fn claim(path: &Path) -> Result<(), ChainError> {
    let unusable = |error: std::io::Error| ChainError::DataDir { path: path.to_path_buf(), reason: error.to_string() };
    create_durably(path).map_err(unusable)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path.join(".hold"));
    let file: File = file.map_err(unusable)?;
    let deadline = Instant::now() + RELEASE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(ChainError::InUse(path.to_path_buf()));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// The storage syncs what it makes in the directory, but not the directory's own entry.
fn create_durably(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)?;
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("panic without a message").to_owned()
}
