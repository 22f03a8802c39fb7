/** Values to SCALE, by the types of a contract. */

import { fromHex } from "../bytes.ts";
import { accountOfAddress } from "../keys.ts";
import { VALUE_DEPTH_MAX } from "../limits.ts";
import { text as textCodec, type Writer } from "../scale.ts";
import { type Field, type Primitive, primitiveName, type Registry, type Type, type Variant } from "./registry.ts";
import { type Fields, formatValue, type Value } from "./value.ts";

/** A value is not of a type; `at` is the place inside it, as `.field[3]`. */
export class ValueError extends Error {
  override name = "ValueError";
  constructor(readonly what: string, readonly at = "") {
    super(at ? `at ${at}: ${what}` : what);
  }
}

function mismatch(expected: string, value: Value): ValueError {
  const shown = formatValue(value);
  const short = shown.length > 60 ? `${shown.slice(0, 60)}..` : shown;
  const hint = expected === "str" && value.kind !== "text" ? "; text needs double quotes around it" : "";
  return new ValueError(`expected ${expected}, got ${short}${hint}`);
}

/** Writes `value` as one of type `id`. Throws {@link ValueError}. */
export function encodeValue(registry: Registry, value: Value, id: number, to: Writer): void {
  new Encoder(registry, to).value(value, id, 0);
}

class Encoder {
  constructor(private readonly registry: Registry, private readonly to: Writer) {}

  private unfit(value: Value, id: number): ValueError {
    return mismatch(this.registry.describe(id), value);
  }

  /** Depth counts types, not only brackets: a type may wrap itself without any. */
  value(value: Value, id: number, depth: number): void {
    if (depth > VALUE_DEPTH_MAX) throw new ValueError(`nested deeper than ${VALUE_DEPTH_MAX} levels`);
    const type = this.registry.get(id);
    const { def } = type;
    switch (def.kind) {
      case "primitive": return this.primitive(def.primitive, value);
      case "sequence": return this.sequence(value, id, def.item, depth);
      case "array": return this.array(value, id, def.length, def.item, depth);
      case "tuple": return this.tuple(value, id, def.items, depth);
      case "composite": return this.composite(value, id, type, def.fields, depth);
      case "variant": return this.variant(value, id, def.variants, depth);
      case "compact": return this.compact(value, id, def.inner);
      case "bits": return this.bits(value, id, def.store, def.order);
    }
  }

  private parts(items: [string, Value, number][], depth: number): void {
    for (const [place, value, id] of items) {
      try {
        this.value(value, id, depth + 1);
      } catch (error) {
        if (error instanceof ValueError) throw new ValueError(error.what, place + error.at);
        throw error;
      }
    }
  }

  private items(values: Value[], ids: (at: number) => number, depth: number): void {
    this.parts(values.map((value, at) => [`[${at}]`, value, ids(at)]), depth);
  }

  private primitive(primitive: Primitive, value: Value): void {
    if (primitive === "bool" && value.kind === "bool") return this.to.uint(value.value ? 1n : 0n, 1);
    if (primitive === "char" && value.kind === "char") return this.to.uint(BigInt(value.value.codePointAt(0) ?? 0), 4);
    if (primitive === "str" && value.kind === "text") return textCodec.encode(value.value, this.to);
    if (typeof primitive === "object") {
      // 256-bit numbers may also be given as their encoding, since no number literal is that long.
      if (primitive.bytes === 32 && value.kind === "bytes" && value.value.length === 32) return this.to.put(value.value);
      const number = integer(primitive, value);
      if (number !== null) return this.to.uint(number, primitive.bytes);
    }
    throw mismatch(primitiveName(primitive), value);
  }

  private sequence(value: Value, id: number, item: number, depth: number): void {
    const isBytes = this.registry.isByte(item);
    if (value.kind === "text" && isBytes) return textCodec.encode(value.value, this.to);
    if (value.kind === "bytes" && isBytes) {
      this.to.compact(BigInt(value.value.length));
      return this.to.put(value.value);
    }
    if (value.kind !== "seq") throw this.unfit(value, id);
    this.to.compact(BigInt(value.value.length));
    this.items(value.value, () => item, depth);
  }

  private array(value: Value, id: number, length: number, item: number, depth: number): void {
    const isBytes = this.registry.isByte(item);
    if (value.kind === "seq" && value.value.length === length) return this.items(value.value, () => item, depth);
    if (value.kind === "bytes" && isBytes) {
      if (value.value.length !== length) throw new ValueError(`expected ${length} bytes, got ${value.value.length}`);
      return this.to.put(value.value);
    }
    const address = value.kind === "literal" ? value.value
      : value.kind === "variant" && value.fields.kind === "unit" ? value.name : null;
    if (address === null || !isBytes || length !== 32) throw this.unfit(value, id);
    const account = fromHex(accountOfAddress(address) ?? "-");
    if (!account) throw new ValueError(`expected 32 bytes or an address, got ${address.slice(0, 60)}`);
    this.to.put(account);
  }

  private tuple(value: Value, id: number, ids: number[], depth: number): void {
    if (value.kind === "tuple" && value.value.length === ids.length) {
      return this.items(value.value, (at) => ids[at] as number, depth);
    }
    if (value.kind === "tuple" || ids.length !== 1) throw this.unfit(value, id);
    this.value(value, ids[0] as number, depth + 1);
  }

