import { type ContractRecord, type Hex, type Metadata, parseBundle } from "@tallow/client";
import { useEffect, useState } from "react";
import { type Trouble, trouble } from "../model/problem.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Fact, Facts, Id, TroubleNote, Who } from "../parts/basics.tsx";
import { FileDrop } from "../parts/drop.tsx";
import { ContractEvents } from "../parts/events.tsx";
import { Mark } from "../parts/icons.tsx";
import { ContractLogs } from "../parts/logs.tsx";
import { MessageForm } from "../parts/message.tsx";
import { ContractTimers } from "../parts/timers.tsx";

export function ContractPage({ address }: { address: Hex }) {
  const { memory } = useWorld();
  const { record, problem } = useRecord(address);
  const [given, setGiven] = useState<Metadata | null>(null);
  const metadata = given ?? (record ? memory.metadata(record.code) : null);
  return (
    <>
      <div className="title"><h1>{metadata?.name ?? "Contract"}</h1></div>
      {problem && <TroubleNote trouble={problem} />}
      {record === undefined && !problem && <Empty>Reading and verifying…</Empty>}
      {record === null && (
        <TroubleNote trouble={{ text: "The ledger lists no contract at this address in this cluster.", next: "Check the address; after its deployment a contract is listed with the next anchor, within a moment." }} />
      )}
      {record && <Identity address={address} record={record} />}
      {record && !metadata && <AskMetadata code={record.code} address={address} onMetadata={setGiven} />}
      {metadata && (
        <section aria-labelledby="messages">
          <h2 id="messages">Messages</h2>
          <div className="messages">
            {metadata.messages.map((message) => <MessageForm key={message.label} contract={address} metadata={metadata} message={message} />)}
          </div>
        </section>
      )}
      {record && <ContractEvents contract={address} metadata={metadata} />}
      {record && <ContractTimers contract={address} deployer={record.deployer} metadata={metadata} />}
      {record && <ContractLogs contract={address} deployer={record.deployer} />}
    </>
  );
}

function Identity({ address, record }: { address: Hex; record: ContractRecord }) {
  return (
    <section className="card" aria-label="Identity">
      <Facts>
        <Fact name="Address"><Id id={address} whole /></Fact>
        <Fact name="Code"><Id id={record.code} whole /></Fact>
        <Fact name="Deployer"><Who id={record.deployer} /></Fact>
      </Facts>
      <p className="checked"><Mark state="proven" /> Proven by the ledger's registry in this browser.</p>
    </section>
  );
}

/** The metadata says what the messages are called; the network holds the code alone. */
function AskMetadata({ code, address, onMetadata }: { code: Hex; address: Hex; onMetadata(metadata: Metadata): void }) {
  const { memory, connection } = useWorld();
  const { client } = useStore(connection.store);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const take = async (file: File) => {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const { metadata, codeHash } = parseBundle(bytes);
      if (!metadata) throw new TypeError("there is no metadata in it");
      if (codeHash !== code) {
        return setProblem({ text: `The file is of code ${codeHash ?? "that it does not name"}, the contract's is ${code}.`, next: "Choose the file of the build that was deployed." });
      }
      memory.setMetadata(code, new TextDecoder().decode(bytes));
      if (client) memory.addContract(client.network, { address, code });
      onMetadata(metadata);
    } catch (error) {
      setProblem(trouble(error));
    }
  };
  return (
    <>
      <FileDrop onFile={(file) => void take(file)}>
        <strong>Drop the contract's .contract or metadata file here</strong>
        <span>to call its messages by name: the network holds the code, not the names</span>
      </FileDrop>
      {problem && <TroubleNote trouble={problem} />}
    </>
  );
}

/** Milliseconds until a contract that the ledger does not list yet is asked for again. */
const ASK_AGAIN_MS = 500;

/** The ledger's record: `undefined` until it is known, `null` when the ledger proves to have none. */
function useRecord(address: Hex): { record: ContractRecord | null | undefined; problem: Trouble | null } {
  const { connection, memory } = useWorld();
  const { client, phase } = useStore(connection.store);
  const [record, setRecord] = useState<ContractRecord | null | undefined>(undefined);
  const [problem, setProblem] = useState<Trouble | null>(null);
  useEffect(() => {
    if (!client || phase !== "ready") return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // One that was just made here is listed with the next anchor: no reason to alarm anybody before.
    const made = memory.contracts(client.network).some((one) => one.address === address);
    let patience = made ? 20 : 0;
    const ask = async () => {
      const found = await client.contract(address);
      if (!wanted) return;
      if (!found && patience-- > 0) {
        timer = setTimeout(() => void ask().catch(fail), ASK_AGAIN_MS);
        return;
      }
      setRecord(found);
      setProblem(null);
    };
    const fail = (error: unknown) => wanted && setProblem(trouble(error));
    ask().catch(fail);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, phase, address, memory]);
  return { record, problem };
}
