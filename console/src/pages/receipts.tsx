import { type Hex, type ProvenReceipt, toHex } from "@tallow/client";
import { useEffect, useState } from "react";
import { count } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import type { Sent } from "../model/sent.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Fact, Facts, Id, Live, Time, TroubleNote, Who } from "../parts/basics.tsx";
import { eventText, Result } from "../parts/outcome.tsx";
import { Proof } from "../parts/proof.tsx";
import { ReceiptTable } from "../parts/rows.tsx";

export function Receipts() {
  const { receipts, loaded } = useStore(useWorld().feed.store);
  return (
    <>
      <div className="title"><h1>Receipts</h1><Live /></div>
      <p className="lead">Commands that completed. What came of each is sealed for its sender; that it completed, and where, anybody can verify.</p>
      <section className="card">{receipts.length > 0 ? <ReceiptTable rows={receipts} /> : <Empty>{loaded ? "No command has completed yet." : "Waiting for the worker's stream…"}</Empty>}</section>
    </>
  );
}

export function ReceiptPage({ id }: { id: Hex }) {
  const sent = useStore(useWorld().sent.store).find((one) => one.id === id) ?? null;
  const { proven, problem } = useReceipt(id, sent);
  const anchored = sent?.anchored ?? proven?.anchored ?? null;
  return (
    <>
      <div className="title"><h1>Receipt</h1></div>
      {problem && <TroubleNote trouble={problem} />}
      {!proven && !problem && <Empty>Reading and verifying…</Empty>}
      {proven && (
        <section className="card" aria-label="Outcome">
          <Facts>
            <Fact name="Command"><Id id={id} whole /></Fact>
            <Fact name="Block"><a href={href({ page: "block", height: Number(proven.height) })}>{count(proven.height)}</a></Fact>
            <Fact name="Time"><Time ms={Number(proven.receipt.certified.header.position.timeMs)} /></Fact>
            {sent && <OwnFacts sent={sent} />}
          </Facts>
          {sent?.receipt
            ? <Opened sent={sent} />
            : <Empty>The outcome is sealed for whoever sent the command. This page did not send it, or was loaded again since: the keys of outcomes are kept in memory alone.</Empty>}
        </section>
      )}
      {proven && <Proof proven={proven} anchored={anchored} opened={Boolean(sent?.receipt)} />}
    </>
  );
}

function OwnFacts({ sent }: { sent: Sent }) {
  return (
    <>
      <Fact name="Sender"><Who id={sent.caller.key.account} /></Fact>
      {sent.contract && <Fact name="Contract"><Id id={sent.contract} link={href({ page: "contract", address: sent.contract })} /></Fact>}
      {sent.message && <Fact name={sent.constructor_ ? "Constructor" : "Message"}><code>{sent.message.label}</code></Fact>}
    </>
  );
}

function Opened({ sent }: { sent: Sent }) {
  if (!sent.receipt) return null;
  const { outcome } = sent.receipt;
  return (
    <>
      <Result result={outcome.result} metadata={sent.metadata} message={sent.message} constructed={sent.constructor_} />
      {outcome.events.length > 0 && (
        <>
          <h2>Events</h2>
          <ul className="events">
            {outcome.events.map((event, at) => <li key={at}><code>{eventText(sent.metadata, event, toHex(event.data))}</code></li>)}
          </ul>
        </>
      )}
      <p className="quiet">{count(outcome.gasUsed)} gas{outcome.calls > 0 ? ` · ${outcome.calls} external calls` : ""}</p>
    </>
  );
}

/** The receipt: of this page's own command, or asked for; again when it is not anchored yet. */
function useReceipt(id: Hex, sent: Sent | null): { proven: ProvenReceipt | null; problem: Trouble | null } {
  const { client, phase } = useStore(useWorld().connection.store);
  const [asked, setAsked] = useState<ProvenReceipt | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const own = sent?.receipt ?? null;
  useEffect(() => {
    if (!client || phase !== "ready" || own) return;
    let wanted = true;
    const ask = async () => {
      const found = await client.receipt(id);
      if (!wanted) return;
      setAsked(found);
      setProblem(null);
      if (found.anchored) return;
      const anchored = await client.waitAnchored(found.receipt);
      if (wanted) setAsked({ ...found, anchored });
    };
    ask().catch((error: unknown) => wanted && setProblem(trouble(error)));
    return () => void (wanted = false);
  }, [id, client, phase, own]);
  return { proven: own ?? asked, problem };
}
