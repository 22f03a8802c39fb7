/** The client against a real worker: what is true is believed, and what was altered is not. */

import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Bundle, Client, ClientError, formatValue, type Hex, Keypair, type Metadata, parseBundle, Rejection, toHex,
} from "../src/index.ts";
import { decodeExact, encode } from "../src/scale.ts";
import { Genesis, ProvenRecord, ReceiptAnswer, SessionFrame } from "../src/types.ts";
import { bundleFile, type DevWorker, startWorker } from "./worker.ts";

let worker: DevWorker;
let client: Client;
let flipper: Bundle;
let metadata: Metadata;
let contract: Hex;
const alice = Keypair.fromUri("//Alice");

beforeAll(async () => {
  worker = await startWorker();
  client = await Client.connect(worker.url, { network: worker.network });
  flipper = parseBundle(await bundleFile("flipper"));
  if (!flipper.metadata || !flipper.wasm) throw new Error("the bundle is incomplete");
  metadata = flipper.metadata;
  const deployed = await client.deploy(alice, flipper.wasm, metadata.encodeInput(metadata.constructorOf("new"), ["false"]));
  if (!deployed.contract) throw new Error("no contract was made");
  contract = deployed.contract;
});

afterAll(() => worker?.stop());

async function get(from = client): Promise<string> {
  const message = metadata.message("get");
  const input = metadata.encodeInput(message, []);
  const { result } = await from.query(alice, {
    kind: "Call", value: { contract, input, value: 0n, gasLimit: 0n, estimate: false },
  });
  if (result.kind !== "Called" || !("ok" in result.value.result)) throw new Error("the query failed");
  return formatValue(metadata.decodeReturn(message, result.value.result.ok.data));
}

function flip(from = client) {
  const input = metadata.encodeInput(metadata.message("flip"), []);
  return from.command(alice, { action: { kind: "Call", value: { contract, input } } });
}

