/** A real worker and a real browser. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));

function binary(): string {
  const path = process.env.TALLOW_BIN ?? join(root, "target/debug/tallow");
  if (!existsSync(path)) throw new Error(`there is no ${path}: run \`cargo build\` after \`cargo xtask web --build\`, or name a binary by TALLOW_BIN`);
  return path;
}

/** `tallow dev` on a folder of its own, which outlives a stop and goes with `end`. */
export class Worker {
  private constructor(private readonly folder: string, private child: ChildProcess, public url: string) {}

  static async start(): Promise<Worker> {
    const folder = await mkdtemp(join(tmpdir(), "tallow-console-"));
    const { child, url } = await launch(folder, 0);
    return new Worker(folder, child, url);
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGTERM");
    await ended;
  }

  /** Starts it again at the same address, with the same network unless `anew`. */
  async again(anew = false): Promise<void> {
    if (anew) await rm(join(this.folder, "data"), { recursive: true, force: true });
    ({ child: this.child } = await launch(this.folder, Number(new URL(this.url).port)));
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null) await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function launch(folder: string, port: number): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(binary(), ["dev", "--port", String(port), "--json", "--data-dir", join(folder, "data")], { stdio: ["ignore", "pipe", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    let [text, messages] = ["", ""];
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`tallow dev ended with ${code}: ${messages}`)));
    child.stderr?.on("data", (chunk: Buffer) => {
      messages = (messages + chunk.toString()).slice(-4_000);
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      try {
        resolve((JSON.parse(text) as { url: string }).url);
      } catch {
        // the document is not complete yet
      }
    });
  });
  return { child, url };
}

/** The Chromium that CHROMIUM_BIN names. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
  // Without a sandbox of its own, which containers do not allow; it opens our own page alone.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** A page that fails its test when the browser reports an error, a breach of the content policy, or a foreign request. */
export class Watched {
  readonly problems: string[] = [];

  private constructor(readonly page: Page, readonly context: BrowserContext) {}

  static async open(browser: Browser, url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Watched> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const watched = new Watched(page, context);
    page.on("pageerror", (error) => watched.problems.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A worker that is away is no fault of the page.
      if (message.type() === "error" && !message.text().includes("net::ERR_") && !message.text().startsWith("Failed to load resource")) watched.problems.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(url).origin) watched.problems.push(`a request to ${request.url()}`);
    });
    page.setDefaultTimeout(20_000);
    await page.goto(url);
    return watched;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

/** A committed bundle of contracts/bundles. */
export function bundle(name: string): string {
  return join(root, "contracts/bundles", `${name}.contract`);
}
