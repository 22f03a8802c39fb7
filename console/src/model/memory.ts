/** What this browser remembers between visits: nothing secret. Without storage all works until the page is closed. */

import { type Hex, Metadata, parseId } from "@tallow/client";

/** The part of `Storage` that is used. */
export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Contracts listed for one network. */
const CONTRACTS_KEPT_MAX = 200;

/** A contract that was made or opened here. */
export interface KnownContract {
  address: Hex;
  code: Hex;
}

export class Memory {
  /** What the storage did not take, and what was parsed. */
  readonly #texts = new Map<string, string>();
  readonly #metadata = new Map<Hex, Metadata | null>();

  constructor(private readonly keeper: Keeper | null) {}

  #get(key: string): string | null {
    try {
      return this.#texts.get(key) ?? this.keeper?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  #set(key: string, value: string): void {
    this.#texts.set(key, value);
    try {
      this.keeper?.setItem(key, value);
    } catch {
      // full or closed: it lasts as long as the page
    }
  }

  /** The network that this browser has seen at this address, and believes. */
  get network(): Hex | null {
    return parseId(this.#get("tallow.network") ?? "");
  }

  set network(network: Hex) {
    this.#set("tallow.network", network);
  }

  /** The cluster of that network that this browser has talked to here, and goes on with. */
  get cluster(): Hex | null {
    return parseId(this.#get("tallow.cluster") ?? "");
  }

  set cluster(cluster: Hex | null) {
    this.#set("tallow.cluster", cluster ?? "");
  }

  /** The metadata of code, if it was given here. */
  metadata(code: Hex): Metadata | null {
    const known = this.#metadata.get(code);
    if (known !== undefined) return known;
    const read = this.#readMetadata(code);
    this.#metadata.set(code, read);
    return read;
  }

  #readMetadata(code: Hex): Metadata | null {
    const text = this.#get(`tallow.metadata.${code}`);
    try {
      return text === null ? null : new Metadata(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** Keeps the metadata in a bundle, without its code. */
  setMetadata(code: Hex, bundle: string): void {
    const document = JSON.parse(bundle) as Record<string, unknown>;
    const metadata = new Metadata(document);
    delete document.source;
    this.#set(`tallow.metadata.${code}`, JSON.stringify(document));
    this.#metadata.set(code, metadata);
  }

  /** Contracts of a network that were made or opened here, the newest first. */
  contracts(network: Hex): KnownContract[] {
    try {
      const list: unknown = JSON.parse(this.#get(`tallow.contracts.${network}`) ?? "[]");
      return Array.isArray(list) ? list.flatMap(knownContract) : [];
    } catch {
      return [];
    }
  }

  addContract(network: Hex, contract: KnownContract): void {
    const others = this.contracts(network).filter((one) => one.address !== contract.address);
    this.#set(`tallow.contracts.${network}`, JSON.stringify([contract, ...others].slice(0, CONTRACTS_KEPT_MAX)));
  }
}

function knownContract(entry: unknown): KnownContract[] {
  const { address, code } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const [first, second] = [parseId(String(address)), parseId(String(code))];
  return first && second ? [{ address: first, code: second }] : [];
}