describe("what is true", () => {
  test("accounts are those the worker announces", () => {
    for (const { uri, account } of worker.accounts) expect(Keypair.fromUri(uri).account).toBe(account);
    expect(worker.accounts.length).toBeGreaterThan(1);
  });

  test("the network, its registry and the simulated attestation", async () => {
    expect(client.network).toBe(worker.network);
    expect(client.identity).toMatchObject({ kind: "sim", simulated: true });
    const status = await client.status();
    expect(status.worker).toBe(client.worker);
    expect(status.cluster).toBe(client.cluster);
    expect(client.known.quorum).toBe(1);
    expect(await client.code(flipper.codeHash as Hex)).toEqual({ bytes: flipper.wasm?.length });
    expect(await client.code(`0x${"77".repeat(32)}`)).toBeNull();
    expect(await client.contract(`0x${"00".repeat(32)}`)).toBeNull();
  });

  test("a command has a verified receipt, and a query reads what it wrote", async () => {
    const before = await get();
    const receipt = await flip();
    expect(receipt.outcome.result).toHaveProperty("ok");
    expect(client.height).toBe(receipt.height);
    expect(await get()).toBe(before === "true" ? "false" : "true");
    const message = metadata.message("flip");
    if (!("ok" in receipt.outcome.result)) throw new Error("flip failed");
    expect(formatValue(metadata.decodeReturn(message, receipt.outcome.result.ok.data))).toBe("()");
  });

  test("a receipt is anchored, the contract listed by the ledger, and both are proven", async () => {
    const receipt = await flip();
    const anchored = await client.waitAnchored(receipt.receipt);
    expect(anchored.height).toBeGreaterThanOrEqual(receipt.height);
    expect(await client.contract(contract)).toEqual({ cluster: client.cluster, code: flipper.codeHash, deployer: alice.account });
    expect((await client.anchor())?.header.position.height).toBeGreaterThanOrEqual(anchored.height);
    // A command below the anchored one is linked to it through the state's history.
    const again = await client.receipt(receipt.id);
    expect(again.anchored).not.toBeNull();
  });

  test("a receipt opens with the response key of its command, and with no other", async () => {
    const input = metadata.encodeInput(metadata.message("flip"), []);
    const prepared = client.prepare(alice, { action: { kind: "Call", value: { contract, input } } });
    await client.send(prepared);
    const opened = await client.receipt(prepared.id, prepared.responseKey);
    expect(opened.outcome.result).toHaveProperty("ok");
    await expect(client.receipt(prepared.id, new Uint8Array(32))).rejects.toMatchObject({ reason: "outcome" });
  });

  test("the same command sent twice has one effect and the same receipt", async () => {
    const before = await get();
    const input = metadata.encodeInput(metadata.message("flip"), []);
    const prepared = client.prepare(alice, { action: { kind: "Call", value: { contract, input } } });
    const [first, second] = [await client.send(prepared), await client.send(prepared)];
    expect(toHex(second.receipt.sealed)).toBe(toHex(first.receipt.sealed));
    expect(await get()).not.toBe(before);
  });

  test("balances and logs are sealed queries; logs are for the deployer", async () => {
    const balance = await client.query(alice, { kind: "Balance", value: alice.account });
    expect(balance.result).toMatchObject({ kind: "Balance" });
    expect(balance.result.value as bigint).toBeGreaterThan(0n);
    const logs = { kind: "Logs", value: { contract, from: 0n, limit: 10 } } as const;
    expect((await client.query(alice, logs)).result.kind).toBe("Logs");
    const error = await client.query(Keypair.generate(), logs).catch((e: unknown) => e);
    expect(error).toMatchObject({ kind: "refused" });
  });

  test("many queries at once share a session", async () => {
    const fresh = await Client.connect(worker.url);
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(fresh)));
    expect(new Set(answers).size).toBe(1);
  });

  test("ed25519 callers are served too", async () => {
    const bob = Keypair.ed25519(new Uint8Array(32).fill(7));
    const balance = await client.query(bob, { kind: "Balance", value: bob.account });
    expect(balance.result).toEqual({ kind: "Balance", value: 0n });
  });

  test("a trap and a missing contract are answers, not failures of the client", async () => {
    const input = Uint8Array.of(1, 2, 3, 4);
    const nobody = await client.command(alice, { action: { kind: "Call", value: { contract: `0x${"11".repeat(32)}`, input } } });
    expect(nobody.outcome.result).toEqual({ err: { kind: "ContractNotFound", value: null } });
    const unknown = await client.command(alice, { action: { kind: "Call", value: { contract, input } } });
    expect(unknown.outcome.result).not.toEqual({ ok: expect.objectContaining({ flags: 0 }) });
  });

  test("another client goes on from what an earlier one has seen", async () => {
    const next = await Client.connect(worker.url, { network: worker.network });
    next.resume(client.seen, client.height);
    expect(await get(next)).toMatch(/true|false/);
    next.resume({ epoch: 0n, height: 1n << 40n }, 0n);
    await expect(next.anchor()).rejects.toMatchObject({ reason: "stale" });
  });
});

/** Stands between client and worker, and alters answers. */
class Liar {
  private server: Server | null = null;
  constructor(private readonly alter: (path: string, body: Uint8Array) => Uint8Array) {}

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const body = chunks.length ? Buffer.concat(chunks) : null;
        const answer = await fetch(worker.url + (request.url ?? "/"), {
          method: request.method ?? "GET",
          ...(body ? { body } : {}),
        });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
        response.end(answer.ok ? this.alter(request.url ?? "/", bytes) : bytes);
      });
    });
    await new Promise<void>((done) => this.server?.listen(0, "127.0.0.1", done));
    const address = this.server.address();
    return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
  }

  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}

