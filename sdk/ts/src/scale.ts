/** SCALE: the ecosystem's codec, as far as Tallow's documents need it. Input is hostile: every length is checked. */

import { concat, type Hex, fromHex, fromUtf8, toHex, utf8 } from "./bytes.ts";

/** The input is not the canonical encoding of the type. */
export class Malformed extends Error {
  override name = "Malformed";
}

/** Reads bytes from front to back. */
export class Reader {
  private at = 0;
  constructor(private readonly input: Uint8Array) {}

  /** Bytes not read yet. */
  get left(): number {
    return this.input.length - this.at;
  }

  /** The next bytes, as a view. */
  take(count: number): Uint8Array {
    if (count > this.left) throw new Malformed("the data ends too early");
    this.at += count;
    return this.input.subarray(this.at - count, this.at);
  }

  /** The next byte. */
  byte(): number {
    return this.take(1)[0] as number;
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** An unsigned number of so many little-endian bytes. */
  uint(bytes: number): bigint {
    let value = 0n;
    for (const byte of this.take(bytes).slice().reverse()) value = (value << 8n) | BigInt(byte);
    return value;
  }

  /** A compact number, in its one canonical form. */
  compact(): bigint {
    const first = this.byte();
    const mode = first & 3;
    if (mode === 0) return BigInt(first >> 2);
    if (mode === 3) {
      const bytes = (first >> 2) + 4;
      if (bytes > 16) throw new Malformed("a compact number is too long");
      const value = this.uint(bytes);
      const least = bytes === 4 ? 1n << 30n : 1n << BigInt(8 * (bytes - 1));
      if (value < least) throw new Malformed("a compact number is not canonical");
      return value;
    }
    const more = mode === 1 ? 1 : 3;
    const value = (this.uint(more) << 6n) | BigInt(first >> 2);
    if (value < (mode === 1 ? 1n << 6n : 1n << 14n)) throw new Malformed("a compact number is not canonical");
    return value;
  }

  /** How many items follow, each of at least `least` bytes. */
  length(least: number): number {
    const length = this.compact();
    if (length > 0xffff_ffffn || length * BigInt(least) > BigInt(this.left)) {
      throw new Malformed("a length exceeds the data");
    }
    return Number(length);
  }
}

/** Collects bytes. */
export class Writer {
  private parts: Uint8Array[] = [];

  /** Adds bytes. */
  put(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }

  /** Adds an unsigned number of so many little-endian bytes. */
  uint(value: bigint, bytes: number): void {
    if (value < 0n || value >> BigInt(8 * bytes) !== 0n) throw new RangeError(`${value} does not fit ${bytes} bytes`);
    const out = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 1) out[at] = Number((value >> BigInt(8 * at)) & 0xffn);
    this.put(out);
  }

  /** Adds a compact number. */
  compact(value: bigint): void {
    if (value < 1n << 6n) return this.uint(value << 2n, 1);
    if (value < 1n << 14n) return this.uint((value << 2n) | 1n, 2);
    if (value < 1n << 30n) return this.uint((value << 2n) | 2n, 4);
    let bytes = 4;
    while (value >> BigInt(8 * bytes) !== 0n) bytes += 1;
    this.uint(BigInt(((bytes - 4) << 2) | 3), 1);
    this.uint(value, bytes);
  }

  /** All that was added. */
  done(): Uint8Array<ArrayBuffer> {
    return concat(...this.parts);
  }
}

/** How a type is written and read. */
export interface Codec<T> {
  encode(value: T, to: Writer): void;
  decode(from: Reader): T;
}

/** The type that a codec is of. */
export type Of<C> = C extends Codec<infer T> ? T : never;

/** The encoding of a value. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  codec.encode(value, writer);
  return writer.done();
}

/** The value that `bytes` are the encoding of: nothing is left over. */
export function decodeExact<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = codec.decode(reader);
  if (reader.left > 0) throw new Malformed(`${reader.left} bytes are left over`);
  return value;
}

const big = (bytes: number): Codec<bigint> => ({
  encode: (value, to) => to.uint(value, bytes),
  decode: (from) => from.uint(bytes),
});
const small = (bytes: number): Codec<number> => ({
  encode: (value, to) => to.uint(BigInt(value), bytes),
  decode: (from) => Number(from.uint(bytes)),
});

export const u8 = small(1);
export const u16 = small(2);
export const u32 = small(4);
export const u64 = big(8);
export const u128 = big(16);

