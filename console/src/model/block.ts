/** A block of the cluster log, with its proof. */

import { type Client, ClientError, fromHex, type Header, headerDigest, type Hex, parseCertifiedHeader, Rejection } from "@tallow/client";
import { type BlockRow, blockRow } from "./feed.ts";

export interface ProvenBlock {
  row: BlockRow;
  header: Header;
  leader: Hex;
  parent: Hex;
}

/** Reads a block and verifies its certificate with the keys that the ledger lists. */
export async function provenBlock(base: string, height: number, client: Pick<Client, "known">): Promise<ProvenBlock> {
  const response = await fetch(new URL(`v1/blocks/${height}`, base), { credentials: "omit", redirect: "error" }).catch((cause: unknown) => {
    throw new ClientError("unreachable", "The worker does not answer.", null, { cause });
  });
  if (response.status === 404) throw new ClientError("input", `There is no block ${height}, or the worker no longer keeps it.`);
  if (!response.ok) throw new ClientError("unexpected", `The worker answered with status ${response.status}.`);
  return judgeBlock(await response.json(), height, client);
}

/** Throws {@link Rejection} unless the document's header is final in the cluster and the document says the same. */
export function judgeBlock(document: unknown, height: number, client: Pick<Client, "known">): ProvenBlock {
  const { certified: text } = document as { certified?: unknown };
  const row = blockRow(document);
  const bytes = typeof text === "string" ? fromHex(text) : null;
  if (!row || !bytes) throw new Rejection("malformed", "The worker's answer is not a block");
  const certified = parseCertifiedHeader(bytes);
  client.known.verifier.verify(certified);
  const { header } = certified;
  if (Number(header.position.height) !== height || row.height !== height || headerDigest(header) !== row.digest) {
    throw new Rejection("wrong_value", "The worker answered with another block than was asked for");
  }
  const timeMs = Number(header.position.timeMs);
  return { row: { ...row, timeMs }, header, leader: header.leader, parent: header.parent };
}
