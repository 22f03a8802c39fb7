/** SCALE, hashes and keys by published values. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { accountOfAddress, fromHex, type Hex, Keypair, toHex } from "../src/index.ts";
import { blake2b256, networkId } from "../src/hash.ts";
import { verifyWorker } from "../src/keys.ts";
import { bytes, decodeExact, encode, option, Reader, text, u128, u32, vec, Writer } from "../src/scale.ts";
import { CallError, Header, Query, QueryResult } from "../src/types.ts";

describe("SCALE", () => {
  test.each<[bigint, string]>([
    [0n, "0x00"], [1n, "0x04"], [63n, "0xfc"], [64n, "0x0101"], [16383n, "0xfdff"], [16384n, "0x02000100"],
    [(1n << 30n) - 1n, "0xfeffffff"], [1n << 30n, "0x0300000040"], [(1n << 64n) - 1n, "0x13ffffffffffffffff"],
  ])("compact %s", (value, hex) => {
    const writer = new Writer();
    writer.compact(value);
    expect(toHex(writer.done())).toBe(hex);
    expect(new Reader(fromHex(hex) as Uint8Array).compact()).toBe(value);
  });

  test.each(["0x0100", "0x02000000", "0x0300000000", "0x070000000000", "0xff", "0x01", ""])("%s is no compact number", (hex) => {
    expect(() => new Reader(fromHex(hex) as Uint8Array).compact()).toThrow();
  });

  test("values come back, and nothing else is taken", () => {
    expect(decodeExact(text, encode(text, "grüße"))).toBe("grüße");
    expect(decodeExact(vec(option(u32)), encode(vec(option(u32)), [1, null]))).toEqual([1, null]);
    expect(decodeExact(u128, encode(u128, (1n << 128n) - 1n))).toBe((1n << 128n) - 1n);
    expect(() => encode(u128, 1n << 128n)).toThrow();
    expect(() => decodeExact(u32, Uint8Array.of(1, 0, 0, 0, 0))).toThrow("left over");
    expect(() => decodeExact(text, Uint8Array.of(4, 0xff))).toThrow("UTF-8");
    expect(() => decodeExact(option(u32), Uint8Array.of(2))).toThrow("not a bool");
    expect(() => decodeExact(CallError, Uint8Array.of(200))).toThrow("no such variant");
    // A length that claims more than there is must not be believed before memory is taken for it.
    expect(() => decodeExact(bytes, fromHex("0x03ffffffff") as Uint8Array)).toThrow("exceeds the data");
    expect(() => decodeExact(vec(Header), fromHex("0xfeffffff00") as Uint8Array)).toThrow();
  });
});

describe("the wire", () => {
  const wire = JSON.parse(readFileSync(new URL("../../../docs/vectors/wire.json", import.meta.url), "utf8"));
  const vector = (text: string) => fromHex(text) as Uint8Array;

  test("timers", () => {
    const query = decodeExact(Query, vector(wire.timers.query));
    expect(query.kind).toBe("Timers");
    expect(toHex(encode(Query, query))).toBe(wire.timers.query);
    const result = decodeExact(QueryResult, vector(wire.timers.result));
    expect(toHex(encode(QueryResult, result))).toBe(wire.timers.result);
    if (result.kind !== "Timers") throw new Error(result.kind);
    const [cron, every, once] = result.value.timers;
    expect(cron?.timer.schedule).toEqual({ kind: "Cron", value: "0 9 * * MON-FRI" });
    expect(cron?.last?.result).toEqual({ err: { kind: "OutOfGas", value: null } });
    expect(every?.timer.schedule).toEqual({ kind: "Every", value: { firstMs: 7n, periodMs: 60_000n } });
    expect(every?.waiting).toBe(`0x${"15".repeat(32)}`);
    expect(once?.last).toBeNull();
  });
});

describe("keys", () => {
  test("development accounts are those of Substrate", () => {
    expect(Keypair.fromUri("//Alice").account).toBe("0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
    expect(Keypair.fromUri("//Bob").account).toBe("0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48");
    const seed = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
    expect(Keypair.fromUri(seed).account).toBe(Keypair.fromUri("//Alice").account);
    expect(accountOfAddress("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY")).toBe(Keypair.fromUri("//Alice").account);
    expect(accountOfAddress("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ")).toBeNull();
  });

  test.each(["", "Alice", "/Alice", "//Alice/soft", "//Alice///password", "//", "0x00", "//Alice//", "bottom drive obey"])(
    "%s names no key, and the error says what would",
    (uri) => expect(() => Keypair.fromUri(uri)).toThrow(/Expected|seed|junction|supported/),
  );

  test("ed25519 is that of RFC 8032, and small-order keys sign nothing", () => {
    const key = Keypair.ed25519(fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60") as Uint8Array);
    expect(key.account).toBe("0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const message = new Uint8Array();
    expect(verifyWorker(key.account, message, key.sign(message))).toBe(true);
    expect(verifyWorker(key.account, Uint8Array.of(1), key.sign(message))).toBe(false);
    expect(verifyWorker(`0x01${"00".repeat(31)}`, message, new Uint8Array(64).fill(1, 0, 1))).toBe(false);
  });

  test("hashes", () => {
    expect(toHex(blake2b256(new Uint8Array()))).toBe("0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    const none: Hex = `0x${"00".repeat(32)}`;
    const ledger = {
      txFee: 0n, byteFee: 0n, feesTo: none, workerDeposit: 0n, clusterDeposit: 0n, codeDeposit: 0n, balanceMin: 0n,
      fundedMin: 0n, unfundedTxMs: 0n, unfundedBurst: 0, leaseMs: 0n,
    };
    const genesis = { groupKey: new Uint8Array(96), timeMs: 0n, keyholder: none, policy: none, ledger } as const;
    expect(networkId({ ...genesis, validators: [], balances: [] })).toMatch(/^0x[0-9a-f]{64}$/);
    expect(networkId({ ...genesis, validators: [], balances: [] })).not.toBe(networkId({ ...genesis, validators: [], balances: [], timeMs: 1n }));
  });
});
