/** Commands that this page sent, with what it takes to read what came of them. Kept until the page is closed. */

import { type Action, type Anchored, type Client, type Hex, type Message, type Metadata, type VerifiedReceipt } from "@tallow/client";
import type { Account } from "./accounts.ts";
import { type Trouble, trouble } from "./problem.ts";
import { Store } from "./store.ts";

export interface Sent {
  id: Hex;
  caller: Account;
  /** What was called. */
  message: Message | null;
  metadata: Metadata | null;
  constructor_: boolean;
  contract: Hex | null;
  sentMs: number;
  /** Opens the outcome; a secret of the sender. */
  responseKey: Uint8Array;
  /** Milliseconds until the verified receipt was there. */
  tookMs: number | null;
  receipt: VerifiedReceipt | null;
  anchored: Anchored | null;
  trouble: Trouble | null;
}

/** What is sent, and how it is shown. */
export interface Order {
  action: Action;
  value: bigint;
  gasLimit?: bigint;
  message: Message | null;
  metadata: Metadata | null;
  contract: Hex | null;
}

/** Commands kept; older ones are forgotten. */
const SENT_MAX = 200;

export class SentCommands {
  /** Newest first. */
  readonly store = new Store<readonly Sent[]>([]);

  find(id: Hex): Sent | null {
    return this.store.get().find((one) => one.id === id) ?? null;
  }

  clear(): void {
    this.store.set([]);
  }

  /** Signs, seals and sends; resolves with the verified receipt. Its anchor follows by itself. */
  async send(client: Client, caller: Account, order: Order): Promise<Sent> {
    const { action, value, gasLimit, message, metadata, contract } = order;
    const prepared = client.prepare(caller.key, gasLimit === undefined ? { action, value } : { action, value, gasLimit });
    const sent: Sent = {
      id: prepared.id, caller, message, metadata, contract, constructor_: action.kind === "Instantiate",
      sentMs: Date.now(), responseKey: prepared.responseKey, tookMs: null, receipt: null, anchored: null, trouble: null,
    };
    this.store.update((all) => [sent, ...all].slice(0, SENT_MAX));
    const began = performance.now();
    try {
      const receipt = await client.send(prepared);
      const { result } = receipt.outcome;
      const created = "ok" in result ? result.ok.created : null;
      this.#note(sent.id, { receipt, tookMs: performance.now() - began, contract: contract ?? created, anchored: receipt.anchored });
      void this.#followAnchor(client, receipt);
    } catch (error) {
      this.#note(sent.id, { trouble: trouble(error) });
      throw error;
    }
    return this.find(sent.id) ?? sent;
  }

  async #followAnchor(client: Client, receipt: VerifiedReceipt): Promise<void> {
    try {
      this.#note(receipt.id, { anchored: await client.waitAnchored(receipt.receipt) });
    } catch (error) {
      this.#note(receipt.id, { trouble: trouble(error) });
    }
  }

  #note(id: Hex, more: Partial<Sent>): void {
    this.store.update((all) => all.map((one) => (one.id === id ? { ...one, ...more } : one)));
  }
}
