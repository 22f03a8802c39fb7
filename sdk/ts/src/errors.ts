/** What can go wrong, by who is to blame. Every text says what to do next. */

/** The errors of the API as problem documents (RFC 9457). */
export interface Problem {
  /** Stable code of the error, which programs may match on. */
  code: string;
  /** The HTTP status. */
  status: number;
  /** The error in a sentence. */
  title: string;
  /** What was wrong with this request, and what to do. */
  detail: string;
}

/** Why an operation failed; `kind` is stable. */
export type ErrorKind =
  | "url" | "unreachable" | "timeout" | "too_large" | "api" | "unexpected" | "malformed" | "rejected" | "refused"
  | "no_receipt" | "not_anchored" | "input" | "key";

/** An operation of the client failed. */
export class ClientError extends Error {
  override name = "ClientError";
  constructor(
    /** Which kind of failure. */
    readonly kind: ErrorKind,
    message: string,
    /** What the worker said, when it was the worker that refused. */
    readonly problem: Problem | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The stable code of the API, when the worker gave one. */
  get code(): string | null {
    return this.problem?.code ?? null;
  }
}

/** Why an answer is not believed: the worker, or someone on the way to it, is broken or lies. */
export class Rejection extends ClientError {
  override name = "Rejection";
  constructor(
    /** Which check failed. */
    readonly reason: RejectionReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super("rejected", `${message}. The answer is not believed: the worker, or somebody on the way to it, is broken or lies`, null, options);
  }
}

/** Which check an answer failed. */
export type RejectionReason =
  | "wrong_network" | "unknown_policy" | "wrong_key" | "stale" | "not_proven" | "wrong_value" | "not_final"
  | "unknown_cluster" | "unknown_worker" | "misfiled" | "not_vouched" | "not_a_member" | "attestation" | "wrong_command"
  | "not_in_block" | "outcome" | "anchor" | "changed_receipt" | "answer" | "unusable_key" | "old" | "wrong_kind"
  | "other_code" | "other_command" | "malformed";

/** What to do about a problem of the API, by its code. */
export function advice(code: string | null): string | null {
  switch (code) {
    case "busy": return "Try again in a moment.";
    case "unavailable": return "The worker cannot serve this now; look at its messages, then try again.";
    case "disk_full": return "Free some space on the worker's disk.";
    case "command_expired": return "Compare this machine's clock with the worker's, then send the command again.";
    case "session_unknown":
    case "replayed": return "Ask again: a new session is opened.";
    default: return null;
  }
}
