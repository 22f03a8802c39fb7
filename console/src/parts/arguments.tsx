/** Fields for the arguments of a message, made of its metadata. */

import { type Argument, type Message } from "@tallow/client";
import { useId } from "react";
import { fieldKind, hint } from "../model/arguments.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";

/** What is wrong with one argument; `null` names none. */
export interface Fault {
  argument: number | null;
  text: string;
}

interface FieldsProps {
  message: Message;
  values: string[];
  onChange(values: string[]): void;
  fault: Fault | null;
}

/** What the fields hold before anything is typed. */
export function initialValues(message: Message): string[] {
  return message.args.map((argument) => (fieldKind(argument) === "flag" ? "false" : ""));
}

export function ArgumentFields({ message, values, onChange, fault }: FieldsProps) {
  const change = (at: number, value: string) => onChange(values.map((old, index) => (index === at ? value : old)));
  return message.args.map((argument, at) => (
    <ArgumentField key={argument.label} argument={argument} value={values[at] ?? ""} onChange={(value) => change(at, value)} fault={fault?.argument === at ? fault.text : null} />
  ));
}

function ArgumentField({ argument, value, onChange, fault }: { argument: Argument; value: string; onChange(value: string): void; fault: string | null }) {
  const id = useId();
  const kind = fieldKind(argument);
  const described = { "aria-describedby": `${id}-hint`, "aria-invalid": fault ? true : undefined };
  return (
    <div className="field">
      <label htmlFor={id}>{argument.label} <code className="type">{argument.typeName}</code></label>
      {kind === "flag"
        ? (
          <select id={id} value={value} onChange={(event) => onChange(event.target.value)} {...described}>
            <option>false</option>
            <option>true</option>
          </select>
        )
        : (
          <input
            id={id} value={value} onChange={(event) => onChange(event.target.value)} autoComplete="off" spellCheck={false}
            inputMode={kind === "number" ? "numeric" : undefined} list={kind === "account" ? `${id}-accounts` : undefined} {...described}
          />
        )}
      {kind === "account" && <AccountOptions id={`${id}-accounts`} />}
      <span id={`${id}-hint`} className={fault ? "hint wrong" : "hint"}>{fault ?? hint(argument)}</span>
    </div>
  );
}

function AccountOptions({ id }: { id: string }) {
  const { accounts } = useStore(useWorld().accounts.store);
  return <datalist id={id}>{accounts.map(({ name, key }) => <option key={key.account} value={key.account}>{name}</option>)}</datalist>;
}
