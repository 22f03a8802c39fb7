/** What becomes final, as the worker's stream tells it: shown at once, believed when a proof is asked for. */

import { type Hex, parseId } from "@tallow/client";
import { Store } from "./store.ts";

export interface BlockRow {
  height: number;
  timeMs: number;
  digest: Hex;
  entries: number;
  receipts: number;
}

export interface ReceiptRow {
  id: Hex;
  height: number;
  timeMs: number;
  bytes: number;
}

/** An event that its contract made public. */
export interface EventRow {
  position: string;
  timeMs: number;
  command: Hex;
  contract: Hex;
  topics: Hex[];
  data: Hex;
}

export interface FeedState {
  /** Newest first. */
  blocks: readonly BlockRow[];
  receipts: readonly ReceiptRow[];
  events: readonly EventRow[];
  /** Whether new ones come by themselves. */
  live: boolean;
  /** Whether the newest ones of before were read. */
  loaded: boolean;
}

/** Rows kept of each kind. */
export const ROWS_MAX = 100;
const PAGE = 50;
const RETRY_MS = 1_000;

/** Adds rows to a list that has the newest first, each key once. */
export function merge<T>(rows: readonly T[], more: readonly T[], key: (row: T) => string | number, order: (row: T) => number): T[] {
  const byKey = new Map([...rows, ...more].map((row) => [key(row), row]));
  return [...byKey.values()].sort((a, b) => order(b) - order(a)).slice(0, ROWS_MAX);
}

type Json = Record<string, unknown>;

function fields(document: unknown): Json {
  return (typeof document === "object" && document !== null ? document : {}) as Json;
}

const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const id = (value: unknown): Hex | null => (typeof value === "string" ? parseId(value) : null);

export function blockRow(document: unknown): BlockRow | null {
  const { height, time_ms: timeMs, digest, entries, receipts } = fields(document);
  const hash = id(digest);
  if (!hash || !whole(height) || !whole(timeMs) || !whole(entries) || !whole(receipts)) return null;
  return { height, timeMs, digest: hash, entries, receipts };
}

export function receiptRow(document: unknown): ReceiptRow | null {
  const { id: command, height, time_ms: timeMs, bytes } = fields(document);
  const name = id(command);
  return name && whole(height) && whole(timeMs) && whole(bytes) ? { id: name, height, timeMs, bytes } : null;
}

export function eventRow(document: unknown): EventRow | null {
  const { position, time_ms: timeMs, command, contract, topics, data } = fields(document);
  const [sender, emitter] = [id(command), id(contract)];
  const list = Array.isArray(topics) ? topics.map(id) : [null];
  const isHex = typeof data === "string" && /^(0x)?([0-9a-f]{2})*$/.test(data);
  if (typeof position !== "string" || !sender || !emitter || !whole(timeMs) || list.includes(null) || !isHex) return null;
  const bytes: Hex = `0x${data.replace(/^0x/, "")}`;
  return { position, timeMs, command: sender, contract: emitter, topics: list as Hex[], data: bytes };
}

/** The feed of one network. */
export class Feed {
  readonly store = new Store<FeedState>({ blocks: [], receipts: [], events: [], live: false, loaded: false });
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly base: string) {}

  /** Begins anew: the stream first, so that nothing falls between it and the pages of what was before. */
  start(): void {
    this.stop();
    this.store.set({ blocks: [], receipts: [], events: [], live: false, loaded: false });
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const source = new EventSource(new URL("v1/stream?topics=blocks,receipts,events", this.base));
    this.#source = source;
    source.onopen = () => {
      this.store.update((state) => ({ ...state, live: true }));
      void this.#load();
    };
    source.onerror = () => {
      this.store.update((state) => ({ ...state, live: false }));
      // The browser comes again by itself after a lost connection, but not after a refusal.
      if (source.readyState === EventSource.CLOSED) this.#again();
    };
    source.addEventListener("block", (event) => this.#add({ blocks: [blockRow(parsed(event))] }));
    source.addEventListener("receipt", (event) => this.#add({ receipts: [receiptRow(parsed(event))] }));
    source.addEventListener("event", (event) => this.#add({ events: [eventRow(parsed(event))] }));
    source.addEventListener("lagged", () => void this.#load());
  }

  #again(): void {
    this.stop();
    this.#retry = setTimeout(() => this.#open(), RETRY_MS);
  }

  async #load(): Promise<void> {
    const [blocks, receipts] = await Promise.all([this.#page("v1/blocks"), this.#page("v1/receipts")]);
    this.#add({ blocks: blocks.map(blockRow), receipts: receipts.map(receiptRow) });
    this.store.update((state) => ({ ...state, loaded: true }));
  }

  /** A page of a list; empty when it cannot be read, since the stream goes on without it. */
  async #page(path: string): Promise<unknown[]> {
    return listPage(new URL(`${path}?limit=${PAGE}`, this.base)).then(({ items }) => items, () => []);
  }

  #add(more: { blocks?: (BlockRow | null)[]; receipts?: (ReceiptRow | null)[]; events?: (EventRow | null)[] }): void {
    const present = <T>(rows: (T | null)[] = []) => rows.filter((row) => row !== null);
    this.store.update((state) => ({
      ...state,
      blocks: merge(state.blocks, present(more.blocks), (row) => row.height, (row) => row.height),
      receipts: merge(state.receipts, present(more.receipts), (row) => row.id, (row) => row.timeMs),
      events: merge(state.events, present(more.events), (row) => row.position, (row) => row.timeMs),
    }));
  }
}

function parsed(event: Event): unknown {
  try {
    return JSON.parse((event as MessageEvent<string>).data);
  } catch {
    return null;
  }
}

/** One page of a list of the API. */
export async function listPage(url: URL): Promise<{ items: unknown[]; next: string | null }> {
  const response = await fetch(url, { credentials: "omit", redirect: "error" });
  if (!response.ok) throw new Error(`the worker answered with status ${response.status}`);
  const { items, next } = fields(await response.json());
  return { items: Array.isArray(items) ? items : [], next: typeof next === "string" ? next : null };
}
