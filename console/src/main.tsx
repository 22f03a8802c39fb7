import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { World, WorldContext } from "./model/world.ts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const world = new World(new URL("/", window.location.href).href, storage());
world.start();
const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <WorldContext value={world}>
      <App />
    </WorldContext>
  </StrictMode>,
);
