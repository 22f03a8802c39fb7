//! Authenticated connections between participants whose addresses are known.

use crate::{
    ChainError, NetworkConfig,
    block::{Block, Digest},
    engine::Wiring,
};
use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::{
    marshal::{self, standard::Standard},
    simplex::{self, scheme::Scheme},
};
use commonware_cryptography::{
    ChaCha20Poly1305,
    ed25519::{PrivateKey, PublicKey},
};
use commonware_p2p::{
    Address, AddressableManager as _,
    authenticated::lookup::{self, Network},
    max_message_size,
};
use commonware_runtime::{Quota, Supervisor as _, tokio::Context};
use commonware_stream::{
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{
    NZU32, NZUsize,
    ordered::{Map, Set},
};
use std::{num::NonZeroUsize, time::Duration};

/// Messages of one kind a participant may send another in a second: several for each of about a thousand blocks.
const MESSAGES_PER_SECOND: Quota = Quota::per_second(NZU32!(4_096));
/// Messages waiting inside the network.
const MAILBOX: NonZeroUsize = NZUsize!(1_024);
/// How far clocks of peers may differ while they greet each other.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(5);
/// How long a greeting may take.
const GREETING: Duration = Duration::from_secs(10);

type Tx = lookup::Sender<PublicKey, Context>;
type Rx = lookup::Receiver<PublicKey>;
type Oracle = lookup::Oracle<PublicKey>;

/// Listens, and connects to the peers. `namespace` separates the networks of different chains.
pub(crate) fn connect<S: Scheme<Digest, PublicKey = PublicKey>>(
    context: &Context,
    config: &NetworkConfig,
    namespace: &[u8],
    signer: PrivateKey,
    members: &Set<PublicKey>,
) -> Result<Wiring<Tx, Rx, Oracle, Oracle>, ChainError> {
    let peers = addresses(config, members)?;
    let count = u32::try_from(members.len()).expect("the number of participants is limited");
    let largest = max_message_size(&[
        simplex::max_payload_size::<S, Digest>(count),
        marshal::max_payload_size::<Standard<Block>, S>(count, &()),
    ]);
    let greeting =
        Sake { signer, synchrony_bound: CLOCK_DIFFERENCE, max_handshake_age: GREETING, version: sake::Version::V1 };
    let transport = Cups::<_, ChaCha20Poly1305>::new(greeting, cups::Version::V1);
    let seats = NonZeroUsize::new(members.len()).expect("the participants include this one");
    let settings = lookup::Config::local(transport, namespace, config.listen, seats, largest, MAILBOX);
    let (mut network, mut oracle) = Network::new(context.child("network"), settings);
    oracle.track(0, peers);
    let mut channel = |number| network.register(number, MESSAGES_PER_SECOND);
    let wiring = Wiring {
        votes: channel(0),
        certificates: channel(1),
        resolver: channel(2),
        backfill: channel(3),
        broadcast: channel(4),
        peers: oracle.clone(),
        blocker: oracle,
    };
    network.start();
    Ok(wiring)
}

fn addresses(config: &NetworkConfig, members: &Set<PublicKey>) -> Result<Map<PublicKey, Address>, ChainError> {
    let mut peers = Vec::with_capacity(config.peers.len());
    for (worker, address) in &config.peers {
        let key = PublicKey::decode(Copying(&worker.0)).ok().filter(|key| members.position(key).is_some());
        let key = key.ok_or_else(|| ChainError::Settings(format!("{worker} has an address but is no participant")))?;
        peers.push((key, Address::from(*address)));
    }
    Map::try_from(peers).map_err(|_| ChainError::Settings("a participant has two addresses".into()))
}
