/** What may be believed of the ledger and of a cluster, and why (`crates/proof`, `crates/state`). */

import { equalBytes, type Hex, toHex } from "./bytes.ts";
import { type HeaderVerifier, LedgerVerifier, Remembering } from "./certificate.ts";
import { Rejection } from "./errors.ts";
import { headerDigest, labelledHash, networkId, nodeHash, raw } from "./hash.ts";
import { PATH_STEPS_MAX, STATE_DEPTH_MAX } from "./limits.ts";
import { type Codec, decodeExact, encode, Malformed, pair, u64, u8 } from "./scale.ts";
import {
  type AnchorProof, AnchorRecord, CertifiedHeader, type Genesis, type Header, type ProvenRecord, type Receipt, RegistryKey,
  StateProof,
} from "./types.ts";

const EMPTY = new Uint8Array(32);

function bit(path: Uint8Array, depth: number): boolean {
  return (((path[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1) === 1;
}

/** What a proof proves of `key` under `root`: its value, or `null` for none. Throws {@link Rejection}. */
export function provenValue(proof: StateProof, root: Hex, key: Uint8Array): Uint8Array | null {
  const path = labelledHash("state-key", key);
  const depth = proof.siblings.length;
  const wrong = (why: string) => new Rejection("not_proven", `The registry's answer is not proven: ${why}`);
  if (depth > STATE_DEPTH_MAX) throw wrong("the proof is longer than a path");
  let top = EMPTY as Uint8Array;
  let value: Uint8Array | null = null;
  if (proof.end.kind === "Present") {
    value = proof.end.value.value;
    top = nodeHash("state-leaf", path, labelledHash("state-value", proof.end.value.salt, value));
  } else if (proof.end.kind === "Other") {
    const other = proof.end.value.path;
    const agrees = Array.from({ length: depth }, (_, at) => bit(other, at) === bit(path, at)).every(Boolean);
    if (equalBytes(other, path) || !agrees) throw wrong("the proof is of another key");
    top = nodeHash("state-leaf", other, raw(proof.end.value.commitment));
  }
  for (let at = depth - 1; at >= 0; at -= 1) {
    const sibling = raw(proof.siblings[at] as Hex);
    top = bit(path, at) ? nodeHash("state-node", sibling, top) : nodeHash("state-node", top, sibling);
  }
  if (toHex(top) !== root) throw wrong("the proof leads to another root");
  return value;
}

/** The newest of a ledger that was seen. */
export interface Seen {
  epoch: bigint;
  height: bigint;
}

/** Believes registry records of one network, and never an older one after a newer one. */
export class LightClient {
  readonly network: Hex;
  /** The key by which the keyholders vouch for those of clusters. */
  readonly keyholder: Hex;
  readonly #verifier: HeaderVerifier;
  #seen: Seen = { epoch: 0n, height: 0n };

  constructor(genesis: Genesis) {
    this.network = networkId(genesis);
    this.keyholder = genesis.keyholder;
    this.#verifier = new Remembering(new LedgerVerifier(this.network, genesis));
  }

  /** The newest epoch and height seen. */
  get seen(): Seen {
    return { ...this.#seen };
  }

  /** Goes on from what an earlier client had seen; never backwards. */
  resume(seen: Seen): void {
    const max = (a: bigint, b: bigint) => (a > b ? a : b);
    this.#seen = { epoch: max(seen.epoch, this.#seen.epoch), height: max(seen.height, this.#seen.height) };
  }

  /**
   * The record of `key`, or `null` when the registry proves to have none. `before` is what was seen before the
   * request: of two requests at once, the answer to one may be older than that to the other.
   */
  record<T>(key: RegistryKey, codec: Codec<T>, record: ProvenRecord, before: Seen): T | null {
    const { epoch, position } = record.certified.header;
    if (position.height < before.height || epoch < before.epoch) {
      throw new Rejection("stale", `The registry's answer is as of ledger height ${position.height}, older than height ${before.height} already seen`);
    }
    return this.pastRecord(key, codec, record);
  }

  /** A record as of any block of the ledger, also one older than what was seen. */
  pastRecord<T>(key: RegistryKey, codec: Codec<T>, record: ProvenRecord): T | null {
    const wanted = encode(RegistryKey, key);
    if (!equalBytes(encode(RegistryKey, record.key), wanted)) {
      throw new Rejection("wrong_key", "The registry's answer is about another key");
    }
    const header = record.certified.header;
    if (header.chain !== this.network) throw new Rejection("wrong_network", "The registry's answer is of another network");
    const proven = provenValue(strict(StateProof, record.proof), header.commitments.state, wanted);
    const same = proven && record.value ? equalBytes(proven, record.value) : proven === record.value;
    if (!same) throw new Rejection("wrong_value", "The registry's record is not the proven one");
    this.#verifier.verify(record.certified);
    this.resume({ epoch: header.epoch, height: header.position.height });
    return record.value ? strict(codec, record.value) : null;
  }
}

/** Decodes what a worker sent; it is a lie when it does not decode. */
export function strict<T>(codec: Codec<T>, bytes: Uint8Array): T {
  try {
    return decodeExact(codec, bytes);
  } catch (cause) {
    if (!(cause instanceof Malformed)) throw cause;
    throw new Rejection("malformed", `The worker's answer is not to be understood: ${cause.message}`, { cause });
  }
}

/** A certified header as documents of the API hold it. It is not verified yet: that is for the cluster's verifier. */
export function parseCertifiedHeader(bytes: Uint8Array): CertifiedHeader {
  return strict(CertifiedHeader, bytes);
}

/** Checks that a receipt is that of `command`, its outcome a result of its block, and the block final. */
export function verifyReceipt(command: Hex, receipt: Receipt, verifier: HeaderVerifier): void {
  if (receipt.command !== command) throw new Rejection("wrong_command", "The receipt is that of another command");
  const inBlock = () => {
    if (receipt.path.length > PATH_STEPS_MAX) return false;
    let top = labelledHash("leaf", labelledHash("result-leaf", raw(receipt.command), receipt.sealed));
    for (const { sibling, left } of receipt.path) {
      top = left ? nodeHash("result-node", raw(sibling), top) : nodeHash("result-node", top, raw(sibling));
    }
    return toHex(top) === receipt.certified.header.commitments.results;
  };
  if (!inBlock()) throw new Rejection("not_in_block", "The receipt's outcome is not among the results of its block");
  verifier.verify(receipt.certified);
}

/** Key of a cluster's state that holds the digest of the block at `height`. */
function historyKey(height: bigint): Uint8Array {
  return encode(pair(u8, u64), [0, height]);
}

/** Checks that the block of `header` is anchored, or below the anchored one. Returns the anchor. */
export function verifyAnchored(light: LightClient, cluster: Hex, header: Header, proof: AnchorProof): AnchorRecord {
  const record = light.pastRecord({ kind: "Anchor", value: cluster }, AnchorRecord, proof.record);
  const fail = (why: string) => new Rejection("anchor", `The receipt is not shown to be anchored: ${why}`);
  if (!record) throw fail("the ledger holds no anchor of the cluster");
  const anchored = record.header;
  const [height, top] = [header.position.height, anchored.position.height];
  if (anchored.chain !== header.chain) throw fail("the anchor is of another cluster");
  if (top < height) throw fail("the anchor is below the block");
  const digest = headerDigest(header);
  if (top === height) {
    if (headerDigest(anchored) !== digest) throw fail("another block is anchored at this height");
    return record;
  }
  if (!proof.history) throw fail("nothing links the block to the anchor");
  const [opening, link] = proof.history;
  if (opening.height !== top || commitment(opening) !== anchored.commitments.state) {
    throw fail("the opening is of another state");
  }
  const kept = provenValue(link, opening.root, historyKey(height));
  if (!kept || toHex(kept) !== digest) throw fail("the anchored state does not hold the block");
  return record;
}

function commitment(opening: { height: bigint; root: Hex; salt: Uint8Array }): Hex {
  const height = encode(u64, opening.height);
  return toHex(labelledHash("state-commitment", opening.salt, height, raw(opening.root)));
}
