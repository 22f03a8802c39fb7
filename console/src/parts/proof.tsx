/** Why a receipt is believed. */

import { type Anchored, type ProvenReceipt } from "@tallow/client";
import { explain, summary } from "../model/explain.ts";
import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";
import { Fact, Facts } from "./basics.tsx";
import { Mark } from "./icons.tsx";

export function Proof({ proven, anchored, opened }: { proven: ProvenReceipt; anchored: Anchored | null; opened: boolean }) {
  const { client } = useStore(useWorld().connection.store);
  if (!client) return null;
  const steps = explain(proven, anchored, opened, client);
  return (
    <section aria-labelledby="proof">
      <h2 id="proof">Why this is believed</h2>
      <p className="lead" role="status">{summary(steps)}.</p>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.title}>
            <Mark state={step.state} />
            <div>
              <h3>{step.title}</h3>
              <p>{step.text}</p>
              {step.facts.length > 0 && <Facts>{step.facts.map(([name, value]) => <Fact key={name} name={name}><code>{value}</code></Fact>)}</Facts>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
