/** What came of a call, for whoever shows it: the value, or what failed and what to do next. */

import { toHex } from "../bytes.ts";
import { Malformed } from "../scale.ts";
import { callErrorText } from "../text.ts";
import type { CallResult } from "../types.ts";
import { LangError, type Message, type Metadata } from "./metadata.ts";
import { formatValue, type Value } from "./value.ts";

/** Bit 0 of the return flags: the callee's effects are dropped. */
const FLAG_REVERT = 1;

/** What came of a call. */
export interface Returned {
  /** Text form of the value, or the bytes where no metadata explains them. */
  text: string;
  value: Value | null;
  /** Whether the effects were dropped on the contract's own wish. */
  reverted: boolean;
  /** What failed; `null` when nothing did. */
  error: { code: string; text: string; next: string } | null;
}

/** Reads what a message or constructor returned. */
export function readReturned(result: CallResult, metadata: Metadata | null, message: Message | null, constructor: boolean): Returned {
  if ("err" in result) {
    const [text = "", next = ""] = callErrorText(result.err).split("; ");
    const advice = next || "look at the contract's logs, then at its source";
    return { text: "", value: null, reverted: false, error: { code: result.err.kind, text, next: advice } };
  }
  const { data, flags } = result.ok;
  const reverted = (flags & FLAG_REVERT) !== 0;
  const bytes = toHex(data);
  const refused = (text: string) => (reverted
    ? { code: "Reverted", text: `The contract refused: ${text}`, next: "the contract's source says when it returns this" }
    : null);
  if (!metadata || !message) return { text: bytes, value: null, reverted, error: refused(bytes) };
  try {
    const value = metadata.decodeReturn(message, data);
    const text = formatValue(value);
    return { text, value, reverted, error: refused(text) };
  } catch (error) {
    const failed = (code: string, text: string) => ({ text: bytes, value: null, reverted, error: { code, text, next: "check that the metadata belongs to the contract's code" } });
    if (error instanceof LangError) return failed("LangError", error.message);
    if (!(error instanceof Malformed)) throw error;
    // A constructor that cannot fail returns one `Ok` more than its metadata says (ink! 4 and 5).
    if (constructor && !reverted) return { text: bytes, value: null, reverted, error: null };
    return failed("Malformed", `The returned data is not what the metadata says: ${error.message}`);
  }
}
