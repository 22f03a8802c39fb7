/** The contracts of the cluster: those the worker lists, and those made or opened here. */

import { type Hex, parseId } from "@tallow/client";
import { listPage } from "./feed.ts";
import type { Memory } from "./memory.ts";

export interface ContractRow {
  address: Hex;
  code: Hex;
  deployer: Hex | null;
  /** Whether it was made or opened in this browser. */
  own: boolean;
}

/** Contracts asked for; there may be more. */
export const CONTRACTS_SHOWN_MAX = 500;
const PAGE = 100;

function contractRow(document: unknown): ContractRow | null {
  const { contract, code, deployer } = (typeof document === "object" && document !== null ? document : {}) as Record<string, unknown>;
  const [address, hash, maker] = [contract, code, deployer].map((value) => parseId(String(value)));
  return address && hash ? { address, code: hash, deployer: maker ?? null, own: false } : null;
}

/** Lists them, those of this browser first. */
export async function listContracts(base: string, network: Hex, memory: Memory): Promise<ContractRow[]> {
  const listed: ContractRow[] = [];
  let after: string | null = null;
  do {
    const url: URL = new URL(`v1/contracts?limit=${PAGE}`, base);
    if (after !== null) url.searchParams.set("after", after);
    const page = await listPage(url);
    listed.push(...page.items.map(contractRow).filter((row) => row !== null));
    after = page.next;
  } while (after !== null && listed.length < CONTRACTS_SHOWN_MAX);
  return ownFirst(listed, memory.contracts(network).map(({ address }) => address));
}

export function ownFirst(rows: readonly ContractRow[], own: readonly Hex[]): ContractRow[] {
  const place = new Map(own.map((address, at) => [address, at]));
  const rank = (row: ContractRow) => place.get(row.address) ?? own.length;
  return rows.map((row) => ({ ...row, own: place.has(row.address) })).sort((a, b) => rank(a) - rank(b));
}
