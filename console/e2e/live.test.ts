/** What others do appears by itself. */

import type { Browser } from "playwright-core";
import { Client, type Hex, Keypair, parseBundle } from "@tallow/client";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, launchBrowser, Watched, Worker } from "./worker.ts";

let worker: Worker;
let browser: Browser;

beforeAll(async () => {
  [worker, browser] = await Promise.all([Worker.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await worker?.end();
});

test("blocks, receipts and contracts of others appear without a reload, also after a restart of the worker", async () => {
  const watched = await Watched.open(browser, worker.url);
  const { page } = watched;
  await page.getByText("Live", { exact: true }).waitFor();
  const client = await Client.connect(worker.url);
  const bob = Keypair.fromUri("//Bob");
  const { wasm, metadata } = parseBundle(new Uint8Array(await readFile(bundle("flipper"))));
  if (!wasm || !metadata) throw new Error("the bundle is incomplete");
  const { contract, receipt } = await client.deploy(bob, wasm, metadata.encodeInput(metadata.constructorOf("new"), ["true"]));
  if (!contract) throw new Error("no contract was made");
  const link = (id: string) => page.locator(`a[href="#/receipts/${id}"]`);
  await link(receipt.id).waitFor();
  await page.locator(`a[href="#/blocks/${receipt.height}"]`).first().waitFor();

  await page.goto(`${worker.url}/#/contracts`);
  await page.locator(`a[href="#/contracts/${contract}"]`).waitFor();
  await page.getByRole("cell", { name: "//Bob" }).waitFor();

  await page.goto(`${worker.url}/#/blocks/${receipt.height}`);
  await page.getByText("certificate of this header was verified").waitFor();
  await link(receipt.id).waitFor();

  await page.goto(`${worker.url}/#/receipts`);
  await worker.stop();
  await page.getByText("Not live: reconnecting").waitFor();
  await worker.again();
  await page.getByText("Live", { exact: true }).waitFor();
  await client.refresh();
  const flip = metadata.encodeInput(metadata.message("flip"), []);
  const { id } = await client.command(bob, { action: { kind: "Call", value: { contract, input: flip } } });
  await link(id).waitFor();
  await link(receipt.id).waitFor();
  expect(watched.problems).toEqual([]);
  await watched.close();
});

test("events that a contract makes public appear, whoever caused them", async () => {
  const watched = await Watched.open(browser, `${worker.url}/#/deploy`);
  const { page } = watched;
  await page.setInputFiles("input[type=file]", bundle("probe"));
  await page.getByText("Value, salt, public events").click();
  await page.getByLabel("Everybody may see the contract's events").check();
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await page.getByRole("heading", { name: "Messages" }).waitFor();
  const contract = page.url().split("/").at(-1) as Hex;
  const { metadata } = parseBundle(new Uint8Array(await readFile(bundle("probe"))));
  if (!metadata) throw new Error("the bundle is incomplete");
  const client = await Client.connect(worker.url);
  const input = metadata.encodeInput(metadata.message("mark"), ["7", '"seen by all"']);
  await client.command(Keypair.fromUri("//Bob"), { action: { kind: "Call", value: { contract, input } } });
  await page.getByRole("region", { name: "Events" }).getByText('Marked { number: 7, text: "seen by all" }').waitFor();
  expect(watched.problems).toEqual([]);
  await watched.close();
});
