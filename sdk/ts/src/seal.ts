/** Sealing: commands, sessions, outcomes (`crates/crypto`). HPKE base mode, X25519 / HKDF-SHA256 / AES-256-GCM. */

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, type SenderContext } from "@hpke/core";
import { concat, equalBytes, type Hex, toHex } from "./bytes.ts";
import { ClientError, Rejection } from "./errors.ts";
import { type Label, labelBytes, prf, raw, requestDigest, signingBytes } from "./hash.ts";
import { type Keypair, verifyWorker } from "./keys.ts";
import { COMMAND_BYTES_MAX } from "./limits.ts";
import { encode, u64 } from "./scale.ts";
import {
  type ClusterRecord, QueryAnswer, QueryRequest, SealedCommand, SealedSessionOpen, type SessionFrame, SessionOpen,
  SessionTerms, SignedCommand, SignedQueryAnswer, type WorkerRecord,
} from "./types.ts";
import { strict } from "./proof.ts";

const NONCE_BYTES = 12;

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** A copy with a buffer of its own, as Web Crypto wants it. */
function own(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

async function sender(publicKey: Uint8Array, label: Label): Promise<SenderContext> {
  if (!globalThis.crypto?.subtle) {
    throw new ClientError("input", "This page may not use the browser's cryptography: open it by https, or at 127.0.0.1");
  }
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(own(publicKey));
    return await suite.createSenderContext({ recipientPublicKey, info: own(labelBytes(label)) });
  } catch (cause) {
    throw new Rejection("unusable_key", "A public key of the registry is unusable", { cause });
  }
}

function checkSize(what: string, bytes: number): void {
  if (bytes > COMMAND_BYTES_MAX) {
    throw new ClientError("input", `The ${what} of ${bytes} bytes exceeds ${COMMAND_BYTES_MAX}; send less in one call`);
  }
}

/** A command sealed to the cluster's epoch key, as it travels. */
export async function sealCommand(network: Hex, cluster: ClusterRecord, signed: SignedCommand): Promise<Uint8Array<ArrayBuffer>> {
  const context = await sender(cluster.epochKey, "seal-command");
  const aad = concat(raw(network), raw(cluster.cluster), encode(u64, cluster.epoch));
  const ciphertext = new Uint8Array(await context.seal(own(encode(SignedCommand, signed)), own(aad)));
  const sealed = encode(SealedCommand, { epoch: cluster.epoch, encapsulated: new Uint8Array(context.enc), ciphertext });
  checkSize("command", sealed.length);
  return sealed;
}

async function aesKey(key: Uint8Array, use: KeyUsage): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", own(key), "AES-GCM", false, [use]);
}

/** Opens a command's outcome with the response key it named. */
export async function openOutcome(responseKey: Uint8Array, command: Hex, sealed: Uint8Array): Promise<Uint8Array> {
  const fail = () => new Rejection("outcome", "The receipt's outcome cannot be opened with the command's response key");
  if (sealed.length < NONCE_BYTES) throw fail();
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const key = prf(responseKey, "seal-outcome", raw(command));
  let outcome: Uint8Array;
  try {
    const parameters = { name: "AES-GCM", iv: own(nonce), additionalData: own(raw(command)) };
    outcome = new Uint8Array(
      await crypto.subtle.decrypt(parameters, await aesKey(key, "decrypt"), own(sealed.subarray(NONCE_BYTES))),
    );
  } catch {
    throw fail();
  }
  if (!equalBytes(prf(key, "outcome-nonce", outcome).subarray(0, NONCE_BYTES), nonce)) throw fail();
  return outcome;
}

/** The client's side of a query session: one key exchange, then symmetric frames. */
export class Session {
  #next = 0n;

  private constructor(
    readonly session: Hex,
    readonly worker: Hex,
    /** When it ends, milliseconds since the Unix epoch. */
    readonly expiryMs: number,
    /** What is sent to open it. */
    readonly opening: Uint8Array<ArrayBuffer>,
    private readonly toReplica: CryptoKey,
    private readonly toClient: CryptoKey,
  ) {}

  /** Sets a session up with a replica; `opening` is then to be sent. */
  static async open(network: Hex, cluster: Hex, worker: WorkerRecord, expiryMs: number, caller: Keypair): Promise<Session> {
    const context = await sender(worker.transport, "seal-session");
    const encapsulated = new Uint8Array(context.enc);
    const terms = {
      network, cluster, worker: worker.worker, caller: caller.publicKey, encapsulated, expiryMs: BigInt(expiryMs),
    };
    const authority = caller.authorise(signingBytes("session-terms", SessionTerms, terms));
    const place = concat(raw(network), raw(cluster), raw(worker.worker));
    const ciphertext = new Uint8Array(await context.seal(own(encode(SessionOpen, { terms, authority })), own(place)));
    const exported = async (label: Label) => new Uint8Array(await context.export(own(labelBytes(label)), 32));
    return new Session(
      toHex(await exported("session-id")),
      worker.worker,
      expiryMs,
      encode(SealedSessionOpen, { encapsulated, ciphertext }),
      await aesKey(await exported("session-to-replica"), "encrypt"),
      await aesKey(await exported("session-to-client"), "decrypt"),
    );
  }

  #aad(number: bigint, direction: 0 | 1): ArrayBuffer {
    return own(concat(raw(this.session), encode(u64, number), Uint8Array.of(direction)));
  }

  /** Seals a request under the next number; numbers, which are nonces, never come again. */
  async seal(request: QueryRequest): Promise<SessionFrame> {
    const plaintext = encode(QueryRequest, request);
    checkSize("query", plaintext.length);
    const number = this.#next;
    this.#next += 1n;
    const nonce = new Uint8Array(NONCE_BYTES);
    new DataView(nonce.buffer).setBigUint64(NONCE_BYTES - 8, number, false);
    const parameters = { name: "AES-GCM", iv: nonce, additionalData: this.#aad(number, 0) };
    const ciphertext = new Uint8Array(await crypto.subtle.encrypt(parameters, this.toReplica, plaintext));
    return { session: this.session, number, ciphertext };
  }

  /** Opens the answer to `request`, and checks that it is that and signed by the replica. */
  async openAnswer(request: SessionFrame, frame: SessionFrame): Promise<QueryAnswer> {
    const fail = (why: string) => new Rejection("answer", `The answer is not this worker's to this request: ${why}`);
    if (frame.session !== this.session || frame.number !== request.number) throw fail("it is of another request");
    let plaintext: Uint8Array;
    try {
      const iv = own(frame.ciphertext.subarray(0, NONCE_BYTES));
      const parameters = { name: "AES-GCM", iv, additionalData: this.#aad(frame.number, 1) };
      plaintext = new Uint8Array(
        await crypto.subtle.decrypt(parameters, this.toClient, own(frame.ciphertext.subarray(NONCE_BYTES))),
      );
    } catch {
      throw fail("it cannot be opened");
    }
    const { answer, signature } = strict(SignedQueryAnswer, plaintext);
    if (answer.request !== requestDigest(request)) throw fail("it names another request");
    if (!verifyWorker(this.worker, signingBytes("query-answer", QueryAnswer, answer), signature)) {
      throw fail("the worker did not sign it");
    }
    return answer;
  }
}
