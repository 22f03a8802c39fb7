/** The parser of the text form (`docs/text-form.md`). */

import { fromHex } from "../bytes.ts";
import { VALUE_DEPTH_MAX, VALUE_TEXT_MAX } from "../limits.ts";
import { type Fields, UNIT, type Value } from "./value.ts";

/** A text is not a value. */
export class TextError extends Error {
  override name = "TextError";
  constructor(readonly problem: string, /** Counted in characters from 1. */ readonly column: number) {
    super(`not a value: ${problem} at character ${column}`);
  }
}

const WORD = /[\p{L}\p{N}_]/u;
const ESCAPES: Record<string, string> = {
  '"': '"', "\\": "\\", "/": "/", "'": "'", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t",
};

/** Parses the text form of exactly one value. */
export function parseValue(text: string): Value {
  if (text.length > VALUE_TEXT_MAX) throw new TextError(`longer than ${VALUE_TEXT_MAX} characters`, 1);
  const parser = new Parser(Array.from(text));
  const value = parser.value(0);
  if (parser.peek() !== undefined) throw parser.error("unexpected text after the value");
  return value;
}

class Parser {
  private at = 0;
  constructor(private readonly chars: string[]) {}

  error(problem: string): TextError {
    return new TextError(problem, this.at + 1);
  }

  /** The next character that is not white space, which stays unread. */
  peek(): string | undefined {
    while (/^\s$/u.test(this.chars[this.at] ?? "")) this.at += 1;
    return this.chars[this.at];
  }

  private next(): string | undefined {
    const c = this.chars[this.at];
    this.at += 1;
    return c;
  }

  private take(wanted: string): boolean {
    const found = this.peek() === wanted;
    if (found) this.at += 1;
    return found;
  }

  value(depth: number): Value {
    if (depth > VALUE_DEPTH_MAX) throw this.error(`nested deeper than ${VALUE_DEPTH_MAX} levels`);
    const c = this.peek();
    if (c === undefined) throw this.error("a value is missing");
    if (c === "[") return { kind: "seq", value: this.list("]", depth) };
    if (c === "(") return this.tuple(depth);
    if (c === "{") return { kind: "struct", name: null, fields: this.entries("}", depth) };
    if (c === '"') return { kind: "text", value: this.quoted() };
    if (c === "'") return this.character();
    if (c === "-" || c === "+") return this.signed();
    if (WORD.test(c)) return this.word(depth);
    throw this.error(`unexpected \`${c}\``);
  }

  private tuple(depth: number): Value {
    const fields = this.round(depth);
    if (fields.kind === "unit") return UNIT;
    if (fields.kind === "unnamed") return { kind: "tuple", value: fields.values };
    return { kind: "struct", name: null, fields };
  }

  /** Values up to the closing bracket, separated by commas; called at the opening one. */
  private list(close: string, depth: number): Value[] {
    this.next();
    const items: Value[] = [];
    while (!this.take(close)) {
      items.push(this.value(depth + 1));
      this.separator(close);
    }
    return items;
  }

  private separator(close: string): void {
    if (this.take(",") || this.peek() === close) return;
    throw this.error(`expected \`,\` or \`${close}\``);
  }

  /** `(1, 2)`, or `(a: 1)`. */
  private round(depth: number): Fields {
    const start = this.at;
    this.next();
    if (this.take(")")) return { kind: "unit" };
    const named = this.isKey() && this.take(":");
    this.at = start;
    return named ? this.entries(")", depth) : { kind: "unnamed", values: this.list(")", depth) };
  }

  private isKey(): boolean {
    try {
      return this.peek() === '"' ? this.quoted() !== null : this.letters() !== "";
    } catch {
      return false;
    }
  }

