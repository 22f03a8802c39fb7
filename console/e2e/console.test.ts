/** The console end to end: a real worker, a real browser. */

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { bundle, launchBrowser, Watched, Worker } from "./worker.ts";

let worker: Worker;
let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  [worker, browser] = await Promise.all([Worker.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await worker?.end();
});

beforeEach(async () => {
  watched = await Watched.open(browser, worker.url);
  page = watched.page;
});

afterEach(async () => {
  const { problems } = watched;
  await watched.close();
  expect(problems).toEqual([]);
});

const to = (hash: string) => page.goto(`${worker.url}/#/${hash}`);
const heading = (name: string) => page.getByRole("heading", { name, exact: true }).waitFor();
const form = (name: string): Locator => page.getByRole("form", { name, exact: true });

/** Deploys a bundle and is then at the contract's page. */
async function deploy(name: string): Promise<void> {
  await to("deploy");
  await page.setInputFiles("input[type=file]", bundle(name));
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await heading("Messages");
}

async function send(message: string): Promise<Locator> {
  await form(message).getByRole("button", { name: "Send command" }).click();
  await form(message).getByText("final in block").waitFor();
  return form(message);
}

async function ask(message: string): Promise<string> {
  await form(message).getByRole("button", { name: "Ask" }).click();
  await form(message).getByText("signed by the worker").waitFor();
  return (await form(message).getByRole("status").first().innerText()).trim();
}

test("the overview says where one is, and what is only for development", async () => {
  await heading("Overview");
  await page.getByText("attestation is simulated: it protects nothing").waitFor();
  await page.getByText("proven in this browser").waitFor();
  const status = (await (await fetch(`${worker.url}/v1/status`)).json()) as { network: string; cluster: string };
  await page.getByText(status.network).waitFor();
  await page.getByText(status.cluster).waitFor();
});

test("a contract is deployed from its bundle, asked, commanded, and its receipt explained", async () => {
  await deploy("flipper");
  await heading("flipper");
  await page.getByText("Proven by the ledger's registry").waitFor();
  expect(await ask("get")).toBe("false");
  const flip = await send("flip");
  expect(await ask("get")).toBe("true");
  await flip.getByText("· anchored ·").waitFor();
  await flip.getByRole("link", { name: "Receipt" }).click();
  await heading("Why this is believed");
  await page.getByText("Final, anchored and proven in this browser").waitFor();
  await page.getByRole("heading", { name: "The outcome opens" }).waitFor();
  await page.getByRole("heading", { name: "The ledger has it" }).waitFor();
});

test("a command tried as a query changes nothing", async () => {
  await deploy("flipper");
  await form("flip").getByRole("button", { name: "Try as a query" }).click();
  await form("flip").getByText("nothing was changed").waitFor();
  expect(await ask("get")).toBe("false");
});

test("a call that fails shows the contract's own error, decoded, and what to do", async () => {
  await deploy("probe");
  await form("set_and_fail").getByLabel("number").fill("7");
  const failed = await send("set_and_fail");
  const alert = failed.getByRole("alert");
  await alert.getByText("The contract refused: Err(OnPurpose(7))").waitFor();
  await alert.getByText("Its effects were dropped.").waitFor();
  expect(await ask("get")).toBe("0");
  await form("set_and_trap").getByLabel("number").fill("7");
  await (await send("set_and_trap")).getByText("ContractTrapped").waitFor();
});

test("an argument that does not fit is named at its field, and nothing is sent", async () => {
  await deploy("probe");
  const number = form("set").getByLabel("number");
  await number.fill("-1");
  await form("set").getByRole("button", { name: "Send command" }).click();
  await form("set").getByText("expected u32, got -1").waitFor();
  expect(await number.getAttribute("aria-invalid")).toBe("true");
  await number.fill("5");
  await send("set");
  expect(await ask("get")).toBe("5");
});

