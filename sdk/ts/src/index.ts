/** The verifying client of Tallow, for browsers and Node. */

export { type Bundle, BundleError, parseBundle } from "./abi/bundle.ts";
export { ValueError } from "./abi/encode.ts";
export { type Argument, ArgumentError, type EventSpec, LangError, type Message, Metadata } from "./abi/metadata.ts";
export { type Returned, readReturned } from "./abi/returned.ts";
export { MetadataError } from "./abi/registry.ts";
export { parseValue, TextError } from "./abi/text.ts";
export { type Fields, formatValue, plain, type Value } from "./abi/value.ts";
export { developmentPolicy, type Identity, type Policy, policyDigest } from "./attest.ts";
export { fromHex, type Hex, parseId, randomBytes, toHex } from "./bytes.ts";
export {
  type Anchored, Client, type CommandDraft, type Options, type PreparedCommand, type ProvenReceipt, type Status,
  type VerifiedAnswer, type VerifiedReceipt,
} from "./client.ts";
export { advice, ClientError, type ErrorKind, type Problem, Rejection, type RejectionReason } from "./errors.ts";
export { codeHash, headerDigest } from "./hash.ts";
export { accountOfAddress, Keypair } from "./keys.ts";
export { COMMAND_GAS_MAX, LOG_QUERY_RECORDS_MAX } from "./limits.ts";
export { parseCertifiedHeader, type Seen } from "./proof.ts";
export { callErrorText } from "./text.ts";
export type {
  Action, AnchorRecord, CallError, CallResult, CertifiedHeader, ClusterRecord, CodeRecord, ContractRecord, Event,
  Firing, Header, LogRecord, Outcome, Output, PublicKey, Query, QueryResult, Receipt, Schedule, Timer, TimerStatus,
  WorkerRecord,
} from "./types.ts";