async function through<T>(alter: (path: string, body: Uint8Array) => Uint8Array, use: (url: string) => Promise<T>): Promise<T> {
  const liar = new Liar(alter);
  const url = await liar.start();
  try {
    return await use(url);
  } finally {
    liar.stop();
  }
}

function reasonOf(use: (url: string) => Promise<unknown>, alter: (path: string, body: Uint8Array) => Uint8Array): Promise<string> {
  return through(alter, use).then(
    () => "believed",
    (error: unknown) => (error instanceof Rejection ? error.reason : String(error)),
  );
}

/** Alters the decoded receipt in answers about commands. */
function receipts(change: (answer: ReceiptAnswer) => void) {
  return (path: string, body: Uint8Array) => {
    if (!/^\/v1\/(commands|receipts)/.test(path)) return body;
    const answer = decodeExact(ReceiptAnswer, body);
    change(answer);
    return encode(ReceiptAnswer, answer);
  };
}

/** Alters the decoded record in answers about the registry. */
function records(change: (record: ProvenRecord) => void) {
  return (path: string, body: Uint8Array) => {
    if (!path.startsWith("/v1/registry/")) return body;
    const record = decodeExact(ProvenRecord, body);
    change(record);
    return encode(ProvenRecord, record);
  };
}

const flipBit = (bytes: Uint8Array, at = bytes.length - 1) => {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
};
const other: Hex = `0x${"ab".repeat(32)}`;

