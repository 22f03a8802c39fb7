/** The parts that draw nothing. */

import { readFileSync } from "node:fs";
import { type Client, ClientError, type Hex, Keypair, parseBundle, Rejection } from "@tallow/client";
import { describe, expect, test } from "vitest";
import { Accounts, acting, developmentUris } from "../src/model/accounts.ts";
import { amount, argumentText, fieldKind } from "../src/model/arguments.ts";
import { judgeBlock } from "../src/model/block.ts";
import { failurePhase } from "../src/model/connection.ts";
import { ownFirst } from "../src/model/contracts.ts";
import { blockRow, eventRow, merge, receiptRow, ROWS_MAX } from "../src/model/feed.ts";
import { ago, clock, count, short, size } from "../src/model/format.ts";
import { Memory } from "../src/model/memory.ts";
import { trouble } from "../src/model/problem.ts";
import { href, parseRoute, type Route } from "../src/model/route.ts";
import { duration, firingText, scheduleText, timerMessage, timerName } from "../src/model/timers.ts";

const ID: Hex = `0x${"ab".repeat(32)}`;
const OTHER: Hex = `0x${"cd".repeat(32)}`;
const vectors = JSON.parse(readFileSync(new URL("../../docs/vectors/wire.json", import.meta.url), "utf8"));
const bundle = readFileSync(new URL("../../contracts/bundles/flipper.contract", import.meta.url));

describe("addresses of pages", () => {
  test.each<[string, Route]>([
    ["", { page: "overview" }], ["#/", { page: "overview" }], ["#/blocks", { page: "blocks" }],
    ["#/blocks/12", { page: "block", height: 12 }], [`#/receipts/${ID}`, { page: "receipt", id: ID }],
    [`#/contracts/${ID}`, { page: "contract", address: ID }], ["#/deploy/", { page: "deploy" }],
  ])("%s", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    if (route.page !== "missing") expect(parseRoute(href(route))).toEqual(route);
  });

  test.each(["#/nothing", "#/blocks/x", "#/blocks/1/2", "#/receipts/0x12", "#/blocks/-1", "#/deploy/1"])("%s is none", (hash) => {
    expect(parseRoute(hash).page).toBe("missing");
  });
});

describe("rows of the feed", () => {
  const block = { height: 3, time_ms: 1000, digest: ID, entries: 1, receipts: 2, leader: OTHER };

  test("what the worker says becomes rows", () => {
    expect(blockRow(block)).toEqual({ height: 3, timeMs: 1000, digest: ID, entries: 1, receipts: 2 });
    expect(receiptRow({ id: ID, height: 3, time_ms: 5, bytes: 49 })).toEqual({ id: ID, height: 3, timeMs: 5, bytes: 49 });
    const event = { position: "3-2", time_ms: 5, command: ID, contract: OTHER, topics: [ID], data: "00ff" };
    expect(eventRow(event)).toEqual({ position: "3-2", timeMs: 5, command: ID, contract: OTHER, topics: [ID], data: "0x00ff" });
  });

  test.each([null, 7, {}, { ...block, height: -1 }, { ...block, height: "3" }, { ...block, digest: "0x12" }, { ...block, time_ms: 0.5 }])(
    "%o is no block", (document) => expect(blockRow(document)).toBeNull(),
  );

  test("an event with a bad topic or odd data is none", () => {
    const event = { position: "3-2", time_ms: 5, command: ID, contract: OTHER, topics: [ID], data: "0x" };
    expect(eventRow(event)).not.toBeNull();
    expect(eventRow({ ...event, topics: ["x"] })).toBeNull();
    expect(eventRow({ ...event, topics: undefined })).toBeNull();
    expect(eventRow({ ...event, data: "0x123" })).toBeNull();
  });

  test("lists have the newest first, each row once, and a bound", () => {
    const rows = merge([3, 1], [2, 3, 4], (row) => row, (row) => row);
    expect(rows).toEqual([4, 3, 2, 1]);
    const many = Array.from({ length: 3 * ROWS_MAX }, (_, at) => at);
    const kept = merge([], many, (row) => row, (row) => row);
    expect(kept).toHaveLength(ROWS_MAX);
    expect(kept[0]).toBe(3 * ROWS_MAX - 1);
  });
});

