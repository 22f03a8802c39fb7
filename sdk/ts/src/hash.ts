/** Hashes, the table of labels, and what is hashed of the network's documents (`crates/crypto`). */

import { blake2b } from "@noble/hashes/blake2.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { concat, fromHex, type Hex, toHex, utf8 } from "./bytes.ts";
import { type Codec, encode } from "./scale.ts";
import { type Command, Command as CommandCodec, Genesis, Header, type SessionFrame } from "./types.ts";

/** What a hash, signature or key is for. */
export type Label =
  | "command" | "header" | "network" | "cluster" | "vouch" | "consent" | "leaf" | "result-leaf" | "result-node" | "state-leaf" | "state-key"
  | "state-value" | "state-node" | "state-commitment" | "ledger-tx" | "session-terms" | "query-answer"
  | "query-request" | "seal-command" | "seal-session" | "session-id" | "session-to-replica" | "session-to-client"
  | "delegation" | "seal-outcome" | "outcome-nonce" | "evidence" | "sim-evidence" | "policy" | "consensus" | "development";

/** A label's text, as it enters hashes. */
export function labelBytes(label: Label): Uint8Array {
  return utf8(`tallow/${label}/v1`);
}

/** The bytes of an identifier. */
export function raw(id: Hex): Uint8Array {
  const bytes = fromHex(id);
  if (!bytes) throw new RangeError(`${id} is not hexadecimal`);
  return bytes;
}

function framed(label: Label, parts: Uint8Array[], key?: Uint8Array): Uint8Array {
  const text = labelBytes(label);
  const hasher = blake3.create(key ? { key } : {});
  hasher.update(Uint8Array.of(text.length)).update(text);
  for (const part of parts) {
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(part.length), true);
    hasher.update(new Uint8Array(length.buffer)).update(part);
  }
  return hasher.digest();
}

/** BLAKE3 over a label and parts, each preceded by its length. */
export function labelledHash(label: Label, ...parts: Uint8Array[]): Uint8Array {
  return framed(label, parts);
}

/** Keyed BLAKE3 over a label and parts. */
export function prf(key: Uint8Array, label: Label, ...parts: Uint8Array[]): Uint8Array {
  return framed(label, parts, key);
}

/** Hash of an inner node of a tree: one BLAKE3 block, keyed by the label. */
export function nodeHash(label: Label, left: Uint8Array, right: Uint8Array): Uint8Array {
  const key = new Uint8Array(32);
  key.set(labelBytes(label));
  return blake3(concat(left, right), { key });
}

/** BLAKE2b with 32 bytes of output: code hashes and addresses of contracts. */
export function blake2b256(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

/** BLAKE2b with 64 bytes of output: the checksum of SS58 addresses. */
export function blake2b512(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 64 });
}

/** The hash by which code is registered and deployed. */
export function codeHash(wasm: Uint8Array): Hex {
  return toHex(blake2b256(wasm));
}

/** Id of the network that starts from `genesis`. */
export function networkId(genesis: Genesis): Hex {
  return toHex(labelledHash("network", encode(Genesis, genesis)));
}

/** Id of a command: digest of its content, whatever its signature. */
export function commandId(command: Command): Hex {
  return toHex(labelledHash("command", encode(CommandCodec, command)));
}

/** Digest of a block header. */
export function headerDigest(header: Header): Hex {
  return toHex(labelledHash("header", encode(Header, header)));
}

/** Digest of a query as it travels. */
export function requestDigest(frame: SessionFrame): Hex {
  const number = new DataView(new ArrayBuffer(8));
  number.setBigUint64(0, frame.number, true);
  return toHex(labelledHash("query-request", raw(frame.session), new Uint8Array(number.buffer), frame.ciphertext));
}

/** What is signed: a label's text, then a labelled digest. */
export function signingBytes<T>(label: Label, codec: Codec<T>, document: T): Uint8Array {
  return concat(labelBytes(label), labelledHash(label, encode(codec, document)));
}
