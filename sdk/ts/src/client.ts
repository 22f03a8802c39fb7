/**
 * The verifying client: talks to one worker, and believes nothing of what it says without proof.
 *
 * Registry records are believed with the ledger's certificate and a Merkle proof, receipts with the cluster's
 * certificate, answers to queries with the signature of a worker that the registry lists with good evidence. The ledger
 * never moves backwards, nor does the cluster's state behind a receipt that this client holds. What a worker can still
 * do is to be silent.
 */

import { developmentPolicy, type Identity, type Policy, policyDigest } from "./attest.ts";
import { type Hex, parseId, randomBytes } from "./bytes.ts";
import { ClientError, Rejection } from "./errors.ts";
import { codeHash, commandId, headerDigest, signingBytes } from "./hash.ts";
import { type Answer, Http, json } from "./http.ts";
import type { Keypair } from "./keys.ts";
import {
  CODE_BYTES_MAX, COMMAND_EXPIRY_MS_MAX, COMMAND_GAS_MAX, DOCUMENT_BYTES_MAX, POLL_TIME_MS_MAX, QUERY_TIME_MS_MAX,
  RESPONSE_BYTES_MAX, SESSION_TIME_MS_MAX,
} from "./limits.ts";
import { LightClient, type Seen, strict, verifyAnchored, verifyReceipt } from "./proof.ts";
import { type Known, Registry } from "./registry.ts";
import { encode } from "./scale.ts";
import { openOutcome, sealCommand, Session } from "./seal.ts";
import {
  type Action, AnchorRecord, CodeRecord, type Command, Command as CommandCodec, ContractRecord, Genesis, LedgerTx,
  Outcome, type Query, type QueryResult, type Receipt, ReceiptAnswer, SessionFrame, type SignedCommand, SignedLedgerTx,
} from "./types.ts";

/** What a worker says of itself; nothing here is proven. */
export interface Status {
  version: string;
  network: Hex;
  cluster: Hex;
  worker: Hex;
  height: number;
  anchored_height: number;
  ledger_height: number;
  anchor_interval_ms: number;
  waiting: number;
  replicas: number;
  disk_free_bytes: number;
  disk_full: boolean;
  development: string[];
}

/** What a client takes for granted, and how long it waits. */
export interface Options {
  /** The network to believe. Without it, the one that the worker names: keep {@link Client.network} and pin it. */
  network?: Hex;
  /** The cluster to talk to. Without it, the one that the worker names: keep {@link Client.cluster} and pin it. */
  cluster?: Hex;
  /** Policies of attestation it knows; that of development networks unless said otherwise. */
  policies?: Policy[];
  /** Milliseconds for the answer to one request. */
  requestMs?: number;
  /** Milliseconds for the receipt of a command. */
  receiptMs?: number;
  /** Milliseconds for the anchor of a receipt. */
  anchorMs?: number;
}

/** What a command shall do. */
export interface CommandDraft {
  action: Action;
  /** Balance moved to the contract; none unless said otherwise. */
  value?: bigint;
  /** Most gas it may use; the most there is unless said otherwise. */
  gasLimit?: bigint;
}

/** A signed command. Sending it twice has the effect of sending it once. */
export interface PreparedCommand {
  /** The command's id, known before it is sent. */
  id: Hex;
  /** The key that opens the outcome; whoever wants to read the receipt later keeps it. */
  responseKey: Uint8Array;
  signed: SignedCommand;
}

/** Where a receipt is anchored: proven by the ledger's certificate. */
export interface Anchored {
  /** Height of the anchored block of the cluster log: the receipt's own, or a later one. */
  height: bigint;
  /** Height of the ledger at which it was anchored. */
  ledgerHeight: bigint;
}

/** A receipt that the cluster's members certified. */
export interface ProvenReceipt {
  id: Hex;
  height: bigint;
  receipt: Receipt;
  anchored: Anchored | null;
}

/** A receipt with its outcome. */
export interface VerifiedReceipt extends ProvenReceipt {
  outcome: Outcome;
}

/** The answer to a query, signed by the worker for this very request. */
export interface VerifiedAnswer {
  result: Exclude<QueryResult, { kind: "Refused" }>;
  /** Height of the state it stands on; not below the newest receipt of this client. */
  height: bigint;
  /** Newest anchored height the worker says it knows. */
  anchoredHeight: bigint;
}

