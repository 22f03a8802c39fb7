/** A real worker: `tallow dev` of the binary that TALLOW_BIN names. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "../src/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What `tallow dev --json` announces. */
interface Announced {
  url: string;
  network: Hex;
  accounts: { uri: string; account: Hex }[];
}

export interface DevWorker extends Announced {
  stop(): Promise<void>;
}

/** The binary under test. Without one there is nothing to test against, which is a failure. */
function binary(): string {
  const path = process.env.TALLOW_BIN ?? join(root, "target/debug/tallow");
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`cargo build\`, or name a binary by TALLOW_BIN`);
  return path;
}

/** Starts a network of its own, in a folder that is removed at the end. */
export async function startWorker(): Promise<DevWorker> {
  const folder = await mkdtemp(join(tmpdir(), "tallow-ts-"));
  const child = spawn(binary(), ["dev", "--port", "0", "--json", "--data-dir", join(folder, "data")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const announced = await announcement(child);
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { ...announced, stop };
}

function announcement(child: ChildProcess): Promise<Announced> {
  return new Promise((resolve, reject) => {
    let [text, messages] = ["", ""];
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`tallow dev ended with ${code}: ${messages}`)));
    child.stderr?.on("data", (chunk: Buffer) => {
      messages = (messages + chunk.toString()).slice(-4_000);
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      try {
        resolve(JSON.parse(text) as Announced);
      } catch {
        // the document is not complete yet
      }
    });
  });
}

/** A committed bundle of contracts/bundles. */
export function bundleFile(name: string): Promise<Uint8Array> {
  return readFile(join(root, "contracts/bundles", `${name}.contract`));
}
