/** All that the pages share. */

import { createContext, useContext } from "react";
import { Accounts } from "./accounts.ts";
import { Connection } from "./connection.ts";
import { Feed } from "./feed.ts";
import { Memory } from "./memory.ts";
import { SentCommands } from "./sent.ts";

export class World {
  readonly memory: Memory;
  readonly connection: Connection;
  readonly accounts = new Accounts();
  readonly sent = new SentCommands();
  readonly feed: Feed;
  #network: string | null = null;

  constructor(readonly base: string, storage: Storage | null) {
    this.memory = new Memory(storage);
    this.connection = new Connection(base, this.memory);
    this.feed = new Feed(base);
    this.connection.store.subscribe(() => this.#follow());
  }

  start(): void {
    this.connection.start();
  }

  /** What belongs to one network begins anew with another. */
  #follow(): void {
    const { client, status } = this.connection.store.get();
    if (!client || !status || client.network === this.#network) return;
    if (this.#network !== null) this.sent.clear();
    this.#network = client.network;
    this.accounts.addDevelopment(status.development);
    this.feed.start();
  }
}

export const WorldContext = createContext<World | null>(null);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (!world) throw new Error("there is no world around this component");
  return world;
}
