/**
 * Finalisation certificates, as `commonware_consensus::simplex` 2026.10.0 encodes and signs them (`crates/proof`).
 *
 * A finalisation is `proposal ‖ certificate` with `proposal = varint(epoch) ‖ varint(view) ‖ varint(parent view) ‖
 * digest`. Signatures are over the proposal in the namespace `<chain's namespace>_FINALIZE`. On the ledger the
 * certificate is one threshold signature (BLS12-381, signatures in G1), in a cluster a bitmap of signers followed by
 * their ed25519 signatures.
 */

import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, type Hex, utf8 } from "./bytes.ts";
import { Rejection } from "./errors.ts";
import { headerDigest, labelBytes, raw } from "./hash.ts";
import { HEADER_CHAIN_MAX, PARTICIPANTS_MAX } from "./limits.ts";
import { Reader } from "./scale.ts";
import type { CertifiedHeader, ClusterRecord, Genesis, Header } from "./types.ts";

/** Hash-to-curve suite of signatures in G1 (RFC 9380, draft-irtf-cfrg-bls-signature). */
const BLS_DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const PUBLIC_BYTES = 96;
const SIGNATURE_BYTES = 48;
/** Certificates remembered as good: one serves all records and receipts of its block. */
const SEEN_MAX = 1_024;

/** Throws {@link Rejection} unless a header of one chain is final. */
export interface HeaderVerifier {
  verify(certified: CertifiedHeader): void;
}

function notFinal(why: string): Rejection {
  return new Rejection("not_final", `The header is not proven final: ${why}`);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  do {
    const more = left >> 7n !== 0n;
    bytes.push(Number(left & 0x7fn) | (more ? 0x80 : 0));
    left >>= 7n;
  } while (left !== 0n);
  return Uint8Array.from(bytes);
}

/** What is signed in a namespace: its length, itself, the message. */
function namespaced(chain: Hex, message: Uint8Array): Uint8Array {
  const namespace = concat(labelBytes("consensus"), raw(chain), utf8("_FINALIZE"));
  return concat(varint(BigInt(namespace.length)), namespace, message);
}

function proposal(header: Header): Uint8Array {
  return concat(varint(header.epoch), varint(header.view), varint(header.parentView), raw(headerDigest(header)));
}

/** Everything but the signatures: what must be signed, and the encoded certificate for it. */
function judge(certified: CertifiedHeader, chain: Hex, epoch: bigint): { signed: Uint8Array; certificate: Uint8Array } {
  if (certified.descendants.length > HEADER_CHAIN_MAX) throw notFinal("too many headers up to the certified one");
  let last = certified.header;
  belongs(last, chain, epoch);
  for (const next of certified.descendants) {
    belongs(next, chain, epoch);
    if (next.parent !== headerDigest(last) || next.position.height !== last.position.height + 1n) {
      throw notFinal("broken chain of headers");
    }
    last = next;
  }
  const wanted = proposal(last);
  const start = certified.certificate.subarray(0, wanted.length);
  if (start.length !== wanted.length || start.some((byte, at) => byte !== wanted[at])) {
    throw notFinal("certificate of another header");
  }
  return { signed: namespaced(chain, wanted), certificate: certified.certificate.subarray(wanted.length) };
}

function belongs(header: Header, chain: Hex, epoch: bigint): void {
  if (header.chain !== chain) throw notFinal("header of another chain");
  if (header.epoch !== epoch) throw notFinal("header of another epoch");
}

/** Judges headers of the ledger under the network's group key, which is the same in every epoch. */
export class LedgerVerifier implements HeaderVerifier {
  readonly #group: ReturnType<typeof bls12_381.G2.Point.fromBytes>;

