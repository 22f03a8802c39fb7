import { type Hex } from "@tallow/client";
import { type FormEvent, useEffect, useId, useState } from "react";
import type { Account } from "../model/accounts.ts";
import { count } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Id, TroubleNote } from "../parts/basics.tsx";

export function Accounts() {
  const { accounts } = useWorld();
  const { accounts: list, current } = useStore(accounts.store);
  return (
    <>
      <div className="title"><h1>Accounts</h1></div>
      <p className="lead">Whose keys this page can sign with. They are kept in this page's memory alone, are sent nowhere, and are forgotten when it is closed or loaded again.</p>
      <section className="card" aria-label="Accounts">
        {list.length === 0 && <Empty>None yet. On a development network the accounts that everybody knows are listed here.</Empty>}
        <ul className="accounts">
          {list.map((account) => <AccountRow key={account.key.account} account={account} current={account.key.account === current} />)}
        </ul>
      </section>
      <AddAccount />
    </>
  );
}

function AccountRow({ account, current }: { account: Account; current: boolean }) {
  const { accounts } = useWorld();
  const id = account.key.account;
  return (
    <li>
      <div className="name"><strong>{account.name}</strong> {account.development && <span className="kind caution">everybody knows its key</span>}</div>
      <Id id={id} />
      <Balance account={account} />
      <div className="actions">
        {current ? <span className="kind">acting</span> : <button type="button" onClick={() => accounts.choose(id)}>Act as {account.name}</button>}
        {!account.development && <button type="button" onClick={() => accounts.remove(id)}>Forget {account.name}</button>}
      </div>
    </li>
  );
}

/** The balance, asked as the account itself: nobody else may see it. */
function Balance({ account }: { account: Account }) {
  const { client, phase, status } = useStore(useWorld().connection.store);
  const [balance, setBalance] = useState<bigint | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const height = status?.height;
  useEffect(() => {
    if (!client || phase !== "ready") return;
    let wanted = true;
    client.query(account.key, { kind: "Balance", value: account.key.account }).then(
      ({ result }) => {
        if (!wanted || result.kind !== "Balance") return;
        setBalance(result.value);
        setProblem(null);
      },
      (error: unknown) => wanted && setProblem(trouble(error)),
    );
    return () => void (wanted = false);
  }, [client, phase, account, height]);
  if (problem) return <span className="hint wrong">{problem.text}</span>;
  return <span className="balance">{balance === null ? "–" : count(balance)} <span className="quiet">balance</span></span>;
}

function AddAccount() {
  const { accounts } = useWorld();
  const [uri, setUri] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<Trouble | null>(null);
  const [added, setAdded] = useState<Hex | null>(null);
  const [nameId, uriId] = [useId(), useId()];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAdded(null);
    try {
      setAdded(accounts.add(uri, name));
      setUri("");
      setName("");
      setProblem(null);
    } catch (error) {
      setProblem({ ...trouble(error), next: "Nothing was kept of it. Correct it and try again." });
    }
  };
  return (
    <form className="card" onSubmit={submit} aria-labelledby="add" noValidate>
      <h2 id="add">Use another account</h2>
      <div className="field">
        <label htmlFor={nameId}>Name <span className="quiet">for you to know it by</span></label>
        <input id={nameId} value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" maxLength={40} />
      </div>
      <div className="field">
        <label htmlFor={uriId}>Secret URI</label>
        <input id={uriId} type="password" value={uri} onChange={(event) => setUri(event.target.value)} autoComplete="off" spellCheck={false} />
        <span className="hint">such as //Alice, or 0x and a seed of 64 digits</span>
      </div>
      {problem && <TroubleNote trouble={problem} />}
      <p className="actions">
        <button type="submit" className="primary">Use it</button>
        <span role="status">{added ? "It acts now." : ""}</span>
      </p>
    </form>
  );
}
