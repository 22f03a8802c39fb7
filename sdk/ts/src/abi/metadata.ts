/** What a contract's messages, constructors and events are called and made of: metadata of ink! 3, 4 and 5. */

import { fromHex, type Hex, parseId, toHex } from "../bytes.ts";
import { Malformed, Writer } from "../scale.ts";
import { decodeAll } from "./decode.ts";
import { encodeValue, ValueError } from "./encode.ts";
import { array, identifier, index, type Json, MetadataError, object, Registry } from "./registry.ts";
import { parseValue, TextError } from "./text.ts";
import { formatValue, plain, UNIT, type Value } from "./value.ts";

/** An argument of a message, or a field of an event. */
export interface Argument {
  label: string;
  /** Its type as a Rust programmer would write it. */
  typeName: string;
  type: number;
}

/** A message or constructor. */
export interface Message {
  /** Its name; `trait::method` for a trait's message. */
  label: string;
  /** What the input starts with: four bytes. */
  selector: Uint8Array;
  args: Argument[];
  /** Whether it changes state: a command, not a query. True for constructors. */
  mutates: boolean;
  payable: boolean;
  /** Whether its author marked it as the default. */
  default: boolean;
  docs: string[];
  returnType: number | null;
}

/** An event. */
export interface EventSpec {
  label: string;
  args: Argument[];
  /** Its first topic (ink! 5); `null` when anonymous, and in older layouts. */
  signatureTopic: Hex | null;
}

/** Arguments do not fit what is called. `argument` counts from 0. */
export class ArgumentError extends Error {
  override name = "ArgumentError";
  constructor(message: string, readonly argument: number | null) {
    super(message);
  }
}

/** The contract's dispatch did not understand the call: ink!'s `LangError`. */
export class LangError extends Error {
  override name = "LangError";
}

/** The metadata of an ink! contract. */
export class Metadata {
  readonly messages: Message[];
  readonly constructors: Message[];
  readonly events: EventSpec[];
  /** Major version of ink! that the layout belongs to. */
  readonly layout: 3 | 4 | 5;
  /** The contract's name, where the file says it. */
  readonly name: string | null;
  readonly #registry: Registry;
  readonly #langError: number | null;

