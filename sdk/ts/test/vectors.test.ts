/** The wire, by the vectors that the Rust client makes (`docs/vectors`). */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../src/index.ts";
import { labelBytes, labelledHash, networkId, signingBytes } from "../src/hash.ts";
import { type Codec, decodeExact, encode } from "../src/scale.ts";
import { openOutcome } from "../src/seal.ts";
import { verifyCluster } from "../src/membership.ts";
import {
  CallerSignature, ClusterRecord, Command, Delegation, Genesis, LedgerTx, Outcome, PublicKey, Receipt, SessionTerms,
  SignedCommand,
} from "../src/types.ts";

const vectors = JSON.parse(readFileSync(new URL("../../../docs/vectors/wire.json", import.meta.url), "utf8"));
const bytes = (hex: string) => fromHex(hex) as Uint8Array;

/** Decodes, and gives what it encodes to. */
function again<T>(codec: Codec<T>, hex: string): string {
  return toHex(encode(codec, decodeExact(codec, bytes(hex))));
}

test("keys of all schemes", () => {
  for (const { encoded, scheme } of vectors.keys) {
    expect(again(PublicKey, encoded)).toBe(encoded);
    expect(decodeExact(PublicKey, bytes(encoded)).kind.toLowerCase()).toBe(scheme);
  }
});

describe("statements", () => {
  const labels = { command: Command, "session-terms": SessionTerms, "ledger-tx": LedgerTx, delegation: Delegation } as const;
  for (const statement of vectors.statements) {
    test(statement.name, () => {
      const label = (Object.keys(labels) as (keyof typeof labels)[]).find((one) => statement.label === new TextDecoder().decode(labelBytes(one)));
      if (!label) throw new Error(`no label ${statement.label}`);
      // Of ledger transactions the client knows one.
      const codec = labels[label] as Codec<unknown>;
      expect(again(codec, statement.encoded)).toBe(statement.encoded);
      expect(toHex(labelledHash(label, bytes(statement.encoded)))).toBe(statement.digest);
      expect(toHex(signingBytes(label, codec, decodeExact(codec, bytes(statement.encoded))))).toBe(statement.raw);
      for (const [scheme, signature] of Object.entries(statement.signatures as Record<string, string>)) {
        expect(again(CallerSignature, signature)).toBe(signature);
        expect(decodeExact(CallerSignature, bytes(signature)).scheme.kind).toBe(scheme);
      }
    });
  }
});

test("a signed command", () => {
  const { signed_command: signed } = vectors.envelope;
  expect(again(SignedCommand, signed)).toBe(signed);
});

test("a receipt and its outcome", async () => {
  const { receipt, outcome, response_key: key, command_id: id, genesis, network } = vectors.receipt;
  expect(again(Receipt, receipt)).toBe(receipt);
  expect(again(Outcome, outcome)).toBe(outcome);
  expect(toHex(await openOutcome(bytes(key), id, decodeExact(Receipt, bytes(receipt)).sealed))).toBe(outcome);
  expect(networkId(decodeExact(Genesis, bytes(genesis)))).toBe(network);
});

test("a cluster's record is believed with the word of all who vouch", () => {
  const { cluster_record: encoded, genesis: encodedGenesis } = vectors.receipt;
  const { keyholder, ...rest } = decodeExact(Genesis, bytes(encodedGenesis));
  const network = networkId({ keyholder, ...rest });
  const record = decodeExact(ClusterRecord, bytes(encoded));
  expect(again(ClusterRecord, encoded)).toBe(encoded);
  verifyCluster(network, keyholder, record);
  const other = bytes(`0x${"09".repeat(32)}`);
  const [consent] = record.consents;
  for (const forged of [
    { ...record, epochKey: other },
    { ...record, epoch: record.epoch + 1n },
    { ...record, nonce: record.nonce + 1n },
    { ...record, owner: toHex(other) },
    { ...record, consents: [] },
    { ...record, members: [keyholder] },
    { ...record, vouch: consent ?? record.vouch },
  ]) {
    expect(() => verifyCluster(network, keyholder, forged)).toThrow("Nobody vouches");
  }
  expect(() => verifyCluster(network, toHex(other), record)).toThrow("Nobody vouches");
});
