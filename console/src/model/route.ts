/** Pages and their addresses, which are behind the `#`: the server knows one page alone. */

import { type Hex, parseId } from "@tallow/client";

export type Route =
  | { page: "overview" | "blocks" | "receipts" | "contracts" | "deploy" | "accounts" }
  | { page: "block"; height: number }
  | { page: "receipt"; id: Hex }
  | { page: "contract"; address: Hex }
  | { page: "missing"; path: string };

const LISTS = ["blocks", "receipts", "contracts", "deploy", "accounts"] as const;

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#?\/?/, "").replace(/\/$/, "");
  if (path === "") return { page: "overview" };
  const [first = "", second, ...rest] = path.split("/");
  const list = LISTS.find((name) => name === first);
  if (list && second === undefined) return { page: list };
  const missing: Route = { page: "missing", path };
  if (second === undefined || rest.length > 0) return missing;
  if (first === "blocks") return /^\d{1,15}$/.test(second) ? { page: "block", height: Number(second) } : missing;
  const id = parseId(second);
  if (!id) return missing;
  if (first === "receipts") return { page: "receipt", id };
  if (first === "contracts") return { page: "contract", address: id };
  return missing;
}

export function href(route: Exclude<Route, { page: "missing" }>): string {
  switch (route.page) {
    case "overview": return "#/";
    case "block": return `#/blocks/${route.height}`;
    case "receipt": return `#/receipts/${route.id}`;
    case "contract": return `#/contracts/${route.address}`;
    default: return `#/${route.page}`;
  }
}

/** What the browser's tab says. */
export function titleOf(route: Route): string {
  const names: Record<Route["page"], string> = {
    overview: "Overview", blocks: "Blocks", block: "Block", receipts: "Receipts", receipt: "Receipt", contracts: "Contracts",
    contract: "Contract", deploy: "Deploy", accounts: "Accounts", missing: "No such page",
  };
  return names[route.page];
}
