/** A contract's timers: for its deployer alone. */

import { type Hex, type Metadata, type TimerStatus, toHex } from "@tallow/client";
import { useEffect, useState } from "react";
import { acting, nameOf } from "../model/accounts.ts";
import { short } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { firingText, scheduleText, timerMessage, timerName } from "../model/timers.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Id, Time, TroubleNote } from "./basics.tsx";

/** Milliseconds between two questions. */
const ASK_AGAIN_MS = 2_000;

export function ContractTimers({ contract, deployer, metadata }: { contract: Hex; deployer: Hex; metadata: Metadata | null }) {
  const { accounts } = useWorld();
  const book = useStore(accounts.store);
  const { timers, problem } = useTimers(contract, deployer);
  const other = acting(book)?.key.account !== deployer;
  return (
    <section className="card" aria-labelledby="timers">
      <h2 id="timers">Timers</h2>
      {other && <Empty>A contract's timers are for its deployer, {nameOf(book, deployer) ?? short(deployer)}.</Empty>}
      {!other && problem && <TroubleNote trouble={problem} />}
      {!other && !problem && timers?.length === 0 && <Empty>None. What the contract sets to run later appears here.</Empty>}
      {!other && timers && timers.length > 0 && <TimerTable timers={timers} metadata={metadata} />}
    </section>
  );
}

function TimerTable({ timers, metadata }: { timers: readonly TimerStatus[]; metadata: Metadata | null }) {
  return (
    <div className="scroll" role="region" aria-label="Timers that are set" tabIndex={0}>
      <table>
        <thead><tr><th>Timer</th><th>Calls</th><th>When</th><th>Next</th><th>Last</th></tr></thead>
        <tbody>
          {timers.map((status) => (
            <tr key={toHex(status.timer.id)}>
              <td>{timerName(status.timer.id)}</td>
              <td><code>{timerMessage(status, metadata)}</code></td>
              <td>{scheduleText(status.timer.schedule)}</td>
              <td>{status.waiting ? "waits for an answer" : <Time ms={Number(status.dueMs)} />}</td>
              <td>{status.last ? <Last status={status} /> : "not yet"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Last({ status: { last } }: { status: TimerStatus }) {
  if (!last) return null;
  return (
    <>
      <Time ms={Number(last.endedMs)} /> {firingText(last)}{" "}
      <Id id={last.command} link={href({ page: "receipt", id: last.command })} copy={false} />
    </>
  );
}

/** The contract's timers, asked for again and again, since they come and go without this page. */
function useTimers(contract: Hex, deployer: Hex): { timers: TimerStatus[] | null; problem: Trouble | null } {
  const { connection, accounts } = useWorld();
  const { client, phase } = useStore(connection.store);
  const caller = acting(useStore(accounts.store));
  const [timers, setTimers] = useState<TimerStatus[] | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const permitted = caller?.key.account === deployer;
  useEffect(() => {
    if (!client || !caller || !permitted || phase !== "ready") return;
    let wanted = true;
    let again: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const { result } = await client.query(caller.key, { kind: "Timers", value: { contract } });
        if (!wanted || result.kind !== "Timers") return;
        setTimers(result.value.timers);
        setProblem(null);
      } catch (error) {
        if (wanted) setProblem(trouble(error));
      }
      if (wanted) again = setTimeout(() => void ask(), ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(again);
    };
  }, [client, caller, permitted, phase, contract]);
  return { timers, problem };
}