/** Milliseconds before its end at which a session is no longer used. */
const SESSION_MARGIN_MS = 30_000;
/** Sessions that one client keeps, by caller. */
const SESSIONS_KEPT_MAX = 256;
/** Milliseconds between two questions for a receipt that the worker does not wait for as it was asked. */
const POLL_PAUSE_MS = 20;

/** A client of one worker. */
export class Client {
  #known: Known;
  #height = 0n;
  /** One ledger transaction at a time, since nonces are sequential. */
  #ledgerTurn: Promise<unknown> = Promise.resolve();
  readonly #sessions = new Map<Hex, Promise<Session>>();

  private constructor(
    private readonly http: Http,
    /** The network, for whoever pins it. */
    readonly network: Hex,
    private readonly registry: Registry,
    known: Known,
    private readonly patience: { receiptMs: number; anchorMs: number },
  ) {
    this.#known = known;
  }

  /** Connects to a worker: checks its network, and takes worker and cluster from the proven registry. */
  static async connect(url: string, options: Options = {}): Promise<Client> {
    const http = new Http(url, options.requestMs ?? 15_000);
    const [genesisAnswer, status] = await Promise.all([
      http.get("v1/genesis", { bytes: DOCUMENT_BYTES_MAX }),
      readStatus(http),
    ]);
    const genesis = strict(Genesis, genesisAnswer.body);
    const light = new LightClient(genesis);
    if (options.network && options.network !== light.network) {
      throw new Rejection("wrong_network", `The worker is of network ${light.network}; pinned is ${options.network}`);
    }
    const policy = (options.policies ?? [developmentPolicy()]).find((one) => policyDigest(one) === genesis.policy);
    if (!policy) throw new Rejection("unknown_policy", "The network follows a policy of attestation that this client does not know");
    const registry = new Registry(http, policy, light);
    const known = await registry.know(status.worker, options.cluster ?? status.cluster);
    const patience = { receiptMs: options.receiptMs ?? 60_000, anchorMs: options.anchorMs ?? 30_000 };
    return new Client(http, light.network, registry, known, patience);
  }

  /** What the registry proves of the worker and its cluster. */
  get known(): Known {
    return this.#known;
  }

  /** The cluster. */
  get cluster(): Hex {
    return this.#known.cluster.cluster;
  }

  /** The worker it talks to. */
  get worker(): Hex {
    return this.#known.worker.worker;
  }

  /** What the worker's attestation proves; see {@link Identity.simulated}. */
  get identity(): Identity {
    return this.#known.identity;
  }

  /** Newest height of the cluster log that this client has proof of: answers older than it are refused. */
  get height(): bigint {
    return this.#height;
  }

  /** Newest of the ledger that this client has proof of. */
  get seen(): Seen {
    return this.registry.light.seen;
  }

  /** Goes on from what an earlier client of this network had seen. */
  resume(ledger: Seen, height: bigint): void {
    this.registry.light.resume(ledger);
    this.#saw(height);
  }

  #saw(height: bigint): void {
    if (height > this.#height) this.#height = height;
  }

  /** What the worker says of itself; not proven. */
  status(): Promise<Status> {
    return readStatus(this.http);
  }

  /** Asks the registry again for the worker and the cluster, whose keys may have changed. */
  async refresh(): Promise<void> {
    this.#known = await this.registry.know(this.worker, this.cluster);
  }

  /** A contract of this cluster, or `null` when the ledger proves to list none. */
  contract(address: Hex): Promise<ContractRecord | null> {
    return this.registry.ask({ kind: "Contract", value: [this.cluster, address] }, ContractRecord);
  }

  /** Registered code, or `null` when the ledger proves to list none. */
  code(hash: Hex): Promise<CodeRecord | null> {
    return this.registry.ask({ kind: "Code", value: hash }, CodeRecord);
  }

  /** The cluster's newest anchor, or `null` when the ledger proves to hold none. */
  anchor(): Promise<AnchorRecord | null> {
    return this.registry.ask({ kind: "Anchor", value: this.cluster }, AnchorRecord);
  }

  // Queries.