  /** A struct: with its name or without it; one of a single unnamed field also as that field. */
  private composite(value: Value, id: number, type: Type, fields: Field[], depth: number): void {
    const only = fields.length === 1 && fields[0]?.name === null ? fields[0] : null;
    const named = value.kind === "struct" && (value.name === null || value.name === type.name);
    if (named || (value.kind === "variant" && value.name === type.name)) return this.fields(value.fields, fields, depth);
    const transparent = only !== null && this.registry.isTransparent(type, only.type);
    if (value.kind === "tuple" && value.value.length === fields.length && !transparent) {
      return this.items(value.value, (at) => fields[at]?.type as number, depth);
    }
    if (!only) throw this.unfit(value, id);
    this.value(value, only.type, depth + 1);
  }

  private variant(value: Value, id: number, variants: Variant[], depth: number): void {
    const names = variants.map((variant) => variant.name).slice(0, 40).join(", ");
    if (value.kind !== "variant") throw new ValueError(`${this.unfit(value, id).what}; its variants are ${names}`);
    const variant = variants.find((one) => one.name === value.name);
    if (!variant) throw new ValueError(`${this.registry.describe(id)} has no variant \`${value.name}\`; its variants are ${names}`);
    this.to.uint(BigInt(variant.index), 1);
    this.fields(value.fields, variant.fields, depth);
  }

  private fields(given: Fields, fields: Field[], depth: number): void {
    if (given.kind === "named") return this.named(given.entries, fields, depth);
    const values = given.kind === "unnamed" ? given.values : [];
    if (values.length !== fields.length || (given.kind === "unnamed" && fields.length === 0 && values.length > 0)) {
      throw new ValueError(`expected ${this.signature(fields)}, got ${values.length || "none"}`);
    }
    this.items(values, (at) => fields[at]?.type as number, depth);
  }

  private named(entries: [string, Value][], fields: Field[], depth: number): void {
    const given = new Map(entries);
    if (given.size !== entries.length) throw new ValueError("a field is given twice");
    const parts = fields.map((field): [string, Value, number] => {
      const value = given.get(field.name ?? "");
      if (!value) throw new ValueError(`expected ${this.signature(fields)}; \`${field.name ?? ""}\` is missing`);
      given.delete(field.name ?? "");
      return [`.${field.name}`, value, field.type];
    });
    const [unknown] = given.keys();
    if (unknown !== undefined) throw new ValueError(`unknown field \`${unknown}\`; expected ${this.signature(fields)}`);
    this.parts(parts, depth);
  }

  private signature(fields: Field[]): string {
    const list = fields.slice(0, 12).map(({ name, type }) => (name ? `${name}: ` : "") + this.registry.describe(type));
    const more = fields.length > 12 ? ", .." : "";
    return `${fields.length} field${fields.length === 1 ? "" : "s"}${list.length ? ` (${list.join(", ")}${more})` : ""}`;
  }

  private compact(value: Value, id: number, inner: number): void {
    const bytes = this.registry.compactBytes(inner);
    if (bytes === null) throw new ValueError(`${this.registry.describe(id)} is not supported`);
    const number = integer({ signed: false, bytes }, value);
    if (number === null) throw this.unfit(value, id);
    this.to.compact(number);
  }

  /** A bit sequence: how many bits there are, then words of them, the last one filled up with zeros. */
  private bits(value: Value, id: number, store: number, order: number): void {
    const layout = this.registry.bits(store, order);
    if (!layout) throw new ValueError(`${this.registry.describe(id)} of this order is not supported`);
    if (value.kind !== "seq") throw this.unfit(value, id);
    this.to.compact(BigInt(value.value.length));
    const words = new Uint8Array(Math.ceil(value.value.length / (layout.word * 8)) * layout.word);
    value.value.forEach((item, at) => {
      const set = item.kind === "bool" ? item.value : item.kind === "int" && item.value <= 1n && item.value >= 0n ? item.value === 1n : null;
      if (set === null) throw mismatch("a bit (true or false)", item);
      const [byte, mask] = bitPlace(at, layout.word, layout.msbFirst);
      if (set) words[byte] = (words[byte] ?? 0) | mask;
    });
    this.to.put(words);
  }
}

/** Where a bit of a bit sequence is: the byte, and the bit in it. Words are little-endian. */
export function bitPlace(at: number, word: number, msbFirst: boolean): [number, number] {
  const inWord = at % (word * 8);
  const significance = msbFirst ? word * 8 - 1 - inWord : inWord;
  return [Math.floor(at / (word * 8)) * word + (significance >> 3), 1 << (significance & 7)];
}

/** A number as the bits that stand for it, if it fits the type. */
function integer({ signed, bytes }: { signed: boolean; bytes: number }, value: Value): bigint | null {
  if (value.kind !== "int") return null;
  const bits = BigInt(bytes * 8);
  const [least, beyond] = signed ? [-(1n << (bits - 1n)), 1n << (bits - 1n)] : [0n, 1n << bits];
  return value.value >= least && value.value < beyond ? BigInt.asUintN(bytes * 8, value.value) : null;
}
