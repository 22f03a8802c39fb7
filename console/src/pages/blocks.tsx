import { useEffect, useState } from "react";
import { count } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Fact, Facts, Id, Live, Time, TroubleNote } from "../parts/basics.tsx";
import { Mark } from "../parts/icons.tsx";
import { BlockTable, ReceiptTable } from "../parts/rows.tsx";
import { type ProvenBlock, provenBlock } from "../model/block.ts";

export function Blocks() {
  const { blocks, loaded } = useStore(useWorld().feed.store);
  return (
    <>
      <div className="title"><h1>Blocks</h1><Live /></div>
      <p className="lead">The cluster's log. A block is made when there is something to order, executed by every replica, then certified.</p>
      <section className="card">{blocks.length > 0 ? <BlockTable rows={blocks} /> : <Empty>{loaded ? "No block yet." : "Waiting for the worker's stream…"}</Empty>}</section>
    </>
  );
}

export function BlockPage({ height }: { height: number }) {
  const { receipts } = useStore(useWorld().feed.store);
  const { block, problem } = useBlock(height);
  const own = receipts.filter((row) => row.height === height);
  return (
    <>
      <div className="title"><h1>Block {count(height)}</h1></div>
      {problem && <TroubleNote trouble={problem} />}
      {!block && !problem && <Empty>Reading…</Empty>}
      {block && <BlockFacts {...block} />}
      {block && block.row.receipts > 0 && (
        <section className="card" aria-labelledby="completed">
          <h2 id="completed">Commands it completed</h2>
          {own.length > 0 ? <ReceiptTable rows={own} /> : <Empty>{block.row.receipts}; older than the receipts this page holds.</Empty>}
        </section>
      )}
    </>
  );
}

function BlockFacts({ row, header, leader, parent }: ProvenBlock) {
  return (
    <section className="card" aria-label="Header">
      <p className="checked"><Mark state="proven" /> The cluster's certificate of this header was verified in this browser.</p>
      <Facts>
        <Fact name="Time"><Time ms={row.timeMs} /></Fact>
        <Fact name="Digest"><Id id={row.digest} whole /></Fact>
        <Fact name="Parent">{row.height > 1 ? <Id id={parent} whole link={href({ page: "block", height: row.height - 1 })} /> : <Id id={parent} whole />}</Fact>
        <Fact name="Leader"><Id id={leader} whole /></Fact>
        <Fact name="State commitment"><Id id={header.commitments.state} whole /></Fact>
        <Fact name="Results root"><Id id={header.commitments.results} whole /></Fact>
        <Fact name="Outbox root"><Id id={header.commitments.outbox} whole /></Fact>
        <Fact name="Entries">{row.entries}</Fact>
        <Fact name="Receipts">{row.receipts}</Fact>
      </Facts>
    </section>
  );
}

function useBlock(height: number): { block: ProvenBlock | null; problem: Trouble | null } {
  const { connection, base } = useWorld();
  const { client, phase } = useStore(connection.store);
  const [block, setBlock] = useState<ProvenBlock | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  useEffect(() => {
    if (!client || phase !== "ready") return;
    let wanted = true;
    provenBlock(base, height, client).then(
      (found) => wanted && (setBlock(found), setProblem(null)),
      (error: unknown) => wanted && setProblem(trouble(error)),
    );
    return () => void (wanted = false);
  }, [base, client, phase, height]);
  return { block, problem };
}
