/** What a contract wrote into its log: for its deployer alone. */

import { type Hex, LOG_QUERY_RECORDS_MAX, type LogRecord } from "@tallow/client";
import { useEffect, useState } from "react";
import { acting, nameOf } from "../model/accounts.ts";
import { level, short } from "../model/format.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { Empty, Time, TroubleNote } from "./basics.tsx";

/** Milliseconds between two questions for new lines: those of queries come without a block. */
const ASK_AGAIN_MS = 2_000;
const LINES_SHOWN_MAX = 200;

export function ContractLogs({ contract, deployer }: { contract: Hex; deployer: Hex }) {
  const { accounts } = useWorld();
  const book = useStore(accounts.store);
  const { lines, problem } = useLogs(contract, deployer);
  const owner = nameOf(book, deployer);
  const other = acting(book)?.key.account !== deployer;
  return (
    <section className="card" aria-labelledby="logs">
      <h2 id="logs">Log</h2>
      {other && (
        <Empty>
          A contract's log is for its deployer, {owner ?? short(deployer)}.{" "}
          {owner ? <button type="button" onClick={() => accounts.choose(deployer)}>Act as {owner}</button> : "Add that account to read it."}
        </Empty>
      )}
      {!other && problem && <TroubleNote trouble={problem} />}
      {!other && !problem && lines.length === 0 && <Empty>Nothing yet. What the contract logs appears here, in commands and queries.</Empty>}
      {!other && lines.length > 0 && (
        <ol className="log" role="log" aria-label="Log lines" tabIndex={0}>
          {lines.map((line) => (
            <li key={String(line.sequence)} className={`level-${level(line.level)}`}>
              <Time ms={Number(line.timeMs)} /> <span className="level">{level(line.level)}</span> <span className="text">{line.text}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function useLogs(contract: Hex, deployer: Hex): { lines: LogRecord[]; problem: Trouble | null } {
  const { connection, accounts } = useWorld();
  const { client, phase } = useStore(connection.store);
  const caller = acting(useStore(accounts.store));
  const [lines, setLines] = useState<LogRecord[]>([]);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const permitted = caller?.key.account === deployer;
  useEffect(() => {
    if (!client || !caller || !permitted || phase !== "ready") return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = 0n;
    let all: LogRecord[] = [];
    const ask = async () => {
      try {
        const { result } = await client.query(caller.key, { kind: "Logs", value: { contract, from, limit: LOG_QUERY_RECORDS_MAX } });
        if (!wanted || result.kind !== "Logs") return;
        const last = result.value.at(-1);
        if (last) {
          from = last.sequence + 1n;
          all = [...all, ...result.value].slice(-LINES_SHOWN_MAX);
          setLines(all);
        }
        setProblem(null);
      } catch (error) {
        if (wanted) setProblem(trouble(error));
      }
      if (wanted) timer = setTimeout(() => void ask(), ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, caller, permitted, phase, contract]);
  return { lines, problem };
}
