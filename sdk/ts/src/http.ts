/** HTTP under limits: whatever the server does, a request ends in bounded time and takes bounded memory. */

import { fromUtf8 } from "./bytes.ts";
import { ClientError, type Problem } from "./errors.ts";
import { DOCUMENT_BYTES_MAX } from "./limits.ts";

/** An answer that is not an error. */
export interface Answer {
  status: number;
  body: Uint8Array;
}

/** What a request may take. */
export interface Budget {
  /** Bytes of the answer's body. */
  bytes: number;
  /** Milliseconds the server was asked to wait, beyond the time that every request has. */
  waitMs?: number;
}

/** Requests to one server. */
export class Http {
  readonly base: URL;

  constructor(url: string, private readonly timeMs: number) {
    let base: URL;
    try {
      base = new URL(url);
    } catch (cause) {
      throw new ClientError("url", `"${url}" is not a URL of a worker; write it as http://127.0.0.1:7300`, null, { cause });
    }
    if (!/^https?:$/.test(base.protocol)) throw new ClientError("url", `"${url}" is no http:// or https:// URL`);
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    this.base = base;
  }

  get(path: string, budget: Budget): Promise<Answer> {
    return this.#send(path, { method: "GET" }, budget);
  }

  post(path: string, body: Uint8Array<ArrayBuffer>, budget: Budget): Promise<Answer> {
    return this.#send(path, { method: "POST", body, headers: { "content-type": "application/octet-stream" } }, budget);
  }

  async #send(path: string, init: RequestInit, budget: Budget): Promise<Answer> {
    const time = this.timeMs + (budget.waitMs ?? 0);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), time);
    try {
      const response = await fetch(new URL(path, this.base), { ...init, signal: abort.signal, redirect: "error", cache: "no-store", credentials: "omit" });
      if (response.ok) return { status: response.status, body: await read(response, budget.bytes) };
      throw await this.#failure(response);
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      if (abort.signal.aborted) {
        throw new ClientError("timeout", `No answer from ${this.base.origin} within ${time} ms; try again`, null, { cause });
      }
      throw new ClientError("unreachable", `Cannot reach a worker at ${this.base.origin}; is \`tallow dev\` running?`, null, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #failure(response: Response): Promise<ClientError> {
    const unexpected = () => new ClientError("unexpected", `${this.base.origin} answered with HTTP status ${response.status}, which is not an answer of a worker's API`);
    if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return unexpected();
    const problem = asProblem(json(await read(response, DOCUMENT_BYTES_MAX)));
    return problem ? new ClientError("api", `${problem.title} ${problem.detail}`, problem) : unexpected();
  }
}

function asProblem(document: unknown): Problem | null {
  if (typeof document !== "object" || document === null) return null;
  const { code, status, title, detail } = document as Record<string, unknown>;
  if (typeof code !== "string" || typeof status !== "number") return null;
  return { code, status, title: String(title ?? ""), detail: String(detail ?? "") };
}

/** A JSON document. */
export function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(body));
  } catch (cause) {
    throw new ClientError("malformed", "The worker's answer is not JSON; is the URL that of a worker?", null, { cause });
  }
}

/** Reads a body, and stops as soon as it exceeds the limit, whatever length it claims. */
async function read(response: Response, limit: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    length += next.value.length;
    if (length > limit) {
      await reader?.cancel();
      throw new ClientError("too_large", `The answer exceeds ${limit} bytes`);
    }
    chunks.push(next.value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
