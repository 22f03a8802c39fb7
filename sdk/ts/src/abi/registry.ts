/** The types of a contract, whatever layout of metadata they came in. */

import { plain } from "./value.ts";

/** Metadata cannot be used. */
export class MetadataError extends Error {
  override name = "MetadataError";
}

export interface Field {
  name: string | null;
  type: number;
}
export interface Variant {
  name: string;
  index: number;
  fields: Field[];
}
export type Def =
  | { kind: "composite"; fields: Field[] }
  | { kind: "variant"; variants: Variant[] }
  | { kind: "sequence"; item: number }
  | { kind: "array"; length: number; item: number }
  | { kind: "tuple"; items: number[] }
  | { kind: "primitive"; primitive: Primitive }
  | { kind: "compact"; inner: number }
  | { kind: "bits"; store: number; order: number };
export type Primitive = "bool" | "char" | "str" | { signed: boolean; bytes: number };
export interface Type {
  name: string | null;
  params: number[];
  def: Def;
}

/** Nesting up to which a type is described, and characters after which its description is cut off. */
const DESCRIPTION_DEPTH_MAX = 8;
const DESCRIPTION_MAX = 200;
const VARIANTS_MAX = 256;
const NAME_MAX = 128;
/** Structs in the registry alone, and written as the one field they have. */
const CONTAINERS = ["BTreeMap", "BTreeSet", "BinaryHeap", "Cow", "WrapperKeepOpaque"];

/** An object of a JSON document. */
export type Json = Record<string, unknown>;

export function object(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MetadataError(`${what} is not an object`);
  return value as Json;
}

export function array(value: unknown, what: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MetadataError(`${what} is not a list`);
  return value;
}

export function index(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new MetadataError(`${what} is not a number of 32 bits`);
  }
  return value;
}

