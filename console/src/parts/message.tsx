/** One message of a contract: its form, and what came of calling it. */

import { ArgumentError, COMMAND_GAS_MAX, type Hex, type Message, type Metadata, type VerifiedAnswer } from "@tallow/client";
import { type FormEvent, useId, useState } from "react";
import { acting } from "../model/accounts.ts";
import { amount, argumentText } from "../model/arguments.ts";
import { count } from "../model/format.ts";
import { type Trouble, trouble } from "../model/problem.ts";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { ArgumentFields, type Fault, initialValues } from "./arguments.tsx";
import { Id, TroubleNote } from "./basics.tsx";
import { Gas, Result } from "./outcome.tsx";

interface MessageProps {
  contract: Hex;
  metadata: Metadata;
  message: Message;
}

interface Answered {
  answer: VerifiedAnswer;
  tookMs: number;
}

export function MessageForm(props: MessageProps) {
  const { message } = props;
  const form = useMessageForm(props);
  const title = useId();
  const action = message.mutates ? "Send command" : "Ask";
  return (
    <form className="card message" onSubmit={(event) => void form.submit(event)} aria-labelledby={title} noValidate>
      <header>
        <h3 id={title}><code>{message.label}</code></h3>
        <span className={message.mutates ? "kind command" : "kind"}>{message.mutates ? "command" : "query"}</span>
      </header>
      {message.docs.length > 0 && <p className="docs">{message.docs.join(" ")}</p>}
      <ArgumentFields message={message} values={form.values} onChange={form.setValues} fault={form.fault} />
      {message.payable && <ValueField value={form.value} onChange={form.setValue} />}
      {message.mutates && <GasField value={form.gas} onChange={form.setGas} />}
      {form.fault && form.fault.argument === null && <p className="hint wrong" role="alert">{form.fault.text}</p>}
      <p className="actions">
        <button type="submit" className="primary" disabled={form.busy || !form.ready}>{form.busy ? "Waiting…" : action}</button>
        {message.mutates && (
          <button type="button" disabled={form.busy || !form.ready} onClick={() => void form.ask()}>Try as a query</button>
        )}
        {!form.ready && <span className="quiet">{form.why}</span>}
      </p>
      {form.trouble && <TroubleNote trouble={form.trouble} />}
      {form.answered && <Answer {...props} {...form.answered} />}
      {form.sentId && <SentOutcome id={form.sentId} />}
    </form>
  );
}

function useMessageForm({ contract, metadata, message }: MessageProps) {
  const { connection, accounts, sent } = useWorld();
  const { client, phase } = useStore(connection.store);
  const caller = acting(useStore(accounts.store));
  const [values, setValues] = useState(() => initialValues(message));
  const [value, setValue] = useState("0");
  const [gas, setGas] = useState("");
  const [fault, setFault] = useState<Fault | null>(null);
  const [problem, setProblem] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const [answered, setAnswered] = useState<Answered | null>(null);
  const [sentId, setSentId] = useState<Hex | null>(null);

  const run = async (task: (input: Uint8Array, moved: bigint, gasLimit: bigint | null) => Promise<void>) => {
    setFault(null);
    setProblem(null);
    setAnswered(null);
    setSentId(null);
    const moved = amount(value);
    const gasLimit = gas.trim() === "" ? null : amount(gas);
    if (moved === null) return setFault({ argument: null, text: "The value is a whole number." });
    if (gas.trim() !== "" && (gasLimit === null || gasLimit > COMMAND_GAS_MAX)) {
      return setFault({ argument: null, text: `The gas limit is a whole number up to ${count(COMMAND_GAS_MAX)}.` });
    }
    setBusy(true);
    try {
      const input = metadata.encodeInput(message, message.args.map((argument, at) => argumentText(argument, values[at] ?? "")));
      await task(input, moved, gasLimit);
    } catch (error) {
      if (error instanceof ArgumentError) setFault({ argument: error.argument, text: error.message });
      else setProblem(trouble(error));
    } finally {
      setBusy(false);
    }
  };
  const ask = () => run(async (input, moved) => {
    if (!client || !caller) return;
    const began = performance.now();
    const answer = await client.query(caller.key, { kind: "Call", value: { contract, input, value: moved, gasLimit: 0n, estimate: false } });
    setAnswered({ answer, tookMs: performance.now() - began });
  });
  const command = () => run(async (input, moved, gasLimit) => {
    if (!client || !caller) return;
    const order = { action: { kind: "Call" as const, value: { contract, input } }, value: moved, message, metadata, contract };
    const { id } = await sent.send(client, caller, gasLimit === null ? order : { ...order, gasLimit });
    setSentId(id);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    return message.mutates ? command() : ask();
  };
  const ready = client !== null && phase === "ready" && caller !== null;
  const why = caller ? "The worker does not answer." : "Choose an account to act as.";
  return { values, setValues, value, setValue, gas, setGas, fault, trouble: problem, busy, answered, sentId, ask, submit, ready, why };
}

function ValueField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Value <span className="quiet">balance moved to the contract</span></label>
      <input id={id} value={value} onChange={(event) => onChange(event.target.value)} inputMode="numeric" autoComplete="off" />
    </div>
  );
}

function GasField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const id = useId();
  return (
    <details>
      <summary>Gas limit</summary>
      <div className="field">
        <label htmlFor={id} className="unseen">Gas limit</label>
        <input id={id} value={value} onChange={(event) => onChange(event.target.value)} inputMode="numeric" autoComplete="off" placeholder={count(COMMAND_GAS_MAX)} />
        <span className="hint">the most there is, unless said otherwise</span>
      </div>
    </details>
  );
}

function Answer({ metadata, message, answer, tookMs }: MessageProps & Answered) {
  const { result, height } = answer;
  if (result.kind !== "Called") return null;
  return (
    <div className="outcome">
      <Result result={result.value.result} metadata={metadata} message={message} constructed={false} />
      <p className="quiet">
        Sealed, answered as of block {count(height)} and signed by the worker, checked here · {Math.round(tookMs)} ms · <Gas used={result.value.gasUsed} />
        {message.mutates && " · a query: nothing was changed"}
      </p>
    </div>
  );
}

/** What came of a command that this page sent. */
export function SentOutcome({ id }: { id: Hex }) {
  const sent = useStore(useWorld().sent.store).find((one) => one.id === id);
  if (!sent?.receipt) return null;
  const { outcome, height } = sent.receipt;
  return (
    <div className="outcome">
      <Result result={outcome.result} metadata={sent.metadata} message={sent.message} constructed={sent.constructor_} />
      <p className="quiet">
        <a href={href({ page: "receipt", id })}>Receipt</a> <Id id={id} copy={false} /> · final in block{" "}
        <a href={href({ page: "block", height: Number(height) })}>{count(height)}</a> after {Math.round(sent.tookMs ?? 0)} ms ·{" "}
        {sent.anchored ? "anchored" : "not anchored yet"} · <Gas used={outcome.gasUsed} />
      </p>
    </div>
  );
}
