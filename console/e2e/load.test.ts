/** How much the first load takes. Its size is bounded here; its time depends on the machine and is printed. */

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, Watched, Worker } from "./worker.ts";

/** Bytes of all that the first load takes, as they travel. */
const FIRST_LOAD_BYTES_MAX = 300 * 1024;
const LOADS = 5;

let worker: Worker;
let browser: Browser;

beforeAll(async () => {
  [worker, browser] = await Promise.all([Worker.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await worker?.end();
});

/** One load with nothing kept: bytes of the page's files, milliseconds to a page that can be used. */
async function load(): Promise<{ bytes: number; encodings: string[]; shownMs: number; provenMs: number }> {
  const watched = await Watched.open(browser, "about:blank");
  const { page } = watched;
  await page.goto(worker.url);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByText("proven in this browser").waitFor();
  const shown = await page.evaluate(() => {
    const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")] as PerformanceResourceTiming[];
    const own = files.filter((file) => !new URL(file.name).pathname.startsWith("/v1/"));
    const marks = Object.fromEntries(performance.getEntriesByType("mark").map((mark) => [mark.name, mark.startTime]));
    return { bytes: own.reduce((sum, file) => sum + file.transferSize, 0), sizes: own.map((file) => [file.encodedBodySize, file.decodedBodySize]), marks };
  });
  await watched.close();
  const encodings = shown.sizes.map(([encoded, decoded]) => ((encoded ?? 0) < (decoded ?? 0) ? "gzip" : "plain"));
  return { bytes: shown.bytes, encodings, shownMs: shown.marks.shown ?? Number.NaN, provenMs: shown.marks.ready ?? Number.NaN };
}

test("the first load is small, and how soon it can be used is printed", async () => {
  const loads = [];
  for (let at = 0; at < LOADS; at += 1) loads.push(await load());
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const [bytes, shownMs, provenMs] = [Math.max(...loads.map((one) => one.bytes)), median(loads.map((one) => one.shownMs)), median(loads.map((one) => one.provenMs))];
  console.log(`first load: ${(bytes / 1024).toFixed(1)} KB compressed; shown and usable after ${shownMs.toFixed(0)} ms, proven after ${provenMs.toFixed(0)} ms (medians of ${LOADS})`);
  const report = fileURLToPath(new URL("../../target/bench/", import.meta.url));
  await mkdir(report, { recursive: true });
  const metric = (name: string, value: number, unit: string, target: number) => ({ name, value, unit, target });
  const metrics = [
    metric("console first load", bytes, "bytes", FIRST_LOAD_BYTES_MAX), metric("console shown and usable", shownMs, "ms", 1_000),
    metric("console connected and proven", provenMs, "ms", 1_000),
  ];
  await writeFile(`${report}console.json`, JSON.stringify({ metrics }, null, 2));
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  expect(loads[0]?.encodings).toContain("gzip");
  expect(shownMs).toBeGreaterThan(0);
  expect(provenMs).toBeGreaterThan(0);
});
