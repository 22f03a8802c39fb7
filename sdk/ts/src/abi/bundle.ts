/** Contract bundles: `.contract` files, bare metadata, bare Wasm. */

import { fromHex, fromUtf8, type Hex, parseId } from "../bytes.ts";
import { codeHash } from "../hash.ts";
import { BUNDLE_BYTES_MAX, CODE_BYTES_MAX } from "../limits.ts";
import { Metadata } from "./metadata.ts";
import { MetadataError, object } from "./registry.ts";

/** A file is not usable as a bundle. */
export class BundleError extends Error {
  override name = "BundleError";
}

/** A contract as its author has it. */
export interface Bundle {
  /** The Wasm module; `null` in a file of metadata alone. */
  wasm: Uint8Array | null;
  /** Blake2b-256 of the Wasm, or what the metadata says of it; `null` when neither is there. */
  codeHash: Hex | null;
  /** What it takes to speak to the contract by name; `null` in a bare Wasm module. */
  metadata: Metadata | null;
}

const WASM_MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Reads a `.contract` file, a file of metadata, or a bare Wasm module. Throws {@link BundleError}. */
export function parseBundle(file: Uint8Array): Bundle {
  if (file.length > BUNDLE_BYTES_MAX) throw new BundleError(`The file is larger than ${BUNDLE_BYTES_MAX} bytes`);
  if (isWasm(file)) return { wasm: checked(file), codeHash: codeHash(file), metadata: null };
  let document: unknown;
  try {
    document = JSON.parse(fromUtf8(file));
  } catch (cause) {
    throw new BundleError("The file is neither a Wasm module nor JSON; choose the .contract file of your build", { cause });
  }
  try {
    return ofDocument(document);
  } catch (cause) {
    if (cause instanceof MetadataError) throw new BundleError(`The file's metadata cannot be used: ${cause.message}`, { cause });
    throw cause;
  }
}

function ofDocument(document: unknown): Bundle {
  const file = object(document, "the file");
  const metadata = new Metadata(document);
  const source = file.source === undefined || file.source === null ? {} : object(file.source, "`source`");
  const stated = typeof source.hash === "string" ? parseId(source.hash) : null;
  if (source.wasm === undefined || source.wasm === null) {
    if (source.contract_binary) throw new BundleError("The bundle's code is for PolkaVM, not Wasm; build it with ink! 5 or earlier");
    return { wasm: null, codeHash: stated, metadata };
  }
  const wasm = fromHex(String(source.wasm));
  if (!wasm || !isWasm(wasm)) throw new BundleError("`source.wasm` is not a Wasm module in hexadecimal; build the contract again");
  const actual = codeHash(checked(wasm));
  if (stated !== actual) {
    throw new BundleError(`\`source.hash\` is ${stated ?? "missing"}, but the code's hash is ${actual}: the file was altered or badly built`);
  }
  return { wasm, codeHash: actual, metadata };
}

function isWasm(bytes: Uint8Array): boolean {
  return WASM_MAGIC.every((byte, at) => bytes[at] === byte);
}

function checked(wasm: Uint8Array): Uint8Array {
  if (wasm.length > CODE_BYTES_MAX) throw new BundleError(`The code is larger than ${CODE_BYTES_MAX} bytes; build it in release mode`);
  return wasm;
}
