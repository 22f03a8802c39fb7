/** Keys of callers, secret URIs and addresses. */

import { ed25519 } from "@noble/curves/ed25519.js";
import * as sr25519 from "@scure/sr25519";
import { concat, fromHex, type Hex, randomBytes, toHex, utf8 } from "./bytes.ts";
import { ClientError } from "./errors.ts";
import { blake2b256, blake2b512, raw } from "./hash.ts";
import { encode, text, u64 } from "./scale.ts";
import type { Authority, CallerSignature, PublicKey } from "./types.ts";

/** Mini secret of Substrate's public development phrase: everybody knows it. */
const DEVELOPMENT_SEED = raw("0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e");

/** A key pair of a caller. The secret stays in this object. */
export class Keypair {
  readonly #sign: (message: Uint8Array) => Uint8Array;

  private constructor(
    /** The public key with its scheme. */
    readonly publicKey: Extract<PublicKey, { value: Hex }>,
    sign: (message: Uint8Array) => Uint8Array,
  ) {
    this.#sign = sign;
  }

  /** The sr25519 key of a 32-byte mini secret, expanded as Substrate does. */
  static sr25519(seed: Uint8Array): Keypair {
    const secret = sr25519.secretFromSeed(seed);
    return Keypair.#ofSecret(secret);
  }

  static #ofSecret(secret: Uint8Array): Keypair {
    const value = toHex(sr25519.getPublicKey(secret));
    return new Keypair({ kind: "Sr25519", value }, (message) => sr25519.sign(secret, message));
  }

  /** The ed25519 key of a seed (RFC 8032). */
  static ed25519(seed: Uint8Array): Keypair {
    const secret = seed.slice();
    const value = toHex(ed25519.getPublicKey(secret));
    return new Keypair({ kind: "Ed25519", value }, (message) => ed25519.sign(message, secret));
  }

  /** A fresh sr25519 key. */
  static generate(): Keypair {
    return Keypair.sr25519(randomBytes(32));
  }

  /**
   * The sr25519 key of a Substrate secret URI: `//Alice`, `0x` and a seed of 64 digits, or a seed with hard junctions.
   * Soft junctions, passwords and phrases are refused.
   */
  static fromUri(uri: string): Keypair {
    const path = uri.includes("/") ? uri.slice(uri.indexOf("/")) : "";
    const names = junctions(path);
    let secret: Uint8Array = sr25519.secretFromSeed(root(uri.slice(0, uri.length - path.length), path));
    for (const name of names) secret = sr25519.HDKD.secretHard(secret, chainCode(name));
    return Keypair.#ofSecret(secret);
  }

  /** The account this key controls. */
  get account(): Hex {
    return this.publicKey.value;
  }

  /** Signs. Sr25519 signatures differ from time to time. */
  sign(message: Uint8Array): Uint8Array {
    return this.#sign(message);
  }

  /** Signs a statement (`signingBytes`) in the form of programs that hold their key. */
  signStatement(statement: Uint8Array): CallerSignature {
    return { scheme: { kind: "Raw", value: null }, signature: this.#sign(statement) };
  }

  /** The authority of this key for a statement of its own account. */
  authorise(statement: Uint8Array): Authority {
    return { kind: "Caller", value: this.signStatement(statement) };
  }
}

function refuse(message: string): never {
  throw new ClientError("key", message);
}

function root(seed: string, path: string): Uint8Array {
  if (seed === "" && path !== "") return DEVELOPMENT_SEED;
  if (!seed.startsWith("0x")) {
    refuse("Expected a development account such as //Alice, or 0x followed by a seed of 64 hexadecimal digits");
  }
  const bytes = fromHex(seed);
  return bytes?.length === 32 ? bytes : refuse("A seed is 0x followed by 64 hexadecimal digits");
}

function junctions(path: string): string[] {
  if (path.includes("///")) refuse("Passwords (///...) are not supported; use a seed");
  if (path === "") return [];
  const names = path.split("//").slice(1);
  if (!path.startsWith("//") || names.some((name) => name.includes("/"))) {
    refuse("Soft junctions (/name) are not supported; use a hard junction (//name)");
  }
  if (names.some((name) => name === "")) refuse("A junction has no name; write //name");
  return names;
}

/** Substrate's chain code of a junction: the encoding of a number or of a text, hashed when it is too long. */
function chainCode(name: string): Uint8Array {
  const isNumber = /^\+?[0-9]+$/.test(name) && BigInt(name) < 1n << 64n;
  const encoded = isNumber ? encode(u64, BigInt(name)) : encode(text, name);
  if (encoded.length > 32) return blake2b256(encoded);
  const code = new Uint8Array(32);
  code.set(encoded);
  return code;
}

/** Whether `signature` is the worker's over `message`. Small-order and non-canonical keys are refused. */
export function verifyWorker(worker: Hex, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, raw(worker), { zip215: false });
  } catch {
    return false;
  }
}

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** Digits of the longest address of an account id. */
const DIGITS_MAX = 50;

/** The account id of an SS58 address, whatever network its prefix names; `null` when it is none. */
export function accountOfAddress(address: string): Hex | null {
  const bytes = base58(address);
  const first = bytes?.[0];
  if (!bytes || first === undefined) return null;
  const prefix = (first & 0x40) === 0 ? 1 : 2;
  if (bytes.length !== prefix + 32 + 2) return null;
  const payload = bytes.subarray(0, prefix + 32);
  const hash = blake2b512(concat(utf8("SS58PRE"), payload));
  if (hash[0] !== bytes[prefix + 32] || hash[1] !== bytes[prefix + 33]) return null;
  return toHex(payload.subarray(prefix));
}

function base58(text: string): Uint8Array | null {
  if (text.length > DIGITS_MAX) return null;
  let number = 0n;
  for (const digit of text) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return null;
    number = number * 58n + BigInt(value);
  }
  const bytes: number[] = [];
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 0xffn));
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes]);
}
