/** Timers of a contract in words. */

import { type Firing, type Metadata, type Schedule, type TimerStatus, toHex } from "@tallow/client";
import { count } from "./format.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** A timer's id as its contract wrote it, when that is text. */
export function timerName(id: Uint8Array): string {
  try {
    const text = DECODER.decode(id);
    if (text !== "" && !/\p{Cc}/u.test(text)) return text;
  } catch {
    // Bytes that are no text are shown as bytes.
  }
  return toHex(id);
}

/** Milliseconds in the unit that divides them. */
export function duration(ms: bigint): string {
  const units: [bigint, string][] = [[86_400_000n, "d"], [3_600_000n, "h"], [60_000n, "min"], [1_000n, "s"]];
  const [length, name] = units.find(([length]) => ms > 0n && ms % length === 0n) ?? [1n, "ms"];
  return `${count(ms / length)} ${name}`;
}

/** When a timer fires. */
export function scheduleText(schedule: Schedule): string {
  switch (schedule.kind) {
    case "Once": return "once";
    case "Every": return `every ${duration(schedule.value.periodMs)}`;
    case "Cron": return `cron ${schedule.value}`;
  }
}

/** The message that a timer calls, when metadata knows it. */
export function timerMessage({ timer }: TimerStatus, metadata: Metadata | null): string {
  const selector = toHex(timer.input.slice(0, 4));
  return metadata?.messages.find((message) => toHex(message.selector) === selector)?.label ?? selector;
}

/** How a firing ended. */
export function firingText({ result }: Firing): string {
  if ("err" in result) return `failed: ${result.err.kind}`;
  return (result.ok & 1) === 0 ? "done" : "refused by the contract";
}
