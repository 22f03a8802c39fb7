/** Contracts of ink! 3, 4 and 5 over the network: every argument and result goes through the text form here. */

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Bundle, type CallResult, Client, formatValue, fromHex, type Hex, Keypair, type Message, parseBundle,
  readReturned, type Returned,
} from "../src/index.ts";
import { type DevWorker, startWorker } from "./worker.ts";

/** A step of a file in conformance/cases. */
interface Step {
  op: "instantiate" | "call";
  as?: string;
  on?: string;
  bundle?: string;
  constructor?: string;
  message?: string;
  args?: string[];
  input?: string;
  caller?: string;
  salt?: string;
  value?: string;
  expect?: "ok" | "reverted" | { return?: string; error?: string };
}

const CASES = ["ink3-shapes", "ink3-erc20", "ink4-book", "ink4-erc20", "ink5-types", "ink5-erc20", "ink5-errors"];
const conformance = new URL("../../../conformance/", import.meta.url);

let worker: DevWorker;
let client: Client;

beforeAll(async () => {
  worker = await startWorker();
  client = await Client.connect(worker.url);
});
afterAll(() => worker?.stop());

const account = (name: string) => Keypair.fromUri(`//${name[0]?.toUpperCase()}${name.slice(1)}`);

/** Runs the steps of one file, and keeps what they made. */
class Runner {
  readonly contracts = new Map<string, { address: Hex; bundle: Bundle }>();
  constructor(private readonly bundles: Map<string, Bundle>) {}

  /** `@bob`, `$name` and `#name` stand for the addresses of an account and of a contract, and the hash of code. */
  resolve(text: string): string {
    return text
      .replace(/@([a-z]+)/g, (_, name: string) => account(name).account)
      .replace(/\$([a-z0-9_]+)/g, (all, name: string) => this.contracts.get(name)?.address ?? all)
      .replace(/#([a-z0-9_]+)/g, (all, name: string) => this.bundles.get(name)?.codeHash ?? all);
  }

  /** The expected text as it is printed: a set of bytes is written as a list, and printed as bytes. */
  expected(step: Step, text: string): string {
    const metadata = this.contracts.get(step.on ?? "")?.bundle.metadata;
    const message = metadata?.message(step.message ?? "");
    if (!metadata || !message) throw new Error(`no message in ${JSON.stringify(step)}`);
    return formatValue(metadata.decodeReturn(message, metadata.encodeReturn(message, this.resolve(text))));
  }

  /** Raw input: bytes with names in between. */
  input(text: string): Uint8Array | null {
    return fromHex(this.resolve(text).replaceAll("0x", ""));
  }

  async run(step: Step): Promise<Returned> {
    const caller = account(step.caller ?? "alice");
    const value = BigInt(step.value ?? "0");
    const made = step.on ? this.contracts.get(step.on) : undefined;
    const bundle = made?.bundle ?? this.bundles.get(step.bundle ?? "");
    const metadata = bundle?.metadata;
    if (!bundle?.wasm || !metadata) throw new Error(`no bundle for ${JSON.stringify(step)}`);
    const message = Object.hasOwn(step, "constructor") ? metadata.constructorOf(step.constructor ?? "")
      : step.message ? metadata.message(step.message) : null;
    const input = message ? metadata.encodeInput(message, (step.args ?? []).map((arg) => this.resolve(arg))) : this.input(step.input ?? "");
    if (!input) throw new Error(`no input in ${JSON.stringify(step)}`);
    if (made) {
      const { outcome } = await client.command(caller, { action: { kind: "Call", value: { contract: made.address, input } }, value });
      return said(bundle, message, outcome.result, false);
    }
    const salt = fromHex(step.salt ?? "0x") ?? new Uint8Array();
    const { receipt, contract } = await client.deploy(caller, bundle.wasm, input, { salt, value });
    if (contract && step.as) this.contracts.set(step.as, { address: contract, bundle });
    return said(bundle, message, receipt.outcome.result, true);
  }
}

/** What came of a call, as the cases say it. */
function said(bundle: Bundle, message: Message | null, result: CallResult, constructor: boolean): Returned {
  return readReturned(result, bundle.metadata, message, constructor);
}

describe.each(CASES)("%s", (name) => {
  test("every step gives what is expected", async () => {
    const file = JSON.parse(await readFile(new URL(`cases/${name}.json`, conformance), "utf8")) as { bundles: Record<string, string>; steps: Step[] };
    const bundles = new Map<string, Bundle>();
    for (const [short, bundle] of Object.entries(file.bundles)) {
      bundles.set(short, parseBundle(await readFile(new URL(`bundles/${bundle}.contract`, conformance))));
    }
    const runner = new Runner(bundles);
    let compared = 0;
    for (const step of file.steps) {
      const { text, error, reverted } = await runner.run(step);
      const where = JSON.stringify(step);
      if (step.expect === undefined) continue; // the steps after it show what it did
      // What returns raw bytes is fine as well: its metadata does not know them.
      if (step.expect === "ok") expect(error?.code ?? "Malformed", where).toBe("Malformed");
      else if (step.expect === "reverted") expect(reverted, where).toBe(true);
      else if (step.expect.error) expect(error?.code, where).toBe(step.expect.error);
      else if (step.expect.return !== undefined) {
        expect(text, where).toBe(runner.expected(step, step.expect.return));
        compared += 1;
      } else throw new Error(`an expectation that is not known: ${where}`);
    }
    expect(compared).toBeGreaterThan(4);
  });
});
