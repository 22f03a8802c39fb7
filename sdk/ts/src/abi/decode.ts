/** SCALE to values, by the types of a contract. What a contract returns is hostile. */

import { VALUE_DEPTH_MAX, VALUE_PARTS_MAX } from "../limits.ts";
import { bool, Malformed, Reader, text } from "../scale.ts";
import { bitPlace } from "./encode.ts";
import { type Field, type Primitive, primitiveName, type Registry, type Type, type Variant } from "./registry.ts";
import { type Fields, UNIT, type Value } from "./value.ts";

/** Decodes values of the given types, one after another, and nothing else. Throws {@link Malformed}. */
export function decodeAll(registry: Registry, types: number[], data: Uint8Array): Value[] {
  const decoder = new Decoder(registry, new Reader(data));
  return decoder.all(types);
}

class Decoder {
  /** Values made so far: types of size zero could ask for any number of them. */
  private count = 0;
  constructor(private readonly registry: Registry, private readonly from: Reader) {}

  all(types: number[]): Value[] {
    const values = types.map((id) => this.value(id, 0));
    if (this.from.left > 0) throw new Malformed(`${this.from.left} bytes are left over`);
    return values;
  }

  private spend(parts: number, depth: number): void {
    this.count += parts;
    if (depth > VALUE_DEPTH_MAX || this.count > VALUE_PARTS_MAX) {
      throw new Malformed(`the value is nested deeper than ${VALUE_DEPTH_MAX} levels or has more than ${VALUE_PARTS_MAX} parts`);
    }
  }

  private value(id: number, depth: number): Value {
    this.spend(1, depth);
    const type = this.registry.get(id);
    const { def } = type;
    switch (def.kind) {
      case "primitive": return this.primitive(def.primitive);
      case "sequence": return this.list(this.length(), def.item, depth);
      case "array": return this.list(def.length, def.item, depth);
      case "tuple": return { kind: "tuple", value: def.items.map((item) => this.value(item, depth + 1)) };
      case "composite": return this.composite(type, def.fields, depth);
      case "variant": return this.variant(id, def.variants, depth);
      case "compact": return this.compact(id, def.inner);
      case "bits": return this.bits(id, def.store, def.order);
    }
  }

  private length(): number {
    const length = this.from.compact();
    if (length > 0xffff_ffffn) throw new Malformed("a length exceeds 32 bits");
    return Number(length);
  }

  private list(length: number, item: number, depth: number): Value {
    if (this.registry.isByte(item)) return { kind: "bytes", value: this.from.take(length).slice() };
    const values: Value[] = [];
    while (values.length < length) values.push(this.value(item, depth + 1));
    return { kind: "seq", value: values };
  }

  private primitive(primitive: Primitive): Value {
    if (primitive === "bool") return { kind: "bool", value: bool.decode(this.from) };
    if (primitive === "str") return { kind: "text", value: text.decode(this.from) };
    if (primitive === "char") {
      const code = Number(this.from.uint(4));
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Malformed("not a char");
      return { kind: "char", value: String.fromCodePoint(code) };
    }
    if (primitive.bytes > 16) return { kind: "bytes", value: this.from.take(primitive.bytes).slice() };
    const bits = this.from.uint(primitive.bytes);
    return { kind: "int", value: primitive.signed ? BigInt.asIntN(primitive.bytes * 8, bits) : bits };
  }

  private composite(type: Type, fields: Field[], depth: number): Value {
    const only = fields.length === 1 && fields[0]?.name === null ? fields[0] : null;
    if (only && this.registry.isTransparent(type, only.type)) return this.value(only.type, depth + 1);
    const values = this.fields(fields, depth);
    if (type.name === null && values.kind === "unnamed") return { kind: "tuple", value: values.values };
    if (type.name === null && values.kind === "unit") return UNIT;
    return { kind: "struct", name: type.name, fields: values };
  }

  private variant(id: number, variants: Variant[], depth: number): Value {
    const index = this.from.byte();
    const variant = variants.find((one) => one.index === index);
    if (!variant) throw new Malformed(`${this.registry.describe(id)} has no variant of index ${index}`);
    return { kind: "variant", name: variant.name, fields: this.fields(variant.fields, depth) };
  }

  private fields(fields: Field[], depth: number): Fields {
    const values = fields.map((field) => this.value(field.type, depth + 1));
    if (fields.length === 0) return { kind: "unit" };
    if (fields[0]?.name === null) return { kind: "unnamed", values };
    return { kind: "named", entries: fields.map((field, at) => [field.name ?? "", values[at] as Value]) };
  }

  private compact(id: number, inner: number): Value {
    const bytes = this.registry.compactBytes(inner);
    if (bytes === null) throw new Malformed(`${this.registry.describe(id)} is not supported`);
    const value = this.from.compact();
    if (value >> BigInt(bytes * 8) !== 0n) throw new Malformed(`not a ${primitiveName({ signed: false, bytes })}`);
    return { kind: "int", value };
  }

  private bits(id: number, store: number, order: number): Value {
    const layout = this.registry.bits(store, order);
    if (!layout) throw new Malformed(`${this.registry.describe(id)} is not supported`);
    const length = this.length();
    const words = this.from.take(Math.ceil(length / (layout.word * 8)) * layout.word);
    this.spend(length, 0);
    const all = Array.from({ length: words.length * 8 }, (_, at) => {
      const [byte, mask] = bitPlace(at, layout.word, layout.msbFirst);
      return ((words[byte] ?? 0) & mask) !== 0;
    });
    // What fills the last word up is not part of the value, and must be nothing.
    if (all.slice(length).includes(true)) throw new Malformed(`not a ${this.registry.describe(id)}`);
    return { kind: "seq", value: all.slice(0, length).map((value) => ({ kind: "bool", value })) };
  }
}