  private entries(close: string, depth: number): Fields {
    this.next();
    const entries: [string, Value][] = [];
    while (!this.take(close)) {
      const key = this.peek() === '"' ? this.quoted() : this.letters();
      if (key === "") throw this.error("expected the name of a field");
      if (!this.take(":")) throw this.error(`expected \`:\` after \`${key}\``);
      entries.push([key, this.value(depth + 1)]);
      this.separator(close);
    }
    return { kind: "named", entries };
  }

  /** Letters, digits and underscores; possibly none. */
  private letters(): string {
    this.peek();
    const start = this.at;
    while (WORD.test(this.chars[this.at] ?? "")) this.at += 1;
    return this.chars.slice(start, this.at).join("");
  }

  /** A number, bytes, `true`, `false`, an address, or a name with its fields. */
  private word(depth: number): Value {
    const start = this.at;
    const word = this.letters();
    if (word.startsWith("0x")) {
      const value = fromHex(word);
      if (value) return { kind: "bytes", value };
      this.at = start;
      throw this.error("not hexadecimal bytes (0x and an even number of hexadecimal digits)");
    }
    if (/^[0-9]/.test(word)) {
      const digits = plainDigits(word);
      return digits === null ? { kind: "literal", value: word } : { kind: "int", value: this.number(digits) };
    }
    if (word === "true" || word === "false") return { kind: "bool", value: word === "true" };
    return { kind: "variant", name: word, fields: this.fields(depth) };
  }

  private number(digits: string): bigint {
    const value = BigInt(digits);
    if (value >> 128n !== 0n) throw this.error("the number exceeds 128 bits");
    return value;
  }

  private fields(depth: number): Fields {
    const c = this.peek();
    if (c === "(") return this.round(depth);
    return c === "{" ? this.entries("}", depth) : { kind: "unit" };
  }

  private signed(): Value {
    const negative = this.next() === "-";
    const digits = plainDigits(this.letters());
    if (digits === null) throw this.error("expected digits");
    const value = this.number(digits);
    if (value > (negative ? 1n << 127n : (1n << 127n) - 1n)) throw this.error("the number exceeds 128 bits");
    return { kind: "int", value: negative ? -value : value };
  }

  private character(): Value {
    this.next();
    let c = this.next();
    // `'\'` is a backslash, as for `cargo contract`, unless another quote follows.
    const [one, two] = [this.chars[this.at], this.chars[this.at + 1]];
    if (c === "\\" && (one !== "'" || two === "'")) c = this.escape();
    if (c === undefined) throw this.error("expected a character");
    if (this.next() !== "'") throw this.error("expected `'` after the character");
    return { kind: "char", value: c };
  }

  private quoted(): string {
    this.next();
    let text = "";
    for (;;) {
      const c = this.next();
      if (c === '"') return text;
      if (c === undefined) throw this.error('the text has no closing `"`');
      text += c === "\\" ? this.escape() : c;
    }
  }

  /** What follows a backslash: the escapes of JSON (RFC 8259), and `\'`. */
  private escape(): string {
    const c = this.next() ?? "";
    if (c === "u") return this.unicode();
    const plain = ESCAPES[c];
    if (plain === undefined) throw this.error("unknown escape");
    return plain;
  }

  /** Four hexadecimal digits, or eight as a surrogate pair. */
  private unicode(): string {
    let text = this.codeUnit();
    const high = text >= "\ud800" && text < "\udc00";
    if (high && this.chars[this.at] === "\\" && this.chars[this.at + 1] === "u") {
      this.at += 2;
      text += this.codeUnit();
    }
    const code = text.codePointAt(0) ?? 0;
    const alone = code >= 0xd800 && code < 0xe000;
    if (alone || Array.from(text).length !== 1) throw this.error("not a character");
    return text;
  }

  private codeUnit(): string {
    const digits = this.chars.slice(this.at, this.at + 4).join("");
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.error("expected four hexadecimal digits");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

/** The digits of a decimal number without its underscores, which may stand between digits. */
function plainDigits(word: string): string | null {
  return /^[0-9]+(_[0-9]+)*$/.test(word) ? word.replaceAll("_", "") : null;
}
