/** From what is typed into a field to the text form of an argument. */

import { type Argument, formatValue } from "@tallow/client";

export type FieldKind = "flag" | "text" | "number" | "account" | "value";

/** Which kind of field an argument gets. */
export function fieldKind({ typeName }: Pick<Argument, "typeName">): FieldKind {
  if (typeName === "bool") return "flag";
  if (typeName === "str") return "text";
  if (/^[ui](8|16|32|64|128|256)$/.test(typeName)) return "number";
  if (typeName === "AccountId") return "account";
  return "value";
}

/** The argument's text form. Text is taken as it is typed; all else is in the text form already. */
export function argumentText(argument: Pick<Argument, "typeName">, typed: string): string {
  return fieldKind(argument) === "text" ? formatValue({ kind: "text", value: typed }) : typed.trim();
}

/** What a field says of how to write its value. */
export function hint({ typeName }: Pick<Argument, "typeName">): string {
  switch (fieldKind({ typeName })) {
    case "flag": return "";
    case "text": return "text, without quotes";
    case "number": return "a whole number";
    case "account": return "an address, or 0x and 64 digits";
    case "value": return example(typeName);
  }
}

function example(typeName: string): string {
  if (typeName.startsWith("Option<")) return "None, or Some(..)";
  if (typeName === "Vec<u8>") return "0x.. or \"text\"";
  if (typeName.startsWith("Vec<")) return "[.., ..]";
  if (typeName.startsWith("(")) return "(.., ..)";
  if (/^\[u8; \d+\]$/.test(typeName)) return "0x..";
  return "in text form";
}

/** A balance or an amount of gas, or `null`. */
export function amount(typed: string): bigint | null {
  const digits = typed.replace(/[\s_\u202f]/g, "");
  return /^\d{1,39}$/.test(digits) && BigInt(digits) < 1n << 128n ? BigInt(digits) : null;
}
