/** The connection to the worker that served this page: made, watched, and made again. */

import { Client, type Hex, Rejection, type Status } from "@tallow/client";
import type { Memory } from "./memory.ts";
import { type Trouble, trouble } from "./problem.ts";
import { Store } from "./store.ts";

export type Phase =
  /** Not yet there. */
  | "connecting"
  | "ready"
  /** Was there, and does not answer; tried again by itself. */
  | "lost"
  /** The worker serves another network than the one this browser knows. */
  | "changed"
  /** The worker's proofs are not good. */
  | "refused";

export interface ConnectionState {
  phase: Phase;
  client: Client | null;
  /** The worker's newest word on itself; not proven. */
  status: Status | null;
  trouble: Trouble | null;
}

const POLL_MS = 1_000;
/** While nobody looks at the page. */
const POLL_HIDDEN_MS = 5_000;
const RETRY_MS_MAX = 4_000;

export class Connection {
  readonly store = new Store<ConnectionState>({ phase: "connecting", client: null, status: null, trouble: null });
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(private readonly url: string, private readonly memory: Memory) {}

  start(): void {
    this.#running = true;
    void this.#turn();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Believes the network that the worker serves now, instead of the one known so far. */
  adopt(network: Hex): void {
    this.memory.network = network;
    this.memory.cluster = null;
    this.#failures = 0;
    this.store.set({ phase: "connecting", client: null, status: null, trouble: null });
    clearTimeout(this.#timer);
    void this.#turn();
  }

  async #turn(): Promise<void> {
    const before = this.store.get();
    const after = await this.#look(before);
    // Somebody adopted another network meanwhile: what was learnt is of the one before.
    if (this.store.get() !== before || !this.#running) return;
    this.store.set(after);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#turn(), this.#pause(after.phase));
  }

  #pause(phase: Phase): number {
    if (phase === "ready") return document.hidden ? POLL_HIDDEN_MS : POLL_MS;
    return Math.min(RETRY_MS_MAX, 250 * 2 ** Math.min(this.#failures, 6));
  }

  async #look(before: ConnectionState): Promise<ConnectionState> {
    try {
      const after = await (before.client ? this.#ask(before, before.client) : this.#connect());
      this.#failures = 0;
      return after;
    } catch (error) {
      this.#failures += 1;
      return { ...before, phase: failurePhase(error, before), trouble: trouble(error) };
    }
  }

  async #connect(): Promise<ConnectionState> {
    const known = this.memory.network;
    const cluster = this.memory.cluster;
    const client = await Client.connect(this.url, { ...(known && { network: known }), ...(known && cluster && { cluster }) });
    this.memory.network = client.network;
    this.memory.cluster = client.cluster;
    return { phase: "ready", client, status: await client.status(), trouble: null };
  }

  async #ask(before: ConnectionState, client: Client): Promise<ConnectionState> {
    const status = await client.status();
    if (status.network !== client.network) return { ...before, phase: "changed", client: null, status: null };
    // After a restart its keys are others.
    if (before.phase !== "ready") await client.refresh();
    return { phase: "ready", client, status, trouble: null };
  }
}

/** What the page is after a failure. */
export function failurePhase(error: unknown, before: { client: Client | null }): Phase {
  if (error instanceof Rejection) return error.reason === "wrong_network" ? "changed" : "refused";
  return before.client ? "lost" : "connecting";
}