  constructor(readonly network: Hex, genesis: Genesis) {
    try {
      if (genesis.groupKey.length !== PUBLIC_BYTES) throw new RangeError("length");
      this.#group = bls12_381.G2.Point.fromBytes(genesis.groupKey);
      this.#group.assertValidity();
      if (this.#group.is0()) throw new RangeError("zero");
    } catch (cause) {
      throw new Rejection("unusable_key", "The network's genesis holds no usable group key", { cause });
    }
  }

  verify(certified: CertifiedHeader): void {
    const { signed, certificate } = judge(certified, this.network, certified.header.epoch);
    let good = false;
    try {
      if (certificate.length === SIGNATURE_BYTES) {
        const scheme = bls12_381.shortSignatures;
        good = scheme.verify(certificate, scheme.hash(signed, BLS_DST), this.#group);
      }
    } catch {
      good = false; // not a point of the group
    }
    if (!good) throw notFinal("the validators' threshold signature does not verify");
  }
}

/** Judges headers of one epoch of a cluster log under its members' keys. */
export class ClusterVerifier implements HeaderVerifier {
  readonly #members: Hex[];

  constructor(readonly record: ClusterRecord) {
    const members = [...new Set(record.members)].sort();
    if (members.length === 0 || members.length !== record.members.length || members.length > PARTICIPANTS_MAX) {
      throw new Rejection("unusable_key", "The cluster's record lists no usable members");
    }
    this.#members = members;
  }

  /** Signatures that make a certificate: more than two thirds. */
  get quorum(): number {
    return this.#members.length - Math.floor((this.#members.length - 1) / 3);
  }

  verify(certified: CertifiedHeader): void {
    const { signed, certificate } = judge(certified, this.record.cluster, this.record.epoch);
    let signatures: Map<number, Uint8Array>;
    try {
      signatures = readCertificate(certificate, this.#members.length);
    } catch (cause) {
      throw new Rejection("not_final", "The header is not proven final: malformed certificate", { cause });
    }
    if (signatures.size < this.quorum) throw notFinal("too few replicas signed");
    for (const [signer, signature] of signatures) {
      const key = this.#members[signer];
      if (!key || !ed25519Zip215(signature, signed, key)) throw notFinal("a replica's signature does not verify");
    }
  }
}

/** As the consensus engine verifies, so that no certificate good there is refused here. */
function ed25519Zip215(signature: Uint8Array, message: Uint8Array, key: Hex): boolean {
  try {
    return ed25519.verify(signature, message, raw(key), { zip215: true });
  } catch {
    return false;
  }
}

/** Signatures by the signer's place: a bitmap (length in bits, big-endian; bits from the least), then a list. */
function readCertificate(certificate: Uint8Array, members: number): Map<number, Uint8Array> {
  const reader = new Reader(certificate);
  const bits = reader.take(8).reduce((value, byte) => value * 256 + byte, 0);
  if (bits !== members) throw new RangeError("bitmap of another size");
  const map = reader.take(Math.ceil(members / 8));
  const signers: number[] = [];
  for (let bit = 0; bit < map.length * 8; bit += 1) {
    if (((map[bit >> 3] ?? 0) >> (bit & 7)) & 1) signers.push(bit);
  }
  // At most 128 members, so the count takes one byte, or two of which the first has its high bit set.
  const low = reader.byte();
  const count = low < 0x80 ? low : (low & 0x7f) | (reader.byte() << 7);
  if (signers.length === 0 || signers.some((signer) => signer >= members) || count !== signers.length) {
    throw new RangeError("signers and signatures differ");
  }
  const signatures = new Map(signers.map((signer) => [signer, reader.take(64)]));
  if (reader.left > 0) throw new RangeError("bytes are left over");
  return signatures;
}

/** Verifies each certificate once: a block's receipts and records share one. */
export class Remembering implements HeaderVerifier {
  readonly #seen = new Set<Hex>();
  constructor(private readonly inner: HeaderVerifier) {}

  verify(certified: CertifiedHeader): void {
    const digest = headerDigest(certified.header);
    if (this.#seen.has(digest)) return;
    this.inner.verify(certified);
    this.#seen.add(digest);
    const oldest = this.#seen.values().next().value;
    if (this.#seen.size > SEEN_MAX && oldest) this.#seen.delete(oldest);
  }
}
