/** Whose keys this page holds: in memory alone, gone when it is closed or loaded again. */

import { type Hex, Keypair } from "@tallow/client";
import { Store } from "./store.ts";

export interface Account {
  /** What people call it: `//Alice`, or a name given here. */
  name: string;
  key: Keypair;
  /** Whether everybody knows its key. */
  development: boolean;
}

export interface AccountBook {
  accounts: readonly Account[];
  /** Who acts. */
  current: Hex | null;
}

export class Accounts {
  readonly store = new Store<AccountBook>({ accounts: [], current: null });

  /** Lists the accounts that a development network gives to everybody. */
  addDevelopment(lines: readonly string[]): void {
    for (const uri of developmentUris(lines)) this.#add({ name: uri, key: Keypair.fromUri(uri), development: true });
  }

  /** Takes a secret URI. Throws when it is none. */
  add(uri: string, name: string): Hex {
    const key = Keypair.fromUri(uri.trim());
    this.#add({ name: name.trim() || `Account ${this.store.get().accounts.length + 1}`, key, development: false });
    this.choose(key.account);
    return key.account;
  }

  #add(account: Account): void {
    this.store.update((book) => {
      if (book.accounts.some((one) => one.key.account === account.key.account)) return book;
      return { accounts: [...book.accounts, account], current: book.current ?? account.key.account };
    });
  }

  /** Forgets a key. */
  remove(id: Hex): void {
    this.store.update(({ accounts, current }) => {
      const left = accounts.filter((one) => one.key.account !== id);
      return { accounts: left, current: current === id ? (left[0]?.key.account ?? null) : current };
    });
  }

  choose(id: Hex): void {
    this.store.update((book) => ({ ...book, current: id }));
  }
}

/** Who acts, if anybody does. */
export function acting({ accounts, current }: AccountBook): Account | null {
  return accounts.find((one) => one.key.account === current) ?? null;
}

/** A name for an id, if it is of one of these accounts. */
export function nameOf(book: AccountBook, id: Hex): string | null {
  return book.accounts.find((one) => one.key.account === id)?.name ?? null;
}

/** The secret URIs that a network tells in the lines about its development shortcuts. */
export function developmentUris(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.match(/(?<=^|\s)\/\/[A-Za-z0-9]+(?=$|\s|,)/g) ?? []);
}