  /** Reads the JSON of a `.json` or `.contract` file. Throws {@link MetadataError}. */
  constructor(document: unknown) {
    const file = object(document, "the file");
    this.layout = layout(file.version);
    const top = file.spec !== undefined && file.types !== undefined ? file : (file.V3 ?? file.V2 ?? file.V1 ?? file.V0);
    if (top === undefined) throw new MetadataError("there is no metadata in the file: `spec` and `types` are missing");
    const { spec: rawSpec, types } = object(top, "metadata");
    const spec = object(rawSpec, "`spec`");
    this.#registry = new Registry(types);
    const lang = spec.lang_error;
    this.#langError = lang === undefined || lang === null ? null : this.#typeUse(lang);
    this.constructors = array(spec.constructors, "`constructors`").map((raw) => this.#message(object(raw, "a constructor"), true));
    this.messages = array(spec.messages, "`messages`").map((raw) => this.#message(object(raw, "a message"), false));
    this.events = array(spec.events, "`events`").map((raw) => this.#event(object(raw, "an event")));
    const contract = typeof file.contract === "object" && file.contract !== null ? (file.contract as Json).name : null;
    this.name = typeof contract === "string" ? plain(contract).slice(0, 80) : null;
  }

  #typeUse(used: unknown): number {
    return this.#registry.check(index(object(used, "a type").type, "a type"));
  }

  #message(raw: Json, constructor: boolean): Message {
    const name = label(raw.label ?? raw.name);
    const selectorBytes = selector(raw.selector);
    if (!selectorBytes) throw new MetadataError(`the selector of \`${name}\` is not 0x followed by 8 hexadecimal digits`);
    const returned = raw.returnType;
    return {
      label: name,
      selector: selectorBytes,
      args: this.#arguments(raw.args),
      mutates: constructor || raw.mutates === true,
      // Constructors of the older layouts do not say, because all of them accept value.
      payable: typeof raw.payable === "boolean" ? raw.payable : constructor,
      default: raw.default === true,
      docs: docs(raw.docs),
      returnType: returned === undefined || returned === null ? null : this.#typeUse(returned),
    };
  }

  #event(raw: Json): EventSpec {
    return { label: label(raw.label ?? raw.name), args: this.#arguments(raw.args), signatureTopic: topic(raw.signature_topic) };
  }

  #arguments(raw: unknown): Argument[] {
    return array(raw, "arguments").map((entry, position) => {
      const argument = object(entry, "an argument");
      const type = this.#typeUse(argument.type);
      return { label: orElse(() => label(argument.label ?? argument.name), `arg${position}`), typeName: this.#registry.describe(type), type };
    });
  }

  /** A message by its label, or by the label's last segment when no other message has it. */
  message(name: string): Message {
    return find("message", this.messages, name);
  }

  /** A constructor by its label, as {@link message}. */
  constructorOf(name: string): Message {
    return find("constructor", this.constructors, name);
  }

  /** The constructor to run when none is named: the one marked as default, or called `new`, or the only one. */
  get defaultConstructor(): Message | null {
    const [first, second] = this.constructors;
    return this.constructors.find((one) => one.default) ?? this.constructors.find((one) => one.label === "new")
      ?? (second ? null : (first ?? null));
  }

  /** The type that a message returns, as a Rust programmer would write it. */
  returns(message: Message): string {
    const type = this.#returnType(message);
    return this.#registry.describe(type.kind === "wrapped" ? type.ok : type.kind === "plain" ? type.type : null);
  }

  /** The input that calls a message: selector and encoded arguments, each given in text form. */
  encodeInput(message: Message, args: string[]): Uint8Array {
    if (args.length !== message.args.length) {
      const wanted = message.args.map((arg) => `${arg.label}: ${arg.typeName}`).join(", ");
      throw new ArgumentError(`\`${message.label}\` takes ${message.args.length} arguments (${wanted}), got ${args.length}`, null);
    }
    const writer = new Writer();
    writer.put(message.selector);
    message.args.forEach((arg, at) => this.#encodeArgument(arg, at, args[at] ?? "", writer));
    return writer.done();
  }

  #encodeArgument(arg: Argument, at: number, text: string, to: Writer): void {
    try {
      encodeValue(this.#registry, parseValue(text), arg.type, to);
    } catch (error) {
      if (error instanceof TextError) throw new ArgumentError(`expected ${arg.typeName}: ${error.message}`, at);
      if (error instanceof ValueError) throw new ArgumentError(error.message, at);
      throw error;
    }
  }

  /**
   * What a message or constructor returned: without the `Result` that ink! 4 and later wrap around it. Throws
   * {@link LangError} when the dispatch failed inside the contract, {@link Malformed} when the bytes are not of the type.
   */
  decodeReturn(message: Message, data: Uint8Array): Value {
    const type = this.#returnType(message);
    const one = (id: number, bytes: Uint8Array) => decodeAll(this.#registry, [id], bytes)[0] as Value;
    if (type.kind === "plain") return one(type.type, data);
    let rest = data;
    if (type.kind === "wrapped") {
      if (data[0] === type.errIndex) {
        throw new LangError(`the contract did not understand the call: ${formatValue(one(type.err, data.subarray(1)))}`);
      }
      if (data[0] !== type.okIndex) throw new Malformed("not a Result");
      rest = data.subarray(1);
      if (type.ok !== null) return one(type.ok, rest);
    }
    if (rest.length > 0) throw new Malformed(`${rest.length} bytes are left over`);
    return UNIT;
  }

  /** What a message returns when its result is `text`; the opposite of {@link decodeReturn}. */
  encodeReturn(message: Message, text: string): Uint8Array {
    const type = this.#returnType(message);
    const id = type.kind === "wrapped" ? type.ok : type.kind === "plain" ? type.type : null;
    const writer = new Writer();
    if (type.kind === "wrapped") writer.uint(BigInt(type.okIndex), 1);
    if (id !== null) encodeValue(this.#registry, parseValue(text), id, writer);
    else if (formatValue(parseValue(text)) !== "()") throw new ValueError("expected ()");
    return writer.done();
  }

  /** An event of the contract by its topics and data, or `null` when it is none of this metadata's. */
  decodeEvent(topics: Hex[], data: Uint8Array): Value | null {
    if (this.layout < 5) {
      const event = data.length > 0 ? this.events[data[0] as number] : undefined;
      return event ? this.#eventFields(event, data.subarray(1)) : null;
    }
    const signed = this.events.find((event) => event.signatureTopic !== null && event.signatureTopic === topics[0]);
    if (signed) return this.#eventFields(signed, data);
    const fitting = this.events.filter((event) => event.signatureTopic === null).flatMap((event) => {
      const value = this.#eventFields(event, data);
      return value ? [value] : [];
    });
    return fitting.length === 1 ? (fitting[0] as Value) : null;
  }

  #eventFields(event: EventSpec, data: Uint8Array): Value | null {
    try {
      const values = decodeAll(this.#registry, event.args.map((arg) => arg.type), data);
      const entries = event.args.map((arg, at): [string, Value] => [arg.label, values[at] as Value]);
      return { kind: "struct", name: event.label, fields: entries.length ? { kind: "named", entries } : { kind: "unit" } };
    } catch (error) {
      if (error instanceof Malformed) return null;
      throw error;
    }
  }

  #returnType(message: Message): ReturnType {
    if (message.returnType === null) return { kind: "nothing" };
    const type = this.#registry.get(message.returnType);
    const plainType: ReturnType = { kind: "plain", type: message.returnType };
    if (type.def.kind !== "variant" || type.name !== "Result") return plainType;
    const ok = type.def.variants.find((variant) => variant.name === "Ok");
    const err = type.def.variants.find((variant) => variant.name === "Err");
    const errType = err?.fields[0]?.type;
    if (!ok || !err || errType === undefined || err.fields.length !== 1) return plainType;
    // The first builds of ink! 4 did not say which type it is.
    const isLang = this.#langError === null
      ? this.layout > 3 && this.#registry.get(errType).name === "LangError"
      : errType === this.#langError;
    if (!isLang) return plainType;
    return { kind: "wrapped", okIndex: ok.index, ok: ok.fields[0]?.type ?? null, errIndex: err.index, err: errType };
  }
}

type ReturnType =
  | { kind: "nothing" }
  | { kind: "plain"; type: number }
  | { kind: "wrapped"; okIndex: number; ok: number | null; errIndex: number; err: number };

function layout(version: unknown): 3 | 4 | 5 {
  if (version === undefined || version === null) return 3;
  const number = Number(version);
  if (number >= 0 && number <= 3) return 3;
  if (number === 4 || number === 5) return number;
  throw new MetadataError(`version ${plain(String(version)).slice(0, 20)} is not known; versions of ink! 3, 4 and 5 are`);
}

function find(kind: string, messages: Message[], name: string): Message {
  const exact = messages.find((message) => message.label === name);
  const short = messages.filter((message) => message.label.split("::").at(-1) === name);
  const found = exact ?? (short.length === 1 ? short[0] : undefined);
  if (found) return found;
  throw new ArgumentError(`no ${kind} \`${name}\`; there are: ${messages.map((message) => message.label).slice(0, 40).join(", ")}`, null);
}

/** A label: a string, or the segments of a trait's message in older layouts. */
function label(raw: unknown): string {
  const segments = Array.isArray(raw) ? raw : String(raw ?? "").split("::");
  return segments.map(identifier).join("::");
}

/** Four bytes in hexadecimal, or a list of them, or the text of such a list, which the first versions wrote. */
function selector(raw: unknown): Uint8Array | null {
  const byte = (value: unknown) => (typeof value === "number" ? value.toString(16) : String(value).trim().replace(/^"?0x|"/g, "")).padStart(2, "0");
  let digits = String(raw ?? "");
  if (Array.isArray(raw)) digits = raw.map(byte).join("");
  else if (digits.trim().startsWith("[")) digits = digits.trim().slice(1, -1).split(",").map(byte).join("");
  const bytes = fromHex(digits);
  return bytes?.length === 4 ? bytes : null;
}

function topic(raw: unknown): Hex | null {
  if (raw === undefined || raw === null) return null;
  const bytes = Array.isArray(raw) && raw.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
    ? toHex(Uint8Array.from(raw as number[]))
    : typeof raw === "string" ? `0x${raw.replace(/^0x/, "")}` : "";
  const id = parseId(bytes);
  if (!id) throw new MetadataError("an event's signature topic is not 32 bytes");
  return id;
}

function docs(raw: unknown): string[] {
  return array(raw, "documentation").map((line) => plain(String(line)).trim());
}

function orElse<T>(make: () => T, other: T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof MetadataError) return other;
    throw error;
  }
}
