/** The text form, metadata of every layout, and bundles. */

import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { BundleError, formatValue, fromHex, Metadata, parseBundle, parseValue, toHex } from "../src/index.ts";
import { VALUE_DEPTH_MAX } from "../src/limits.ts";
import { bundleFile } from "./worker.ts";

describe("the text form", () => {
  test.each([
    "true", "42", "340282366920938463463374607431768211455", "-1", "-170141183460469231731687303715884105728",
    '"te\\"xt\\n"', "'c'", "'\\''", "'\\\\'", "0x", "0x00ff", "[]", "[1, 2]", "()", "(1, 2)", "{ a: 1, b_2: false }",
    "Name { a: 1, b_2: false }", "Pair(1, 2)", "None", "Some(Ok(()))", "5GrwvaEF5zXb26Fz",
  ])("%s is printed as it is read", (text) => {
    expect(formatValue(parseValue(text))).toBe(text);
  });

  test.each([
    ["1_000", "1000"], [" [ 1 ,2, ] ", "[1, 2]"], ["(a: 1)", "{ a: 1 }"], ["Name(a: 1,)", "Name { a: 1 }"],
    ['{"a": 1}', "{ a: 1 }"], ["'\\'", "'\\\\'"], ["'''", "'\\''"], ['"\\u0041\\ud83d\\ude00\\/"', '"A\u{1f600}/"'],
    ["+1", "1"],
  ])("%s is another spelling of %s", (text, plain) => {
    expect(formatValue(parseValue(text))).toBe(formatValue(parseValue(plain)));
  });

  test.each([
    ["", "a value is missing at character 1"], ["[1", "expected `,` or `]` at character 3"],
    ["[1 2]", "expected `,` or `]` at character 4"], ["1 2", "unexpected text after the value at character 3"],
    ["{ a 1 }", "expected `:` after `a` at character 5"], ["-x", "expected digits at character 3"],
    ["340282366920938463463374607431768211456", "the number exceeds 128 bits at character 40"],
    ['"ä', 'the text has no closing `"`'], ['"\\x"', "unknown escape at character 4"],
    ['"\\ud800"', "not a character at character 8"], ["''", "expected `'` after the character"],
    ["#", "unexpected `#` at character 1"], ["{ : 1 }", "expected the name of a field at character 3"],
  ])("%s is refused with its place", (text, problem) => {
    expect(() => parseValue(text)).toThrow(problem);
  });

  test("nesting is bounded, deceptive characters are escaped", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(() => parseValue(nested(VALUE_DEPTH_MAX))).not.toThrow();
    expect(() => parseValue(nested(VALUE_DEPTH_MAX + 2))).toThrow("nested deeper");
    expect(() => parseValue("(".repeat(100_000))).toThrow();
    for (const text of ["\u001b[31m", "a\u202eb", "\u009b", "\0", "\u200b"]) {
      const shown = formatValue({ kind: "text", value: text });
      expect(shown).toMatch(/^[\x20-\x7e]+$/);
      expect(parseValue(shown)).toEqual({ kind: "text", value: text });
    }
  });
});

const layouts = new URL("../../../crates/abi/src/tests/layouts/", import.meta.url);

describe("metadata", () => {
  test("every layout is read", async () => {
    const files = (await readdir(layouts)).filter((file) => file.endsWith(".json"));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const metadata = new Metadata(JSON.parse(await readFile(new URL(file, layouts), "utf8")));
      expect(metadata.layout, file).toBe(3);
      expect(metadata.messages.length, file).toBeGreaterThan(0);
      expect(metadata.messages.every((message) => message.selector.length === 4)).toBe(true);
    }
  });

  test("input is selector and arguments; errors name the argument", async () => {
    const { metadata } = parseBundle(await bundleFile("btc-bot"));
    if (!metadata) throw new Error("no metadata");
    expect(metadata.layout).toBe(5);
    const set = metadata.message("set_chat");
    expect(set.mutates).toBe(true);
    const given = set.args.map((arg) => (/str|String/.test(arg.typeName) ? '"chat"' : "1"));
    expect(toHex(metadata.encodeInput(set, given)).slice(0, 10)).toBe(toHex(set.selector));
    expect(() => metadata.encodeInput(set, [])).toThrow(/takes \d+ argument/);
    expect(() => metadata.encodeInput(set, set.args.map(() => "[1"))).toThrow("expected `,` or `]`");
    expect(() => metadata.message("set_chut")).toThrow("there are: price");
  });

  test("what is no metadata is refused", () => {
    const types = [{ id: 0, type: { def: { tuple: [1] } } }];
    for (const [file, reason] of [
      [{}, "there is no metadata"], [[], "not an object"], [{ spec: {}, types, version: 5 }, "type 1 is not defined"],
      [{ spec: {}, types: [], version: 9 }, "version 9 is not known"],
      [{ spec: { messages: [{ label: "a b", selector: "0x00000000" }] }, types: [] }, "not a name"],
      [{ spec: { messages: [{ label: "a", selector: "0x00" }] }, types: [] }, "selector"],
      [{ spec: {}, types: [{ id: 0, type: { def: { tuple: [] } } }, { id: 0, type: { def: { tuple: [] } } }] }, "defined twice"],
    ] as const) {
      expect(() => new Metadata(file), JSON.stringify(file)).toThrow(reason);
    }
  });
});

describe("bundles", () => {
  test("code and hash belong together", async () => {
    const file = await bundleFile("flipper");
    const bundle = parseBundle(file);
    expect(bundle.wasm?.length).toBeGreaterThan(100);
    const document = JSON.parse(new TextDecoder().decode(file)) as { source: { wasm: string; hash: string } };
    const change = (source: unknown) => new TextEncoder().encode(JSON.stringify({ ...document, source }));
    const { wasm, hash } = document.source;
    expect(() => parseBundle(change({ wasm: `${wasm}00`, hash }))).toThrow("altered or badly built");
    expect(() => parseBundle(change({ wasm: "0x00", hash }))).toThrow(BundleError);
    expect(() => parseBundle(change({ contract_binary: "0x00" }))).toThrow("PolkaVM");
    expect(parseBundle(change({ hash })).wasm).toBeNull();
    expect(() => parseBundle(new TextEncoder().encode("hello"))).toThrow("neither a Wasm module nor JSON");
    expect(parseBundle(fromHex(wasm) as Uint8Array)).toMatchObject({ codeHash: bundle.codeHash, metadata: null });
  });
});
