/** Who vouches for a cluster's record (`crates/crypto`, module `membership`). */

import { type Hex, toHex } from "./bytes.ts";
import { Rejection } from "./errors.ts";
import { labelledHash, raw } from "./hash.ts";
import { verifyWorker } from "./keys.ts";
import { encode, fixed, id, struct, u64, vec } from "./scale.ts";
import type { ClusterRecord } from "./types.ts";

const Vouched = struct({ network: id, cluster: id, epoch: u64, epochKey: fixed(32) });
const Agreed = struct({
  network: id, cluster: id, owner: id, nonce: u64, epoch: u64, members: vec(id), epochKey: fixed(32),
});

/** The id of the cluster that an owner registers under a number of his own. */
export function clusterId(network: Hex, owner: Hex, nonce: bigint): Hex {
  return toHex(labelledHash("cluster", raw(network), raw(owner), encode(u64, nonce)));
}

/**
 * Checks the word of all who vouch for a record: the ledger's certificate says that validators took it, not that it is
 * true. `keyholder` is the genesis'. Throws {@link Rejection}.
 */
export function verifyCluster(network: Hex, keyholder: Hex, record: ClusterRecord): void {
  const refuse = (why: string) => new Rejection("not_vouched", `Nobody vouches for the cluster's record: ${why}`);
  const { cluster, owner, nonce, epoch, members, epochKey } = record;
  if (cluster !== clusterId(network, owner, nonce)) throw refuse("its id does not derive from its owner");
  const vouched = labelledHash("vouch", encode(Vouched, { network, cluster, epoch, epochKey }));
  if (!verifyWorker(keyholder, vouched, record.vouch)) throw refuse("the keyholders did not make its key");
  if (record.consents.length !== members.length) throw refuse("it has not one consent for each member");
  const agreed = labelledHash("consent", encode(Agreed, { network, cluster, owner, nonce, epoch, members, epochKey }));
  members.forEach((member, at) => {
    const consent = record.consents[at];
    if (!consent || !verifyWorker(member, agreed, consent)) throw refuse(`worker ${member} did not agree to be a member`);
  });
}
