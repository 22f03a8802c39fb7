/** Tables of blocks and receipts. */

import { count, size } from "../model/format.ts";
import type { BlockRow, ReceiptRow } from "../model/feed.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Id, Time, useNow } from "./basics.tsx";

export function BlockTable({ rows, brief = false }: { rows: readonly BlockRow[]; brief?: boolean }) {
  const now = useNow();
  return (
    <div className="scroll" role="region" aria-label="Blocks" tabIndex={brief ? undefined : 0}>
      <table>
        <thead>
          <tr><th className="number">Height</th><th>Time</th><th className="number">Entries</th><th className="number">Receipts</th>{!brief && <th>Digest</th>}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.height}>
              <td className="number"><a href={href({ page: "block", height: row.height })}>{count(row.height)}</a></td>
              <td><Time ms={row.timeMs} {...(brief ? { now } : {})} /></td>
              <td className="number">{row.entries}</td>
              <td className="number">{row.receipts}</td>
              {!brief && <td><Id id={row.digest} copy={false} /></td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ReceiptTable({ rows, brief = false }: { rows: readonly ReceiptRow[]; brief?: boolean }) {
  const now = useNow();
  const sent = useStore(useWorld().sent.store);
  const what = (row: ReceiptRow) => {
    const own = sent.find((one) => one.id === row.id);
    return own ? own.message?.label ?? "call" : <span className="quiet">sealed, {size(row.bytes)}</span>;
  };
  return (
    <div className="scroll" role="region" aria-label="Receipts" tabIndex={brief ? undefined : 0}>
      <table>
        <thead>
          <tr><th>Command</th><th className="number">Block</th><th>Time</th><th>Outcome</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><Id id={row.id} link={href({ page: "receipt", id: row.id })} copy={false} /></td>
              <td className="number"><a href={href({ page: "block", height: row.height })}>{count(row.height)}</a></td>
              <td><Time ms={row.timeMs} {...(brief ? { now } : {})} /></td>
              <td>{what(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
