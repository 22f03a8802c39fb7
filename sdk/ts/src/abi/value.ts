/** Values of contract types, with their text form (`docs/text-form.md`). */

import { toHex } from "../bytes.ts";

/** A value as the text form writes it. What it means depends on the type it is used for. */
export type Value =
  | { kind: "bool"; value: boolean }
  | { kind: "char"; value: string }
  | { kind: "int"; value: bigint }
  | { kind: "text"; value: string }
  | { kind: "bytes"; value: Uint8Array }
  /** Letters and digits that are neither number nor name: an SS58 address. */
  | { kind: "literal"; value: string }
  | { kind: "seq"; value: Value[] }
  | { kind: "tuple"; value: Value[] }
  | { kind: "struct"; name: string | null; fields: Fields }
  /** A variant; the parser cannot tell a named struct from it, and gives this. */
  | { kind: "variant"; name: string; fields: Fields };

/** The fields of a struct or variant. */
export type Fields =
  | { kind: "unit" }
  | { kind: "unnamed"; values: Value[] }
  | { kind: "named"; entries: [string, Value][] };

/** The unit value `()`. */
export const UNIT: Value = { kind: "tuple", value: [] };

/** The text form of a value. */
export function formatValue(value: Value): string {
  switch (value.kind) {
    case "bool":
    case "int": return String(value.value);
    case "char": return quoted("'", value.value);
    case "text": return quoted('"', value.value);
    case "bytes": return toHex(value.value);
    case "literal": return value.value;
    case "seq": return `[${value.value.map(formatValue).join(", ")}]`;
    case "tuple": return `(${value.value.map(formatValue).join(", ")})`;
    case "struct": return formatFields(value.name ?? "", value.fields);
    case "variant": return formatFields(value.name, value.fields);
  }
}

function formatFields(name: string, fields: Fields): string {
  if (fields.kind === "unit") return name === "" ? "()" : name;
  if (fields.kind === "unnamed") return `${name}(${fields.values.map(formatValue).join(", ")})`;
  const entries = fields.entries.map(([field, value]) => `${field}: ${formatValue(value)}`).join(", ");
  const body = entries === "" ? "{ }" : `{ ${entries} }`;
  return name === "" ? body : `${name} ${body}`;
}

function quoted(quote: string, text: string): string {
  let out = quote;
  for (const c of text) {
    if (c === "\n") out += "\\n";
    else if (c === "\r") out += "\\r";
    else if (c === "\t") out += "\\t";
    else if (c === "\\" || c === quote) out += `\\${c}`;
    else if (deceives(c)) out += `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
    else out += c;
  }
  return out + quote;
}

const DECEIVES = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Controls and marks of direction, which would let a contract's text mislead who reads it. */
export function deceives(text: string): boolean {
  return DECEIVES.test(text);
}

/** A text without characters that mislead who reads it. */
export function plain(text: string): string {
  return text.replace(new RegExp(DECEIVES, "gu"), (c) => (c === "\n" || c === "\t" ? c : "\ufffd"));
}
