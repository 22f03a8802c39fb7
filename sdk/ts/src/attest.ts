/** The judge of attestation evidence (`crates/attest`). This version knows simulated evidence alone. */

import { type Hex, toHex, utf8 } from "./bytes.ts";
import { Rejection } from "./errors.ts";
import { labelledHash, raw } from "./hash.ts";
import { verifyWorker } from "./keys.ts";
import { EVIDENCE_BYTES_MAX, EVIDENCE_SKEW_MS_MAX } from "./limits.ts";
import { bool, bytes, type Codec, decodeExact, encode, fixed, id, type Of, struct, u64, vec } from "./scale.ts";
import type { WorkerRecord } from "./types.ts";

/** Public key of the well-known issuer of simulated evidence, whose secret everybody can compute. */
const ISSUER: Hex = "0xfb0db1aacc6f2b1638267d8ba16c5b8b94a6b5609b86662145a8746a13df0b96";
const SIMULATED = 0;

/** What evidence a network accepts; its digest is in the genesis. */
export interface Policy {
  allowSimulated: boolean;
  measurements: Hex[];
  maxAgeMs: bigint;
}

/** What verified evidence proves. */
export interface Identity {
  kind: "sim";
  measurement: Hex;
  /** Whether it proves nothing about hardware, and is for development alone. */
  simulated: boolean;
  issuedMs: bigint;
}

const Statement = struct({ measurement: id, report: id, issuedMs: u64 });
const SignedStatement = struct({ statement: Statement, signature: fixed(64) });

/** The policy of development networks: simulated evidence of the development program, for a day. */
export function developmentPolicy(): Policy {
  const measurement = toHex(labelledHash("development", utf8("measurement")));
  return { allowSimulated: true, measurements: [measurement], maxAgeMs: 24n * 60n * 60n * 1000n };
}

/** The policy's digest, which the genesis names. The order of the measurements is no part of it. */
export function policyDigest(policy: Policy): Hex {
  const measurements = encode(vec(id), [...new Set(policy.measurements)].sort());
  const parts: Codec<{ a: boolean; b: Uint8Array; c: bigint }> = struct({ a: bool, b: bytes, c: u64 });
  return toHex(labelledHash("policy", encode(parts, { a: policy.allowSimulated, b: measurements, c: policy.maxAgeMs })));
}


/** Judges a worker's evidence as of `nowMs`. Throws {@link Rejection} with the first rule that it breaks. */
export function verifyEvidence(record: WorkerRecord, policy: Policy, nowMs: number): Identity {
  const refuse = (why: string) => new Rejection("attestation", `The worker's attestation is refused: ${why}`);
  const { evidence } = record;
  if (evidence.length > EVIDENCE_BYTES_MAX) throw refuse("the evidence is too large");
  if (evidence[0] !== SIMULATED) throw refuse(`evidence of kind ${evidence[0] ?? "none"}, which this version does not know`);
  if (!policy.allowSimulated) throw refuse("it is simulated, and the network's policy is for production");
  let signed: Of<typeof SignedStatement>;
  try {
    signed = decodeExact(SignedStatement, evidence.subarray(1));
  } catch {
    throw refuse("the evidence is malformed");
  }
  const { measurement, report, issuedMs } = signed.statement;
  if (!verifyWorker(ISSUER, labelledHash("sim-evidence", encode(Statement, signed.statement)), signed.signature)) {
    throw refuse("its issuer did not sign it");
  }
  if (report !== toHex(labelledHash("evidence", raw(record.worker), record.transport))) {
    throw refuse("it binds other keys than the worker's");
  }
  const now = BigInt(Math.floor(nowMs));
  if (issuedMs > now + BigInt(EVIDENCE_SKEW_MS_MAX)) throw refuse("it is dated in the future; check the clocks");
  if (now > issuedMs + policy.maxAgeMs) throw refuse("it is too old");
  if (!policy.measurements.includes(measurement)) throw refuse(`program ${measurement} is not one that the policy lists`);
  return { kind: "sim", measurement, simulated: true, issuedMs };
}