/** A name that the text form can show and read back. Anything else could deceive its reader. */
export function identifier(name: unknown): string {
  const bare = typeof name === "string" ? name.replace(/^r#/, "") : "";
  if (bare.length <= NAME_MAX && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(bare) && bare !== "true" && bare !== "false") return bare;
  throw new MetadataError(`\`${plain(String(name)).slice(0, 40)}\` is not a name`);
}

/** Types by id. Every id that a type names is there. */
export class Registry {
  readonly #types = new Map<number, Type>();

  constructor(types: unknown) {
    array(types, "`types`").forEach((entry, position) => {
      // Layouts without explicit ids count from 1.
      const raw = object(entry, "a type");
      const id = raw.id === undefined ? position + 1 : index(raw.id, "a type's id");
      if (this.#types.has(id)) throw new MetadataError(`type ${id} is defined twice`);
      this.#types.set(id, normalise(id, raw));
    });
    for (const type of this.#types.values()) references(type).forEach((id) => this.check(id));
  }

  /** The id, if there is such a type. */
  check(id: number): number {
    if (!this.#types.has(id)) throw new MetadataError(`type ${id} is not defined`);
    return id;
  }

  /** The type of an id that came from this contract's metadata. */
  get(id: number): Type {
    const type = this.#types.get(id);
    if (!type) throw new MetadataError(`type ${id} is not defined`);
    return type;
  }

  /** Whether the type is `u8`, so that a list of it is bytes. */
  isByte(id: number): boolean {
    const { def } = this.get(id);
    return def.kind === "primitive" && typeof def.primitive === "object" && !def.primitive.signed && def.primitive.bytes === 1;
  }

  /** Whether a struct of one unnamed field is written as that field. */
  isTransparent(type: Type, inner: number): boolean {
    const { def } = this.get(inner);
    const name = type.name ?? "";
    return (def.kind === "array" && this.isByte(def.item)) || name.startsWith("NonZero") || CONTAINERS.includes(name);
  }

  /** Bytes of a word of a bit sequence, and whether a word's first bit is its most significant one. */
  bits(store: number, order: number): { word: number; msbFirst: boolean } | null {
    const { def } = this.get(store);
    const name = this.get(order).name;
    if (def.kind !== "primitive" || typeof def.primitive !== "object" || def.primitive.signed) return null;
    const word = def.primitive.bytes;
    if (![1, 2, 4, 8].includes(word) || (name !== "Lsb0" && name !== "Msb0")) return null;
    return { word, msbFirst: name === "Msb0" };
  }

  /** Bytes of the number inside a compact type: the type itself, or what structs of one field wrap. */
  compactBytes(id: number): number | null {
    for (let at = id, depth = 0; depth < 64; depth += 1) {
      const { def } = this.get(at);
      if (def.kind === "primitive") {
        const { primitive } = def;
        return typeof primitive === "object" && !primitive.signed && primitive.bytes <= 16 ? primitive.bytes : null;
      }
      const inner = def.kind === "composite" ? def.fields.map((field) => field.type) : def.kind === "tuple" ? def.items : [];
      if (inner.length !== 1) return null;
      at = inner[0] as number;
    }
    return null;
  }

  /** The type as a Rust programmer would write it, cut off when it is very long or deep. */
  describe(id: number | null, depth = 0): string {
    if (id === null) return "()";
    if (depth > DESCRIPTION_DEPTH_MAX) return "..";
    const type = this.get(id);
    const list = (ids: number[]) => ids.map((inner) => this.describe(inner, depth + 1)).join(", ");
    const text = type.name ? type.name + (type.params.length ? `<${list(type.params)}>` : "") : describeDef(type.def, list);
    return text.length > DESCRIPTION_MAX ? `${text.slice(0, DESCRIPTION_MAX)}..` : text;
  }
}

function describeDef(def: Def, list: (ids: number[]) => string): string {
  switch (def.kind) {
    case "composite": return `{${list(def.fields.map((field) => field.type))}}`;
    case "variant": return "enum";
    case "sequence": return `Vec<${list([def.item])}>`;
    case "array": return `[${list([def.item])}; ${def.length}]`;
    case "tuple": return `(${list(def.items)})`;
    case "primitive": return primitiveName(def.primitive);
    case "compact": return `Compact<${list([def.inner])}>`;
    case "bits": return "BitVec";
  }
}

export function primitiveName(primitive: Primitive): string {
  return typeof primitive === "string" ? primitive : `${primitive.signed ? "i" : "u"}${primitive.bytes * 8}`;
}

function references({ def, params }: Type): number[] {
  const own = (() => {
    switch (def.kind) {
      case "composite": return def.fields.map((field) => field.type);
      case "variant": return def.variants.flatMap((variant) => variant.fields.map((field) => field.type));
      case "tuple": return def.items;
      case "sequence":
      case "array": return [def.item];
      case "compact": return [def.inner];
      case "bits": return [def.store, def.order];
      case "primitive": return [];
    }
  })();
  return [...own, ...params];
}

function normalise(id: number, entry: Json): Type {
  const inner = entry.type === undefined ? entry : object(entry.type, `type ${id}`);
  const path = array(inner.path, "a path");
  const params = array(inner.params, "type parameters").flatMap((param) => {
    // `{name, type}`, or, in the first layout, the id alone.
    const type = typeof param === "number" ? param : object(param, "a type parameter").type;
    return type === undefined || type === null ? [] : [index(type, "a type parameter")];
  });
  const last = path.at(-1);
  return { name: last === undefined ? null : identifier(last), params, def: definition(id, object(inner.def, `type ${id}`)) };
}

function definition(id: number, raw: Json): Def {
  const [kind, body] = Object.entries(raw)[0] ?? [];
  const inner = () => object(body, `type ${id}`);
  switch (kind) {
    case "composite": return { kind, fields: fields(id, inner().fields) };
    case "variant": return { kind, variants: variants(id, inner().variants) };
    case "sequence": return { kind, item: index(inner().type, `type ${id}`) };
    case "array": return { kind, length: index(inner().len, `type ${id}`), item: index(inner().type, `type ${id}`) };
    case "tuple": return { kind, items: array(body, `type ${id}`).map((item) => index(item, `type ${id}`)) };
    case "primitive": return { kind, primitive: primitive(id, body) };
    case "compact": return { kind, inner: index(inner().type, `type ${id}`) };
    case "phantom": return { kind: "tuple", items: [] };
    case "bitsequence":
    case "bitSequence": {
      const { bit_store_type, bitStoreType, bit_order_type, bitOrderType } = inner();
      return { kind: "bits", store: index(bit_store_type ?? bitStoreType, `type ${id}`), order: index(bit_order_type ?? bitOrderType, `type ${id}`) };
    }
    default: throw new MetadataError(`type ${id} is malformed`);
  }
}

function primitive(id: number, name: unknown): Primitive {
  if (name === "bool" || name === "char" || name === "str") return name;
  const number = /^([ui])(8|16|32|64|128|256)$/.exec(String(name));
  if (!number) throw new MetadataError(`type ${id} is malformed`);
  return { signed: number[1] === "i", bytes: Number(number[2]) / 8 };
}

/** Fields, either all named or all unnamed. */
function fields(id: number, raw: unknown): Field[] {
  const all = array(raw, "fields").map((entry) => {
    const { name, type } = object(entry, "a field");
    return { name: name === undefined || name === null ? null : identifier(name), type: index(type, `type ${id}`) };
  });
  const named = all.filter((field) => field.name !== null).length;
  if (named !== 0 && named !== all.length) throw new MetadataError(`type ${id} is malformed`);
  return all;
}

function variants(id: number, raw: unknown): Variant[] {
  const all = array(raw, "variants");
  if (all.length > VARIANTS_MAX) throw new MetadataError(`type ${id} is malformed`);
  return all.map((entry, position) => {
    const variant = object(entry, "a variant");
    const number = index(variant.index ?? variant.discriminant ?? position, `type ${id}`);
    if (number > 255) throw new MetadataError(`type ${id} is malformed`);
    return { name: identifier(variant.name), index: number, fields: fields(id, variant.fields) };
  });
}
