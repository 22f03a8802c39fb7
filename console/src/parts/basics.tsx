/** Small things that many pages show. */

import { type Hex } from "@tallow/client";
import { type ReactNode, useEffect, useState } from "react";
import { nameOf } from "../model/accounts.ts";
import { ago, clock, short } from "../model/format.ts";
import type { Trouble } from "../model/problem.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";

/** An id in short, whole in its title, copied by a button. */
export function Id({ id, link, whole = false, copy = true }: { id: string; link?: string; whole?: boolean; copy?: boolean }) {
  const text = <code title={id}>{whole ? id : short(id)}</code>;
  return (
    <span className={whole ? "id whole" : "id"}>
      {link ? <a href={link}>{text}</a> : text}
      {copy && <Copy text={id} />}
    </span>
  );
}

/** Milliseconds for which a button says that it copied. */
const COPIED_MS = 1_500;

export function Copy({ text }: { text: string }) {
  const [done, setDone] = useState<string | null>(null);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(null), COPIED_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => navigator.clipboard.writeText(text).then(() => setDone("Copied"), () => setDone("Not allowed"));
  return (
    <button type="button" className="copy" onClick={() => void copy()} aria-label={`Copy ${short(text)}`}>
      <span aria-live="polite">{done ?? "Copy"}</span>
    </button>
  );
}

/** An account by its name, if this page knows one. */
export function Who({ id }: { id: Hex }) {
  const book = useStore(useWorld().accounts.store);
  const name = nameOf(book, id);
  return name ? <span className="who" title={id}>{name}</span> : <Id id={id} />;
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/** An error in words, with what to do. */
export function TroubleNote({ trouble }: { trouble: Trouble }) {
  return (
    <div className="note bad" role="alert">
      <p><strong>{trouble.text}</strong></p>
      <p>{trouble.next}</p>
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** The time now, every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Time({ ms, now }: { ms: number; now?: number }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={new Date(ms).toLocaleString()}>
      {now === undefined ? clock(ms) : ago(ms, now)}
    </time>
  );
}

/** Whether new rows come by themselves. */
export function Live() {
  const { live } = useStore(useWorld().feed.store);
  return <span className={live ? "live on" : "live"}>{live ? "Live" : "Not live: reconnecting"}</span>;
}
