/** What is wrong with the connection, if something is. */

import { useStore } from "../model/store.ts";
import { useWorld } from "../model/world.ts";

export function ConnectionNotice() {
  const { connection } = useWorld();
  const { phase, trouble } = useStore(connection.store);
  if (phase === "changed") return <OtherNetwork />;
  if (phase === "ready" || (phase === "connecting" && !trouble)) return <div role="status" />;
  if (phase === "refused" && trouble) {
    return (
      <div className="note bad" role="alert">
        <p><strong>This worker is not believed.</strong> {trouble.text}.</p>
        <p>{trouble.next}</p>
      </div>
    );
  }
  return (
    <div className="note caution" role="status">
      <p><strong>{phase === "lost" ? "The worker does not answer." : "The worker cannot be reached yet."}</strong> This page tries again by itself.</p>
      <p>Look whether <code>tallow dev</code> still runs. What it acknowledged is kept if it was started with <code>--data-dir</code>.</p>
    </div>
  );
}

/** Commonly a development network that was started anew; otherwise somebody who wants to be taken for another. */
function OtherNetwork() {
  const { connection, base } = useWorld();
  const adopt = async () => {
    const response = await fetch(new URL("v1/status", base), { credentials: "omit" });
    const { network } = (await response.json()) as { network: `0x${string}` };
    connection.adopt(network);
  };
  return (
    <div className="note caution" role="alert">
      <p><strong>This is another network than the one this browser knows at this address.</strong></p>
      <p>
        <code>tallow dev</code> without <code>--data-dir</code> makes a new network at each start, so this is nothing to
        worry about on your own machine. Contracts of the network before do not exist on this one.
      </p>
      <p><button type="button" onClick={() => void adopt()}>Go on with the new network</button></p>
    </div>
  );
}