describe("arguments", () => {
  test("fields by type", () => {
    const kinds = ["bool", "str", "u128", "i8", "u256", "AccountId", "Vec<u8>", "u7"].map((typeName) => fieldKind({ typeName }));
    expect(kinds).toEqual(["flag", "text", "number", "number", "number", "account", "value", "value"]);
  });

  test("text is taken as it is typed, all else is the text form", () => {
    expect(argumentText({ typeName: "str" }, 'a "b"\n')).toBe('"a \\"b\\"\\n"');
    expect(argumentText({ typeName: "u32" }, " 7 ")).toBe("7");
  });

  test("amounts", () => {
    expect(amount("1 000_000")).toBe(1_000_000n);
    expect(amount(String((1n << 128n) - 1n))).toBe((1n << 128n) - 1n);
    for (const text of ["", "-1", "1.5", "x", String(1n << 128n)]) expect(amount(text)).toBeNull();
  });
});

describe("accounts", () => {
  const LINES = ["attestation is simulated: it protects nothing", "funded accounts whose keys everybody knows: //Alice //Bob"];

  test("those of a development network, and no others", () => {
    expect(developmentUris(LINES)).toEqual(["//Alice", "//Bob"]);
    expect(developmentUris(["see http://example.org//x"])).toEqual([]);
    expect(developmentUris([])).toEqual([]);
  });

  test("one acts; a forgotten one does not", () => {
    const accounts = new Accounts();
    accounts.addDevelopment(LINES);
    accounts.addDevelopment(LINES);
    expect(accounts.store.get().accounts).toHaveLength(2);
    expect(acting(accounts.store.get())?.name).toBe("//Alice");
    const id = accounts.add(" //Alice//stash ", " Stash ");
    expect(acting(accounts.store.get())).toMatchObject({ name: "Stash", development: false });
    expect(id).toBe(Keypair.fromUri("//Alice//stash").account);
    accounts.remove(id);
    expect(acting(accounts.store.get())?.name).toBe("//Alice");
  });

  test("what is no secret URI is refused and changes nothing", () => {
    const accounts = new Accounts();
    expect(() => accounts.add("0x12", "x")).toThrow(ClientError);
    expect(accounts.store.get().accounts).toEqual([]);
  });
});

describe("memory", () => {
  const keeper = () => {
    const map = new Map<string, string>();
    return { map, getItem: (key: string) => map.get(key) ?? null, setItem: (key: string, value: string) => void map.set(key, value), removeItem: (key: string) => void map.delete(key) };
  };

  test("metadata outlives the page, its code does not", () => {
    const kept = keeper();
    const { codeHash } = parseBundle(bundle);
    if (!codeHash) throw new Error("the bundle has no hash");
    new Memory(kept).setMetadata(codeHash, bundle.toString());
    expect([...kept.map.values()].join("").length).toBeLessThan(bundle.length);
    expect(new Memory(kept).metadata(codeHash)?.messages.map((message) => message.label)).toEqual(["flip", "get"]);
    expect(new Memory(kept).metadata(ID)).toBeNull();
  });

  test("contracts of one network, the newest first, each once", () => {
    const memory = new Memory(keeper());
    memory.addContract(ID, { address: ID, code: OTHER });
    memory.addContract(ID, { address: OTHER, code: OTHER });
    memory.addContract(ID, { address: ID, code: OTHER });
    expect(memory.contracts(ID).map(({ address }) => address)).toEqual([ID, OTHER]);
    expect(memory.contracts(OTHER)).toEqual([]);
  });

  test("what somebody else wrote into the storage breaks nothing", () => {
    const kept = keeper();
    kept.map.set(`tallow.contracts.${ID}`, '[{"address":"x"},null,7]').set("tallow.network", "x").set(`tallow.metadata.${ID}`, "{");
    const memory = new Memory(kept);
    expect(memory.contracts(ID)).toEqual([]);
    expect(memory.network).toBeNull();
    expect(memory.metadata(ID)).toBeNull();
  });

  test("a closed or full storage does not matter while the page is open", () => {
    const closed = { getItem: () => { throw new Error("closed"); }, setItem: () => { throw new Error("full"); }, removeItem: () => undefined };
    for (const keeperOrNone of [closed, null]) {
      const memory = new Memory(keeperOrNone);
      memory.network = ID;
      expect(memory.network).toBe(ID);
    }
  });
});

