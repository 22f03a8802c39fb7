/** The frame around all pages: where one is, who acts, whether the worker is there. */

import { useEffect, useRef, useState } from "react";
import { href, parseRoute, type Route, titleOf } from "./model/route.ts";
import { useStore } from "./model/store.ts";
import { useWorld } from "./model/world.ts";
import { ConnectionNotice } from "./parts/connection.tsx";
import { ThemeSwitch } from "./parts/theme.tsx";
import { Flame } from "./parts/icons.tsx";
import { Accounts } from "./pages/accounts.tsx";
import { BlockPage, Blocks } from "./pages/blocks.tsx";
import { ContractPage } from "./pages/contract.tsx";
import { Contracts } from "./pages/contracts.tsx";
import { Deploy } from "./pages/deploy.tsx";
import { Overview } from "./pages/overview.tsx";
import { ReceiptPage, Receipts } from "./pages/receipts.tsx";

const NAVIGATION = ["overview", "blocks", "receipts", "contracts", "deploy", "accounts"] as const;
/** Under which entry a page of one thing is. */
const PARENT: Partial<Record<Route["page"], (typeof NAVIGATION)[number]>> = {
  block: "blocks", receipt: "receipts", contract: "contracts",
};

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(window.location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(window.location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return route;
}

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  useMarks();
  const shown = useRef(window.location.hash);
  useEffect(() => {
    document.title = `${titleOf(route)} · Tallow`;
    if (shown.current === window.location.hash) return;
    // Who follows a link by keyboard or hears the page goes on at its beginning.
    shown.current = window.location.hash;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [route]);
  const skip = (event: React.MouseEvent) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a className="skip" href="#main" onClick={skip}>Skip to the content</a>
      <div className="frame">
        <header className="side">
          <a className="brand" href={href({ page: "overview" })}><Flame />Tallow</a>
          <nav aria-label="Pages">
            {NAVIGATION.map((page) => (
              <a key={page} href={href({ page })} aria-current={page === (PARENT[route.page] ?? route.page) ? "page" : undefined}>
                {titleOf({ page })}
              </a>
            ))}
          </nav>
          <div className="side-foot">
            <ActingAs />
            <ThemeSwitch />
          </div>
        </header>
        <main id="main" ref={main} tabIndex={-1}>
          <ConnectionNotice />
          <Page route={route} />
        </main>
      </div>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "overview": return <Overview />;
    case "blocks": return <Blocks />;
    case "block": return <BlockPage key={route.height} height={route.height} />;
    case "receipts": return <Receipts />;
    case "receipt": return <ReceiptPage key={route.id} id={route.id} />;
    case "contracts": return <Contracts />;
    case "contract": return <ContractPage key={route.address} address={route.address} />;
    case "deploy": return <Deploy />;
    case "accounts": return <Accounts />;
    case "missing": return (
      <>
        <h1>No such page</h1>
        <p>There is nothing at <code>{route.path}</code>. <a href={href({ page: "overview" })}>Go to the overview</a>.</p>
      </>
    );
  }
}

/** When the page could be used, and when it had proven whom it talks to: for `cargo xtask bench console`. */
function useMarks() {
  const { phase } = useStore(useWorld().connection.store);
  useEffect(() => void performance.mark("shown"), []);
  const ready = phase === "ready";
  useEffect(() => {
    if (ready && performance.getEntriesByName("ready").length === 0) performance.mark("ready");
  }, [ready]);
}

/** Who signs queries and commands. */
function ActingAs() {
  const { accounts } = useWorld();
  const book = useStore(accounts.store);
  if (book.accounts.length === 0) return <a className="quiet" href={href({ page: "accounts" })}>Add an account to act</a>;
  return (
    <label className="field small">
      <span>Acting as</span>
      <select value={book.current ?? ""} onChange={(event) => accounts.choose(event.target.value as `0x${string}`)}>
        {book.accounts.map(({ name, key }) => <option key={key.account} value={key.account}>{name}</option>)}
      </select>
    </label>
  );
}
