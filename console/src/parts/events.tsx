/** Events of a contract that this page may see: public ones as they come, and those of the commands it sent. */

import { fromHex, type Hex, type Metadata, toHex } from "@tallow/client";
import { href } from "../model/route.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Empty, Id, Time } from "./basics.tsx";
import { eventText } from "./outcome.tsx";

interface Shown {
  key: string;
  timeMs: number;
  command: Hex;
  text: string;
}

export function ContractEvents({ contract, metadata }: { contract: Hex; metadata: Metadata | null }) {
  const rows = useEvents(contract, metadata);
  return (
    <section className="card" aria-labelledby="events">
      <h2 id="events">Events</h2>
      {rows.length === 0 && <Empty>None yet. Events of the commands that this page sends appear here, and those of others if the contract makes its events public.</Empty>}
      {rows.length > 0 && (
        <ul className="events">
          {rows.map(({ key, timeMs, command, text }) => (
            <li key={key}>
              <Time ms={timeMs} /> <code>{text}</code> <Id id={command} link={href({ page: "receipt", id: command })} copy={false} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function useEvents(contract: Hex, metadata: Metadata | null): Shown[] {
  const world = useWorld();
  const sent = useStore(world.sent.store);
  const { events } = useStore(world.feed.store);
  const own = sent.flatMap(({ id, receipt }) => (receipt?.outcome.events ?? []).flatMap((event, at) => (
    event.contract !== contract ? [] : [{
      key: `${id}-${at}`, command: id, timeMs: Number(receipt?.receipt.certified.header.position.timeMs ?? 0),
      text: eventText(metadata, event, toHex(event.data)),
    }]
  )));
  const ownCommands = new Set(own.map(({ command }) => command));
  const others = events.filter((event) => event.contract === contract && !ownCommands.has(event.command)).map((event) => ({
    key: event.position, command: event.command, timeMs: event.timeMs,
    text: eventText(metadata, { topics: event.topics, data: fromHex(event.data) ?? new Uint8Array() }, event.data),
  }));
  return [...own, ...others].sort((a, b) => b.timeMs - a.timeMs);
}