test("blocks are believed with their certificate alone", () => {
  const { header_digest: digest } = vectors.receipt;
  const refusing = { known: { verifier: { verify: () => { throw new Rejection("not_final", "no"); } } } } as unknown as Client;
  const document = { height: 1, time_ms: 0, digest, entries: 0, receipts: 1, certified: "0x00" };
  expect(() => judgeBlock(document, 1, refusing)).toThrow(Rejection);
  expect(() => judgeBlock({}, 1, refusing)).toThrow(Rejection);
});

test("contracts of this browser come first", () => {
  const rows = [ID, OTHER].map((address) => ({ address, code: ID, deployer: null, own: false }));
  expect(ownFirst(rows, [OTHER]).map(({ address, own }) => [address, own])).toEqual([[OTHER, true], [ID, false]]);
});

test("a failure is of the connection, the network, or the worker", () => {
  const some = { client: {} as Client };
  expect(failurePhase(new ClientError("unreachable", "gone"), some)).toBe("lost");
  expect(failurePhase(new ClientError("unreachable", "gone"), { client: null })).toBe("connecting");
  expect(failurePhase(new Rejection("wrong_network", "other"), some)).toBe("changed");
  expect(failurePhase(new Rejection("attestation", "bad"), some)).toBe("refused");
});

test("every error says what to do", () => {
  for (const error of [new ClientError("timeout", "slow"), new Rejection("stale", "old"), new TypeError("x"), "text"]) {
    expect(trouble(error).text).not.toBe("");
    expect(trouble(error).next).toMatch(/\.$/);
  }
});

test("numbers, times and ids", () => {
  expect(count(1_234_567n)).toBe("1\u202f234\u202f567");
  expect(count(12)).toBe("12");
  expect(short(ID)).toBe("0xababab…ababab");
  expect(size(999)).toBe("999 B");
  expect(size(43_312_000_000)).toBe("43.3 GB");
  expect(clock(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe("03:04:05.006");
  expect([500, 5_000, 65_000, 3_700_000].map((past) => ago(0, past))).toEqual(["now", "5 s ago", "1 min ago", "1 h ago"]);
});

describe("timers", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("ids are text where they are, and bytes where they are not", () => {
    expect(timerName(bytes("beat"))).toBe("beat");
    expect(timerName(Uint8Array.of(0xff, 0))).toBe("0xff00");
    expect(timerName(bytes("a\u001b[2J"))).toBe("0x611b5b324a");
    expect(timerName(new Uint8Array())).toBe("0x");
  });

  test("schedules are in the unit that fits", () => {
    expect([0n, 1n, 1_000n, 90_000n, 3_600_000n, 172_800_000n].map(duration)).toEqual(["0 ms", "1 ms", "1 s", "90 s", "1 h", "2 d"]);
    expect(scheduleText({ kind: "Once", value: { atMs: 5n } })).toBe("once");
    expect(scheduleText({ kind: "Every", value: { firstMs: 5n, periodMs: 60_000n } })).toBe("every 1 min");
    expect(scheduleText({ kind: "Cron", value: "0 0 * * *" })).toBe("cron 0 0 * * *");
  });

  test("what is called is named by the metadata", () => {
    const { metadata } = parseBundle(new Uint8Array(bundle));
    const flip = metadata?.messages.find((message) => message.label === "flip");
    const schedule = { kind: "Once", value: { atMs: 5n } } as const;
    const timer = { id: bytes("a"), schedule, input: flip?.selector ?? new Uint8Array(), gasLimit: 1n, catchUp: 0 };
    const status = { timer, dueMs: 5n, waiting: null, last: null, suspended: false };
    expect(timerMessage(status, metadata ?? null)).toBe("flip");
    expect(timerMessage(status, null)).toMatch(/^0x[0-9a-f]{8}$/);
  });

  test("a firing ends well, refused or failed", () => {
    const firing = { command: ID, dueMs: 1n, endedMs: 2n, height: 3n, gasUsed: 4n };
    expect(firingText({ ...firing, result: { ok: 0 } })).toBe("done");
    expect(firingText({ ...firing, result: { ok: 1 } })).toBe("refused by the contract");
    expect(firingText({ ...firing, result: { err: { kind: "OutOfGas", value: null } } })).toBe("failed: OutOfGas");
  });
});
