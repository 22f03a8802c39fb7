import { type Action, ArgumentError, type Bundle, BundleError, fromHex, type Hex, type Message, type Metadata, parseBundle, randomBytes, toHex } from "@tallow/client";
import { type FormEvent, useId, useState } from "react";
import { acting } from "../model/accounts.ts";
import { amount, argumentText } from "../model/arguments.ts";
import { size } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { ArgumentFields, type Fault, initialValues } from "../parts/arguments.tsx";
import { Fact, Facts, Id, TroubleNote } from "../parts/basics.tsx";
import { FileDrop } from "../parts/drop.tsx";
import { SentOutcome } from "../parts/message.tsx";

interface Chosen {
  fileName: string;
  text: string;
  wasm: Uint8Array;
  code: Hex;
  metadata: Metadata;
}

/** Bytes of a salt made here: enough that no two contracts meet. */
const SALT_BYTES = 8;

export function Deploy() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const choose = async (file: File) => {
    setProblem(null);
    setChosen(null);
    try {
      setChosen(await read(file));
    } catch (error) {
      setProblem(trouble(error));
    }
  };
  return (
    <>
      <div className="title"><h1>Deploy</h1></div>
      <p className="lead">The code goes to the cluster as it is; the constructor's arguments are sealed in this browser and read by nobody but the contract.</p>
      <FileDrop onFile={(file) => void choose(file)}>
        <strong>{chosen ? chosen.fileName : "Drop a .contract file here"}</strong>
        <span>{chosen ? "choose another" : "or choose one: Tallow, ink! 3 to 5 and Phat contracts"}</span>
      </FileDrop>
      {problem && <TroubleNote trouble={problem} />}
      {chosen && <DeployForm key={chosen.code} chosen={chosen} />}
    </>
  );
}

async function read(file: File): Promise<Chosen> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { wasm, codeHash, metadata }: Bundle = parseBundle(bytes);
  if (!metadata) throw new BundleError("The file is bare Wasm and does not say what its constructors are called");
  if (!wasm || !codeHash) throw new BundleError("The file has metadata alone and no code");
  return { fileName: file.name, text: new TextDecoder().decode(bytes), wasm, code: codeHash, metadata };
}

function DeployForm({ chosen }: { chosen: Chosen }) {
  const { constructors } = chosen.metadata;
  const [message, setMessage] = useState<Message | null>(constructors.find((one) => one.default) ?? constructors.find((one) => one.label === "new") ?? constructors[0] ?? null);
  const select = useId();
  if (!message) return <TroubleNote trouble={{ text: "The contract has no constructor.", next: "Choose the file of another build." }} />;
  return (
    <section className="card" aria-label="Constructor">
      <Facts>
        <Fact name="Contract">{chosen.metadata.name ?? "without a name"}</Fact>
        <Fact name="Code"><Id id={chosen.code} /> {size(chosen.wasm.length)}</Fact>
      </Facts>
      {constructors.length > 1 && (
        <div className="field">
          <label htmlFor={select}>Constructor</label>
          <select id={select} value={message.label} onChange={(event) => setMessage(constructors.find((one) => one.label === event.target.value) ?? null)}>
            {constructors.map((one) => <option key={one.label}>{one.label}</option>)}
          </select>
        </div>
      )}
      <ConstructorForm key={message.label} chosen={chosen} message={message} />
    </section>
  );
}

function ConstructorForm({ chosen, message }: { chosen: Chosen; message: Message }) {
  const form = useDeployment(chosen, message);
  const [valueId, saltId] = [useId(), useId()];
  return (
    <form onSubmit={(event) => void form.submit(event)} aria-label={`Constructor ${message.label}`} noValidate>
      {message.docs.length > 0 && <p className="docs">{message.docs.join(" ")}</p>}
      <ArgumentFields message={message} values={form.values} onChange={form.setValues} fault={form.fault} />
      <details>
        <summary>Value, salt, public events</summary>
        <div className="field">
          <label htmlFor={valueId}>Value <span className="quiet">balance moved to the contract</span></label>
          <input id={valueId} value={form.value} onChange={(event) => form.setValue(event.target.value)} inputMode="numeric" autoComplete="off" disabled={!message.payable} />
          <span className="hint">{message.payable ? "a whole number" : "this constructor takes none"}</span>
        </div>
        <div className="field">
          <label htmlFor={saltId}>Salt</label>
          <input id={saltId} value={form.salt} onChange={(event) => form.setSalt(event.target.value)} autoComplete="off" spellCheck={false} />
          <span className="hint">another salt makes another address</span>
        </div>
        <label className="check">
          <input type="checkbox" checked={form.publicEvents} onChange={(event) => form.setPublicEvents(event.target.checked)} />
          <span>Everybody may see the contract's events, not its deployer alone</span>
        </label>
      </details>
      {form.fault && form.fault.argument === null && <p className="hint wrong" role="alert">{form.fault.text}</p>}
      <p className="actions">
        <button type="submit" className="primary" disabled={form.step !== null || !form.ready}>{form.step ?? "Deploy"}</button>
        {!form.ready && <span className="quiet">Choose an account to act as, and wait for the worker.</span>}
      </p>
      {form.trouble && <TroubleNote trouble={form.trouble} />}
      {form.sentId && <SentOutcome id={form.sentId} />}
    </form>
  );
}

function useDeployment(chosen: Chosen, message: Message) {
  const { connection, accounts, sent, memory } = useWorld();
  const { client, phase } = useStore(connection.store);
  const caller = acting(useStore(accounts.store));
  const [values, setValues] = useState(() => initialValues(message));
  const [value, setValue] = useState("0");
  const [salt, setSalt] = useState<string>(() => toHex(randomBytes(SALT_BYTES)));
  const [publicEvents, setPublicEvents] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const [step, setStep] = useState<string | null>(null);
  const [sentId, setSentId] = useState<Hex | null>(null);

  const deploy = async () => {
    const [moved, saltBytes] = [amount(value), fromHex(salt.trim())];
    if (moved === null) return setFault({ argument: null, text: "The value is a whole number." });
    if (!saltBytes) return setFault({ argument: null, text: "The salt is 0x and an even number of hexadecimal digits." });
    if (!client || !caller) return;
    const { metadata, wasm } = chosen;
    const input = metadata.encodeInput(message, message.args.map((argument, at) => argumentText(argument, values[at] ?? "")));
    setStep("Uploading the code…");
    const code = await client.uploadCode(caller.key, wasm);
    memory.setMetadata(code, chosen.text);
    setStep("Waiting for the receipt…");
    const compat = { kind: "Tallow", value: null } as const;
    const action: Action = { kind: "Instantiate", value: { code, input, salt: saltBytes, compat, publicEvents } };
    const made = await sent.send(client, caller, { action, value: moved, message, metadata, contract: null });
    setSentId(made.id);
    setSalt(toHex(randomBytes(SALT_BYTES)));
    if (!made.contract) return;
    memory.addContract(client.network, { address: made.contract, code });
    window.location.hash = href({ page: "contract", address: made.contract });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFault(null);
    setProblem(null);
    setSentId(null);
    try {
      await deploy();
    } catch (error) {
      if (error instanceof ArgumentError) setFault({ argument: error.argument, text: error.message });
      else setProblem(trouble(error));
    } finally {
      setStep(null);
    }
  };
  const ready = client !== null && phase === "ready" && caller !== null;
  return { values, setValues, value, setValue, salt, setSalt, publicEvents, setPublicEvents, fault, trouble: problem, step, sentId, submit, ready };
}