test("what a contract logs is shown to its deployer, and to no other account", async () => {
  await deploy("probe");
  await form("log").getByLabel("bytes").fill("12");
  await form("log").getByLabel("times").fill("2");
  await ask("log");
  const lines = page.getByRole("log").getByRole("listitem");
  await expect.poll(() => lines.count()).toBe(2);
  await page.getByLabel("Acting as").selectOption("//Bob");
  await page.getByText("A contract's log is for its deployer, //Alice.").waitFor();
  await expect.poll(() => lines.count()).toBe(0);
  await page.getByRole("button", { name: "Act as //Alice" }).click();
  await expect.poll(() => lines.count()).toBe(2);
});

test("timers of a contract are shown to its deployer, with what they call and what came of it", async () => {
  await to("deploy");
  await page.setInputFiles("input[type=file]", bundle("pulse"));
  await page.getByLabel("url").fill("");
  await page.getByRole("button", { name: "Deploy", exact: true }).click();
  await heading("Messages");
  const timers = page.getByRole("region", { name: "Timers", exact: true });
  await timers.getByText("None. What the contract sets").waitFor();
  await form("start").getByLabel("period_ms").fill("1000");
  await form("start").getByLabel("catch_up").fill("1");
  await send("start");
  const row = timers.getByRole("row").filter({ hasText: "every 1 s" });
  await row.getByText("beat", { exact: true }).first().waitFor();
  await row.getByText("done").waitFor();
  await page.getByLabel("Acting as").selectOption("//Bob");
  await page.getByText("A contract's timers are for its deployer, //Alice.").waitFor();
  expect(await row.count()).toBe(0);
  await page.getByLabel("Acting as").selectOption("//Alice");
  await row.waitFor();
  await send("stop");
  await timers.getByText("None. What the contract sets").waitFor();
});

test("an event of a command is decoded", async () => {
  await deploy("probe");
  await form("mark").getByLabel("number").fill("3");
  await form("mark").getByLabel("text").fill('say "hello"');
  await send("mark");
  await page.getByRole("region", { name: "Events" }).getByText('Marked { number: 3, text: "say \\"hello\\"" }').waitFor();
});

test("a file that is no contract is refused with advice", async () => {
  await to("deploy");
  await page.setInputFiles("input[type=file]", { name: "x.contract", mimeType: "application/json", buffer: Buffer.from("{}") });
  const alert = page.getByRole("alert");
  await alert.getByText("cannot be used").waitFor();
  await alert.getByText("Choose the .contract file").waitFor();
  expect(await page.getByRole("button", { name: "Deploy", exact: true }).count()).toBe(0);
});

test("accounts have balances; a secret stays in this page's memory and goes with it", async () => {
  await to("accounts");
  await page.getByText("everybody knows its key").first().waitFor();
  await expect.poll(() => page.getByText(/^1.000.000.*balance$/).count()).toBeGreaterThan(1);
  const secret = `0x${"5a".repeat(32)}`;
  await page.getByLabel("Secret URI").fill("0x12");
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText("A seed is 0x followed by 64 hexadecimal digits").waitFor();
  await page.getByLabel("Name").fill("Mine");
  await page.getByLabel("Secret URI").fill(secret);
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByRole("button", { name: "Forget Mine" }).waitFor();
  expect(await page.getByLabel("Acting as").locator("option:checked").innerText()).toBe("Mine");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  expect(kept).not.toContain("5a5a5a5a");
  await page.reload();
  await page.getByText("everybody knows its key").first().waitFor();
  expect(await page.getByText("Mine").count()).toBe(0);
});

test("a loaded page knows the contract and its messages again, and says why it cannot open the outcome", async () => {
  await deploy("flipper");
  const flip = await send("flip");
  const receipt = await flip.getByRole("link", { name: "Receipt" }).getAttribute("href");
  await page.reload();
  await heading("flipper");
  expect(await ask("get")).toBe("true");
  await page.goto(`${worker.url}/${receipt}`);
  await page.reload();
  await page.getByText("The outcome is sealed for whoever sent the command").waitFor();
  await page.getByText("Final, anchored and proven in this browser").waitFor();
});

