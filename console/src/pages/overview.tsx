import { count, size } from "../model/format.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Fact, Facts, Id, Live } from "../parts/basics.tsx";
import { Mark } from "../parts/icons.tsx";
import { BlockTable, ReceiptTable } from "../parts/rows.tsx";

/** Rows of each list here. */
const ROWS = 6;

export function Overview() {
  const { status, client } = useStore(useWorld().connection.store);
  return (
    <>
      <div className="title"><h1>Overview</h1><Live /></div>
      <Numbers />
      {status && status.development.length > 0 && (
        <section className="note caution" aria-labelledby="development">
          <h2 id="development">This is a development network</h2>
          <ul>{status.development.map((line) => <li key={line}>{line}</li>)}</ul>
        </section>
      )}
      <Latest />
      {client && status && (
        <section className="card" aria-labelledby="identity">
          <h2 id="identity">What this page talks to</h2>
          <Facts>
            <Fact name="Network"><Id id={client.network} whole /></Fact>
            <Fact name="Cluster"><Id id={client.cluster} whole /></Fact>
            <Fact name="Worker"><Id id={client.worker} whole /></Fact>
            <Fact name="Replicas">{client.known.cluster.members.length}; {client.known.quorum} must sign what is final</Fact>
            <Fact name="Version">{status.version}</Fact>
            <Fact name="Disk">{size(status.disk_free_bytes)} free{status.disk_full ? ": too little, nothing new is taken" : ""}</Fact>
          </Facts>
          <p className="checked">
            <Mark state="proven" /> Network, cluster and worker are proven in this browser by the ledger's signature
            {client.identity.simulated ? "; the worker's attestation is simulated" : " and the worker's attestation"}.
          </p>
        </section>
      )}
    </>
  );
}

function Numbers() {
  const { connection, feed } = useWorld();
  const { status } = useStore(connection.store);
  // The stream is ahead of what is asked once a second.
  const streamed = useStore(feed.store).blocks[0]?.height ?? 0;
  const numbers: [string, number | undefined, string][] = [
    ["Block height", status ? Math.max(status.height, streamed) : undefined, "newest final block of the cluster's log"],
    ["Anchored", status?.anchored_height, "newest block that the ledger holds"],
    ["Ledger height", status?.ledger_height, "newest block of the ledger"],
    ["Waiting", status?.waiting, "commands that wait for an external answer"],
  ];
  return (
    <dl className="numbers">
      {numbers.map(([name, value, what]) => (
        <div key={name} className="card">
          <dt>{name}</dt>
          <dd>{value === undefined ? "–" : count(value)}</dd>
          <dd className="quiet">{what}</dd>
        </div>
      ))}
    </dl>
  );
}

function Latest() {
  const { blocks, receipts, loaded } = useStore(useWorld().feed.store);
  return (
    <div className="columns">
      <section className="card" aria-labelledby="newest-blocks">
        <header><h2 id="newest-blocks">Blocks</h2><a href={href({ page: "blocks" })}>All blocks</a></header>
        {blocks.length > 0 ? <BlockTable rows={blocks.slice(0, ROWS)} brief /> : <Empty>{loaded ? "No block yet: blocks are made when there is something to order." : "Waiting for the worker's stream…"}</Empty>}
      </section>
      <section className="card" aria-labelledby="newest-receipts">
        <header><h2 id="newest-receipts">Receipts</h2><a href={href({ page: "receipts" })}>All receipts</a></header>
        {receipts.length > 0
          ? <ReceiptTable rows={receipts.slice(0, ROWS)} brief />
          : <Empty>{loaded ? <>No command yet. <a href={href({ page: "deploy" })}>Deploy a contract</a> to begin.</> : "Waiting for the worker's stream…"}</Empty>}
      </section>
    </div>
  );
}