  /**
   * Runs a query as `caller`. A contract that fails is an answer; a query that was not run is an error of kind
   * `refused`.
   */
  async query(caller: Keypair, query: Query): Promise<VerifiedAnswer> {
    const minHeight = this.#height;
    const answer = await this.#ask(caller, query, minHeight).catch(async (error: unknown) => {
      // The replica forgot the session, or a frame fell out of its window. A query has no effect: ask again.
      if (!hasCode(error, "session_unknown", "replayed")) throw error;
      this.#sessions.delete(caller.account);
      return this.#ask(caller, query, minHeight);
    });
    const { result, height, anchoredHeight } = answer;
    if (result.kind === "Refused") throw new ClientError("refused", `The query was not run: ${refusalText(result.value)}`);
    const wanted = query.kind === "Call" || query.kind === "Instantiate" ? "Called" : query.kind;
    if (result.kind !== wanted) throw new Rejection("wrong_kind", "The answer is of another kind than the query");
    if (height < minHeight) {
      throw new Rejection("old", `The answer is as of height ${height}, older than height ${minHeight} already seen`);
    }
    return { result, height, anchoredHeight };
  }

  async #ask(caller: Keypair, query: Query, minHeight: bigint) {
    const session = await this.#session(caller);
    const frame = await session.seal({ query, minHeight });
    const budget = { bytes: RESPONSE_BYTES_MAX, waitMs: QUERY_TIME_MS_MAX };
    const answer = await this.http.post("v1/query", encode(SessionFrame, frame), budget);
    return session.openAnswer(frame, strict(SessionFrame, answer.body));
  }

  /** The caller's session, opened if there is none. The promise is kept, so that many queries at once open one. */
  async #session(caller: Keypair): Promise<Session> {
    const kept = this.#sessions.get(caller.account);
    const session = kept && (await kept);
    if (session && Date.now() + SESSION_MARGIN_MS < session.expiryMs) return session;
    if (kept && this.#sessions.get(caller.account) !== kept) return this.#session(caller);
    const opening = this.#openSession(caller);
    this.#sessions.set(caller.account, opening);
    opening.catch(() => this.#sessions.delete(caller.account));
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > SESSIONS_KEPT_MAX && oldest) this.#sessions.delete(oldest);
    return opening;
  }

  async #openSession(caller: Keypair): Promise<Session> {
    const open = async () => {
      const expiry = Date.now() + SESSION_TIME_MS_MAX / 2;
      const session = await Session.open(this.network, this.cluster, this.#known.worker, expiry, caller);
      await this.http.post("v1/sessions", session.opening, { bytes: DOCUMENT_BYTES_MAX });
      return session;
    };
    return open().catch((error: unknown) => this.#afterRefresh(error, open));
  }

  /** If the worker cannot open what was sealed to it, its key may be a new one. */
  async #afterRefresh<T>(error: unknown, again: () => Promise<T>): Promise<T> {
    if (!hasCode(error, "envelope_refused")) throw error;
    await this.refresh();
    return again();
  }

  // Commands.

  /** Signs a command for this client's cluster. */
  prepare(caller: Keypair, draft: CommandDraft): PreparedCommand {
    const command: Command = {
      network: this.network,
      cluster: this.cluster,
      caller: caller.publicKey,
      action: draft.action,
      value: draft.value ?? 0n,
      gasLimit: draft.gasLimit ?? COMMAND_GAS_MAX,
      nonce: new DataView(randomBytes(8).buffer).getBigUint64(0),
      expiryMs: BigInt(Date.now() + COMMAND_EXPIRY_MS_MAX / 2),
      responseKey: randomBytes(32),
    };
    const authority = caller.authorise(signingBytes("command", CommandCodec, command));
    return { id: commandId(command), responseKey: command.responseKey, signed: { command, authority } };
  }

  /** Signs a command, sends it, and waits for its receipt. */
  command(caller: Keypair, draft: CommandDraft): Promise<VerifiedReceipt> {
    return this.send(this.prepare(caller, draft));
  }

  /**
   * Sends a command and waits for its receipt. After an error of kind `no_receipt`, `timeout` or `unreachable` the
   * command may still take effect; to send it again, or to ask for its receipt, is safe.
   */
  async send(command: PreparedCommand): Promise<VerifiedReceipt> {
    const deadline = Date.now() + this.patience.receiptMs;
    let answer: Answer | null = await this.#submit(command, deadline);
    for (;;) {
      const receipt = answer && receiptAnswer(answer, command.id);
      if (receipt) return this.#open(this.#prove(command.id, receipt), command.responseKey);
      answer = await this.#poll(command.id, false, deadline);
      if (!answer) throw noReceipt(command.id, this.patience.receiptMs);
    }
  }

  async #submit(command: PreparedCommand, deadline: number): Promise<Answer | null> {
    const post = async () => {
      const sealed = await sealCommand(this.network, this.#known.cluster, command.signed);
      const waitMs = pollTime(deadline);
      return this.http.post(`v1/commands?wait_ms=${waitMs}`, sealed, { bytes: RESPONSE_BYTES_MAX, waitMs });
    };
    try {
      return await post().catch((error: unknown) => this.#afterRefresh(error, post));
    } catch (error) {
      // A command that was ordered before has its receipt: follow it like a new one.
      if (hasCode(error, "command_seen")) return null;
      throw error;
    }
  }

  /** Asks once for a receipt; `null` when the time is over. */
  async #poll(id: Hex, anchored: boolean, deadline: number): Promise<Answer | null> {
    const waitMs = pollTime(deadline);
    if (waitMs <= 0) return null;
    const began = Date.now();
    const path = `v1/receipts/${id}?wait_ms=${waitMs}&anchored=${anchored}`;
    const answer = await this.http.get(path, { bytes: RESPONSE_BYTES_MAX, waitMs });
    const pause = Math.min(POLL_PAUSE_MS, waitMs);
    if (answer.status === 202 && Date.now() - began < pause) await new Promise((done) => setTimeout(done, pause));
    return answer;
  }

  // Receipts.

  /** The receipt of any command, verified; its outcome stays sealed unless its response key is given. */
  async receipt(id: Hex, responseKey: Uint8Array): Promise<VerifiedReceipt>;
  async receipt(id: Hex): Promise<ProvenReceipt>;
  async receipt(id: Hex, responseKey?: Uint8Array): Promise<ProvenReceipt> {
    const deadline = Date.now() + this.patience.receiptMs;
    for (;;) {
      const answer = await this.#poll(id, false, deadline);
      if (!answer) throw noReceipt(id, this.patience.receiptMs);
      const receipt = receiptAnswer(answer, id);
      if (!receipt) continue;
      const proven = this.#prove(id, receipt);
      return responseKey ? this.#open(proven, responseKey) : proven;
    }
  }

  /** Waits until the ledger has anchored a receipt, and proves it. */
  async waitAnchored(receipt: Receipt): Promise<Anchored> {
    const id = receipt.command;
    const deadline = Date.now() + this.patience.anchorMs;
    for (;;) {
      const answer = await this.#poll(id, true, deadline);
      if (!answer) throw new ClientError("not_anchored", `Command ${id} was not anchored within ${this.patience.anchorMs} ms; it is final in its cluster. Ask again later`);
      const found = receiptAnswer(answer, id);
      if (!found) continue;
      if (headerDigest(found.receipt.certified.header) !== headerDigest(receipt.certified.header)) {
        throw new Rejection("changed_receipt", "The receipt is another one than before");
      }
      const { anchored } = this.#prove(id, found);
      if (anchored) return anchored;
    }
  }

  #prove(id: Hex, answer: ReceiptAnswer): ProvenReceipt {
    const { receipt, anchor } = answer;
    verifyReceipt(id, receipt, this.#known.verifier);
    const { header } = receipt.certified;
    const record = anchor && verifyAnchored(this.registry.light, this.cluster, header, anchor);
    const anchored = record && { height: record.header.position.height, ledgerHeight: record.ledgerHeight };
    const { height } = header.position;
    this.#saw(anchored && anchored.height > height ? anchored.height : height);
    return { id, height, receipt, anchored };
  }

  async #open(proven: ProvenReceipt, responseKey: Uint8Array): Promise<VerifiedReceipt> {
    const opened = await openOutcome(responseKey, proven.id, proven.receipt.sealed);
    return { ...proven, outcome: strict(Outcome, opened) };
  }

  // Code.

  /** Registers code on the ledger unless it is registered, and brings it to the cluster. */
  async uploadCode(signer: Keypair, wasm: Uint8Array): Promise<Hex> {
    if (wasm.length > CODE_BYTES_MAX) {
      throw new ClientError("input", `The code of ${wasm.length} bytes exceeds ${CODE_BYTES_MAX}; build it in release mode`);
    }
    const hash = codeHash(wasm);
    await this.#registerCode(signer, hash, wasm.length);
    const waitMs = POLL_TIME_MS_MAX;
    const answer = await this.http.post(`v1/code?code=${hash}&wait_ms=${waitMs}`, wasm.slice(), { bytes: DOCUMENT_BYTES_MAX, waitMs });
    const { code } = json(answer.body) as { code?: unknown };
    if (code !== hash) throw new Rejection("other_code", "The worker says it stored other code than was sent");
    return hash;
  }

  async #registerCode(signer: Keypair, code: Hex, bytes: number): Promise<void> {
    if (await this.code(code)) return;
    try {
      await this.#inTurn(() => this.#registerTx(signer, code, bytes));
    } catch (error) {
      // Somebody else may have registered it since.
      if (!hasCode(error, "transaction_refused") || !(await this.code(code))) throw error;
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#ledgerTurn.then(task, task);
    this.#ledgerTurn = turn.catch(() => undefined);
    return turn;
  }

  async #registerTx(signer: Keypair, code: Hex, bytes: number): Promise<void> {
    const answer = await this.http.get(`v1/nonce/${signer.account}`, { bytes: DOCUMENT_BYTES_MAX });
    const { nonce } = json(answer.body) as { nonce?: unknown };
    if (typeof nonce !== "number") throw new ClientError("malformed", "The worker's answer names no nonce");
    const tx = { network: this.network, signer: signer.publicKey, nonce: BigInt(nonce), registerCode: { code, bytes } };
    const signature = signer.signStatement(signingBytes("ledger-tx", LedgerTx, tx));
    await this.http.post("v1/ledger", encode(SignedLedgerTx, { tx, signature }), { bytes: DOCUMENT_BYTES_MAX, waitMs: POLL_TIME_MS_MAX });
  }

  /** Uploads code and makes a contract of it: `input` is the constructor's selector and arguments. */
  async deploy(
    signer: Keypair,
    wasm: Uint8Array,
    input: Uint8Array,
    options: { salt?: Uint8Array; value?: bigint } = {},
  ): Promise<{ code: Hex; contract: Hex | null; receipt: VerifiedReceipt }> {
    const code = await this.uploadCode(signer, wasm);
    const salt = options.salt ?? new Uint8Array();
    const action: Action = { kind: "Instantiate", value: { code, input, salt, compat: { kind: "Tallow", value: null }, publicEvents: false } };
    const receipt = await this.command(signer, { action, value: options.value ?? 0n });
    const { result } = receipt.outcome;
    return { code, contract: "ok" in result ? result.ok.created : null, receipt };
  }
}