test("light and dark follow the system, or the switch, which is remembered", async () => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = (color: string) => Number(/\d+/.exec(color)?.[0]) < 128;
  await page.emulateMedia({ colorScheme: "dark" });
  expect(dark(await ground())).toBe(true);
  await page.emulateMedia({ colorScheme: "light" });
  expect(dark(await ground())).toBe(false);
  await page.getByText("Dark", { exact: true }).click();
  expect(dark(await ground())).toBe(true);
  await page.reload();
  expect(await page.getByRole("radio", { name: "Dark" }).isChecked()).toBe(true);
  expect(dark(await ground())).toBe(true);
  await page.getByText("System", { exact: true }).click();
  expect(dark(await ground())).toBe(false);
});

test("the whole way by keyboard: no trap, a visible focus, names for all that takes it", async () => {
  await heading("Overview");
  const focused = () => page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const outline = [element, element.nextElementSibling, element.parentElement].some((one) => one && getComputedStyle(one).outlineStyle !== "none");
    return { text: ((element as HTMLInputElement).labels?.[0]?.textContent || element.textContent || element.ariaLabel || "").trim(), tag: element.tagName, outline };
  });
  await page.keyboard.press("Tab");
  expect(await focused()).toMatchObject({ text: "Skip to the content", outline: true });
  const go = async (tag: string, text: string) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      const now = await focused();
      if (now.tag === "BODY") continue;
      expect(now.text, `a name for ${now.tag}`).not.toBe("");
      expect(now.outline, `a visible focus at ${now.tag} ${now.text}`).toBe(true);
      if (now.tag === tag && now.text.startsWith(text)) return;
    }
    throw new Error(`${text} cannot be reached by Tab`);
  };
  await go("A", "Deploy");
  await page.keyboard.press("Enter");
  await heading("Deploy");
  await go("INPUT", "Drop a .contract file here");
  // The file dialogue is the system's; what it gives is given here.
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Space");
  await (await chooser).setFiles(bundle("flipper"));
  await go("SELECT", "value");
  await page.keyboard.press("t");
  await go("BUTTON", "Deploy");
  await page.keyboard.press("Enter");
  await heading("Messages");
  await go("BUTTON", "Ask");
  await page.keyboard.press("Enter");
  await form("get").getByText("signed by the worker").waitFor();
  expect((await form("get").getByRole("status").first().innerText()).trim()).toBe("true");
  await page.keyboard.press("Shift+Tab");
  expect((await focused()).text).toBe("Try as a query");
});

test("a narrow screen shows all without moving sideways", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await deploy("flipper");
  await send("flip");
  for (const hash of ["", "deploy", "accounts", "contracts", "receipts"]) {
    await to(hash);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `#/${hash}`).toBeLessThanOrEqual(0);
  }
});

test("a worker that comes back is found again, and goes on", async () => {
  await deploy("flipper");
  expect(await ask("get")).toBe("false");
  await worker.stop();
  const notice = page.getByRole("strong").filter({ hasText: "The worker does not answer." });
  await notice.waitFor();
  expect(await form("flip").getByRole("button", { name: "Send command" }).isDisabled()).toBe(true);
  await worker.again();
  await notice.waitFor({ state: "detached" });
  await send("flip");
  expect(await ask("get")).toBe("true");
});

test("another network at the same address is not taken silently", async () => {
  await heading("Overview");
  await page.getByText("proven in this browser").waitFor();
  await worker.stop();
  await worker.again(true);
  await page.getByText("This is another network").waitFor();
  await page.getByRole("button", { name: "Go on with the new network" }).click();
  await page.getByText("This is another network").waitFor({ state: "detached" });
  await deploy("flipper");
  expect(await ask("get")).toBe("false");
});
