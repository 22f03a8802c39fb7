/** What came of a call. */

import { type CallResult, type Event, formatValue, type Message, type Metadata, readReturned } from "@tallow/client";
import { count } from "../model/format.ts";
import { Id } from "./basics.tsx";
import { href } from "../model/route.ts";

interface ResultProps {
  result: CallResult;
  metadata: Metadata | null;
  message: Message | null;
  constructed: boolean;
}

/** The value, or what failed and what to do. */
export function Result({ result, metadata, message, constructed }: ResultProps) {
  const { text, error, reverted } = readReturned(result, metadata, message, constructed);
  if (error) {
    return (
      <div className="result bad" role="alert">
        <p className="code">{error.code}</p>
        <p><strong>{error.text}</strong></p>
        <p>{reverted ? "Its effects were dropped. " : ""}What to do: {error.next}.</p>
      </div>
    );
  }
  const created = constructed && "ok" in result ? result.ok.created : null;
  return (
    <div className="result good">
      {created
        ? <p>Made contract <Id id={created} link={href({ page: "contract", address: created })} /></p>
        : <output className="value">{text === "()" ? "Done. It returns nothing." : text}</output>}
    </div>
  );
}

/** The name and fields of an event, or its bytes where no metadata explains them. */
export function eventText(metadata: Metadata | null, event: Pick<Event, "topics" | "data">, hex: string): string {
  const value = metadata?.decodeEvent(event.topics, event.data);
  return value ? formatValue(value) : hex;
}

export function Gas({ used }: { used: bigint }) {
  return <span className="quiet">{count(used)} gas</span>;
}