export const bool: Codec<boolean> = {
  encode: (value, to) => to.uint(value ? 1n : 0n, 1),
  decode: (from) => {
    const byte = from.byte();
    if (byte > 1) throw new Malformed("not a bool");
    return byte === 1;
  },
};

/** `Vec<u8>`. */
export const bytes: Codec<Uint8Array> = {
  encode: (value, to) => {
    to.compact(BigInt(value.length));
    to.put(value);
  },
  decode: (from) => from.take(from.length(1)).slice(),
};

/** `String`. */
export const text: Codec<string> = {
  encode: (value, to) => bytes.encode(utf8(value), to),
  decode: (from) => {
    const raw = bytes.decode(from);
    try {
      return fromUtf8(raw);
    } catch {
      throw new Malformed("a text is not UTF-8");
    }
  },
};

/** `[u8; N]`. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    encode: (value, to) => {
      if (value.length !== length) throw new RangeError(`expected ${length} bytes, got ${value.length}`);
      to.put(value);
    },
    decode: (from) => from.take(length).slice(),
  };
}

/** A 32-byte identifier or hash, in hexadecimal. */
export const id: Codec<Hex> = {
  encode: (value, to) => {
    const raw = fromHex(value);
    if (raw?.length !== 32) throw new RangeError(`${value} is not an identifier of 32 bytes`);
    to.put(raw);
  },
  decode: (from) => toHex(from.take(32)),
};

/** `Vec<T>`; an item of `T` takes at least one byte. */
export function vec<T>(item: Codec<T>): Codec<T[]> {
  return {
    encode: (value, to) => {
      to.compact(BigInt(value.length));
      for (const one of value) item.encode(one, to);
    },
    decode: (from) => Array.from({ length: from.length(1) }, () => item.decode(from)),
  };
}

/** `Option<T>`. */
export function option<T>(inner: Codec<T>): Codec<T | null> {
  return {
    encode: (value, to) => {
      bool.encode(value !== null, to);
      if (value !== null) inner.encode(value, to);
    },
    decode: (from) => (bool.decode(from) ? inner.decode(from) : null),
  };
}

/** A pair. */
export function pair<A, B>(first: Codec<A>, second: Codec<B>): Codec<[A, B]> {
  return {
    encode: (value, to) => {
      first.encode(value[0], to);
      second.encode(value[1], to);
    },
    decode: (from) => [first.decode(from), second.decode(from)],
  };
}

/** A struct, its fields in this order. */
export function struct<F extends Record<string, Codec<any>>>(
  fields: F,
): Codec<{ [K in keyof F]: Of<F[K]> }> {
  const entries = Object.entries(fields) as [string, Codec<unknown>][];
  return {
    encode: (value, to) => {
      for (const [name, codec] of entries) codec.encode((value as Record<string, unknown>)[name], to);
    },
    decode: (from) =>
      Object.fromEntries(entries.map(([name, codec]) => [name, codec.decode(from)])) as { [K in keyof F]: Of<F[K]> },
  };
}

/** Nothing. */
export const unit: Codec<null> = { encode: () => undefined, decode: () => null };

/** A variant with its name and value. */
export type Tagged<V> = { [K in keyof V]: { kind: K; value: Of<V[K]> } }[keyof V];

/** An enum, its variants numbered in this order. */
export function variants<V extends Record<string, Codec<any>>>(of: V): Codec<Tagged<V>> {
  const entries = Object.entries(of) as [string, Codec<unknown>][];
  return {
    encode: ({ kind, value }, to) => {
      const index = entries.findIndex(([name]) => name === kind);
      const entry = entries[index];
      if (!entry) throw new RangeError(`there is no variant ${String(kind)}`);
      to.uint(BigInt(index), 1);
      entry[1].encode(value, to);
    },
    decode: (from) => {
      const entry = entries[from.byte()];
      if (!entry) throw new Malformed("an enum has no such variant");
      return { kind: entry[0], value: entry[1].decode(from) } as Tagged<V>;
    },
  };
}

/** `Result<T, E>`. */
export function result<T, E>(ok: Codec<T>, err: Codec<E>): Codec<{ ok: T } | { err: E }> {
  return {
    encode: (value, to) => {
      to.uint("ok" in value ? 0n : 1n, 1);
      if ("ok" in value) ok.encode(value.ok, to);
      else err.encode(value.err, to);
    },
    decode: (from) => (bool.decode(from) ? { err: err.decode(from) } : { ok: ok.decode(from) }),
  };
}