async function readStatus(http: Http): Promise<Status> {
  const document = json((await http.get("v1/status", { bytes: DOCUMENT_BYTES_MAX })).body) as Status;
  const id = (value: unknown) => typeof value === "string" && parseId(value) === value;
  if (!id(document?.network) || !id(document.cluster) || !id(document.worker)) {
    throw new ClientError("malformed", "The worker's status names no network, cluster and worker; is the URL that of a worker?");
  }
  return document;
}

/** The receipt in an answer, or `null` when the command has none yet. */
function receiptAnswer(answer: Answer, id: Hex): ReceiptAnswer | null {
  if (answer.status !== 202) return strict(ReceiptAnswer, answer.body);
  const accepted = json(answer.body) as { id?: unknown };
  if (accepted.id !== id) throw new Rejection("other_command", "The worker took another command than was sent");
  return null;
}

function pollTime(deadline: number): number {
  return Math.max(0, Math.min(POLL_TIME_MS_MAX / 2, deadline - Date.now()));
}

function noReceipt(id: Hex, after: number): ClientError {
  return new ClientError("no_receipt", `No receipt of command ${id} within ${after} ms; it may still take effect. Ask for its receipt again, or send the same command again: it has its effect once`);
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof ClientError && error.code !== null && codes.includes(error.code);
}

function refusalText(refusal: Extract<QueryResult, { kind: "Refused" }>["value"]): string {
  switch (refusal.kind) {
    case "Behind": return `the replica is at height ${refusal.value.height}, below the height asked for; try again`;
    case "Busy": return "too many queries run; try again";
    case "NotPermitted": return "this account may not see it; a contract's logs are for its deployer";
    case "Gone": return `the feed is kept from ${refusal.value.oldest.height}-${refusal.value.oldest.index} on`;
    case "Stale": return "the replica is older than the newest anchor; try another worker";
  }
}

/** A digest as text, for whoever shows receipts. */
export function digestOf(receipt: Receipt): Hex {
  return headerDigest(receipt.certified.header);
}