describe("what was altered is refused", () => {
  const connect = (url: string) => Client.connect(url, { network: worker.network });
  const command = async (url: string) => flip(await connect(url));

  test("an honest go-between is believed", async () => {
    expect(await reasonOf(command, (_, body) => body)).toBe("believed");
  });

  test("another network", async () => {
    await expect(Client.connect(worker.url, { network: other })).rejects.toMatchObject({ reason: "wrong_network" });
    const altered = (path: string, body: Uint8Array) => {
      if (path !== "/v1/genesis") return body;
      const genesis = decodeExact(Genesis, body);
      return encode(Genesis, { ...genesis, timeMs: genesis.timeMs + 1n });
    };
    expect(await reasonOf(connect, altered)).toBe("wrong_network");
  });

  test("another policy of attestation", async () => {
    const error = await Client.connect(worker.url, { policies: [] }).catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: "unknown_policy" });
  });

  test.each<[string, string, (path: string, body: Uint8Array) => Uint8Array]>([
    ["value", "wrong_value", records((record) => { if (record.value) flipBit(record.value); })],
    ["proof", "not_proven", records((record) => flipBit(record.proof))],
    ["absence", "wrong_value", records((record) => { record.value = null; })],
    ["key", "wrong_key", records((record) => { record.key = { kind: "Worker", value: other }; })],
    ["state", "not_proven", records((record) => { record.certified.header.commitments.state = other; })],
    ["header", "not_final", records((record) => { record.certified.header.position.timeMs += 1n; })],
    ["chain", "wrong_network", records((record) => { record.certified.header.chain = other; })],
    ["signature", "not_final", records((record) => flipBit(record.certified.certificate))],
    ["bytes", "malformed", (path, body) => (path.startsWith("/v1/registry/") ? body.subarray(0, body.length - 1) : body)],
  ])("a registry record's %s", async (_, reason, alter) => {
    expect(await reasonOf(connect, alter)).toBe(reason);
  });

  test.each<[string, string, (path: string, body: Uint8Array) => Uint8Array]>([
    ["command", "wrong_command", receipts(({ receipt }) => { receipt.command = other; })],
    ["outcome", "not_in_block", receipts(({ receipt }) => flipBit(receipt.sealed))],
    ["path", "not_in_block", receipts(({ receipt }) => { receipt.path.push({ sibling: other, left: true }); })],
    ["results root", "not_in_block", receipts(({ receipt }) => { receipt.certified.header.commitments.results = other; })],
    ["header", "not_final", receipts(({ receipt }) => { receipt.certified.header.position.timeMs += 1n; })],
    ["chain", "not_final", receipts(({ receipt }) => { receipt.certified.header.chain = other; })],
    ["epoch", "not_final", receipts(({ receipt }) => { receipt.certified.header.epoch += 1n; })],
    ["signature", "not_final", receipts(({ receipt }) => flipBit(receipt.certified.certificate))],
    ["signers", "not_final", receipts(({ receipt }) => flipBit(receipt.certified.certificate, receipt.certified.certificate.length - 66))],
    ["length", "not_final", receipts(({ receipt }) => { receipt.certified.certificate = receipt.certified.certificate.slice(0, -1); })],
    ["descendants", "not_final", receipts(({ receipt }) => { receipt.certified.descendants.push(receipt.certified.header); })],
  ])("a receipt's %s", async (_, reason, alter) => {
    expect(await reasonOf(command, alter)).toBe(reason);
  });

  test.each<[string, (answer: ReceiptAnswer) => void]>([
    ["record", ({ anchor }) => { if (anchor) anchor.record.certified.header.position.timeMs += 1n; }],
    ["history", ({ anchor }) => { if (anchor) anchor.history = null; }],
  ])("an anchor's %s", async (name, change) => {
    const first = await flip();
    await flip();
    const last = await flip();
    await client.waitAnchored(last.receipt);
    const ask = async (url: string) => (await connect(url)).receipt(first.id);
    const reason = await reasonOf(ask, receipts(change));
    expect(reason).toBe(name === "record" ? "not_final" : "anchor");
  });

  test("an answer to a query", async () => {
    const ask = async (url: string) => get(await connect(url));
    const frames = (change: (frame: { session: Hex; number: bigint; ciphertext: Uint8Array }) => void) =>
      (path: string, body: Uint8Array) => {
        if (path !== "/v1/query") return body;
        const frame = decodeExact(SessionFrame, body);
        change(frame);
        return encode(SessionFrame, frame);
      };
    expect(await reasonOf(ask, (_, body) => body)).toBe("believed");
    expect(await reasonOf(ask, frames(({ ciphertext }) => flipBit(ciphertext)))).toBe("answer");
    expect(await reasonOf(ask, frames(({ ciphertext }) => flipBit(ciphertext, 0)))).toBe("answer");
    expect(await reasonOf(ask, frames((frame) => { frame.session = other; }))).toBe("answer");
    expect(await reasonOf(ask, frames((frame) => { frame.number += 1n; }))).toBe("answer");
  });

  test("the answer to another query of the session", async () => {
    const kept: Uint8Array[] = [];
    const replay = (path: string, body: Uint8Array) => {
      if (path !== "/v1/query") return body;
      kept.push(body);
      return kept[0] as Uint8Array;
    };
    const twice = async (url: string) => {
      const one = await connect(url);
      await get(one);
      await get(one);
    };
    expect(await reasonOf(twice, replay)).toBe("answer");
  });
});

describe("errors say what to do", () => {
  test("no worker, no URL, not a worker", async () => {
    await expect(Client.connect("http://127.0.0.1:1")).rejects.toMatchObject({ kind: "unreachable" });
    await expect(Client.connect("nonsense")).rejects.toMatchObject({ kind: "url" });
    await expect(Client.connect("ftp://127.0.0.1")).rejects.toMatchObject({ kind: "url" });
    await expect(Client.connect(`${worker.url}/nowhere`)).rejects.toBeInstanceOf(ClientError);
  });

  test("a command that is too large, a receipt that nobody knows", async () => {
    const input = new Uint8Array(300_000);
    await expect(client.command(alice, { action: { kind: "Call", value: { contract, input } } })).rejects.toMatchObject({ kind: "input" });
    const impatient = await Client.connect(worker.url, { receiptMs: 50 });
    await expect(impatient.receipt(other)).rejects.toMatchObject({ kind: "api", code: "not_found" });
  });
});
