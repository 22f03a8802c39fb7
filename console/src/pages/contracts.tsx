import { parseId } from "@tallow/client";
import { type FormEvent, useEffect, useId, useState } from "react";
import { type ContractRow, CONTRACTS_SHOWN_MAX, listContracts } from "../model/contracts.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Id, TroubleNote, Who } from "../parts/basics.tsx";

export function Contracts() {
  const { rows, problem } = useContracts();
  return (
    <>
      <div className="title">
        <h1>Contracts</h1>
        <a className="button primary" href={href({ page: "deploy" })}>Deploy a contract</a>
      </div>
      {problem && <TroubleNote trouble={problem} />}
      <section className="card" aria-label="Contracts of the cluster">
        {rows && rows.length > 0 && <ContractTable rows={rows} />}
        {!problem && !rows && <Empty>Reading…</Empty>}
        {rows?.length === 0 && <Empty>No contract yet. Deploy one from the <code>.contract</code> file of its build.</Empty>}
        {rows && rows.length >= CONTRACTS_SHOWN_MAX && <p className="quiet">These are the first {CONTRACTS_SHOWN_MAX}. Open another by its address.</p>}
      </section>
      <OpenByAddress />
    </>
  );
}

function ContractTable({ rows }: { rows: ContractRow[] }) {
  const { memory } = useWorld();
  return (
    <div className="scroll" role="region" aria-label="Contracts" tabIndex={0}>
      <table>
        <thead><tr><th>Contract</th><th>Name</th><th>Code</th><th>Deployer</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.address}>
              <td><Id id={row.address} link={href({ page: "contract", address: row.address })} /></td>
              <td>{memory.metadata(row.code)?.name ?? <span className="quiet">no metadata here</span>}</td>
              <td><Id id={row.code} copy={false} /></td>
              <td>{row.deployer && <Who id={row.deployer} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The list, read again with each block. */
function useContracts(): { rows: ContractRow[] | null; problem: Trouble | null } {
  const { connection, memory, base } = useWorld();
  const { client, status, phase } = useStore(connection.store);
  const [rows, setRows] = useState<ContractRow[] | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const height = status?.height;
  useEffect(() => {
    if (!client || phase !== "ready") return;
    let wanted = true;
    listContracts(base, client.network, memory).then(
      (found) => wanted && (setRows(found), setProblem(null)),
      (error: unknown) => {
        if (!wanted) return;
        // What this browser knows by itself is there all the same.
        setRows(memory.contracts(client.network).map((one) => ({ ...one, deployer: null, own: true })));
        setProblem({ text: "The worker's list of contracts cannot be read; here are those of this browser.", next: trouble(error).next });
      },
    );
    return () => void (wanted = false);
  }, [base, client, memory, phase, height]);
  return { rows, problem };
}

function OpenByAddress() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = parseId(text.trim());
    setWrong(!address);
    if (address) window.location.hash = href({ page: "contract", address });
  };
  return (
    <form className="card" onSubmit={submit} aria-label="Open a contract by its address" noValidate>
      <div className="field">
        <label htmlFor={id}>Open by address</label>
        <div className="joined">
          <input id={id} value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" spellCheck={false} aria-invalid={wrong || undefined} aria-describedby={`${id}-hint`} />
          <button type="submit">Open</button>
        </div>
        <span id={`${id}-hint`} className={wrong ? "hint wrong" : "hint"}>{wrong ? "An address is 0x followed by 64 hexadecimal digits." : "0x and 64 hexadecimal digits"}</span>
      </div>
    </form>
  );
}
