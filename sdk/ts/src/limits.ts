/** Bounds of what is read and sent; the same as `crates/types/src/limits.rs`. */

/** Bytes of one command or query as it travels. */
export const COMMAND_BYTES_MAX = 256 * 1024;
/** Bytes of a contract's Wasm. */
export const CODE_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of a contract bundle: its Wasm in hexadecimal, and metadata. */
export const BUNDLE_BYTES_MAX = 2 * CODE_BYTES_MAX + 4 * 1024 * 1024;
/** Most gas of one command. */
export const COMMAND_GAS_MAX = 500_000_000_000n;
/** Milliseconds ahead of block time a command's expiry may lie. */
export const COMMAND_EXPIRY_MS_MAX = 10 * 60 * 1000;
/** Milliseconds one query may take. */
export const QUERY_TIME_MS_MAX = 10_000;
/** Milliseconds a session lives. */
export const SESSION_TIME_MS_MAX = 60 * 60 * 1000;
/** Milliseconds a long-poll waits. */
export const POLL_TIME_MS_MAX = 30_000;
/** Bytes of an answer that holds what a contract returned. */
export const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of a registry record with its proof, or of a JSON document. */
export const DOCUMENT_BYTES_MAX = 512 * 1024;
/** Bytes of attestation evidence. */
export const EVIDENCE_BYTES_MAX = 64 * 1024;
/** Milliseconds that evidence may seem to come from the future. */
export const EVIDENCE_SKEW_MS_MAX = 60_000;
/** Headers between a header and the certified one. */
export const HEADER_CHAIN_MAX = 256;
/** Steps of a path through a block's results tree. */
export const PATH_STEPS_MAX = 32;
/** Steps of a state proof. */
export const STATE_DEPTH_MAX = 256;
/** Replicas of a cluster. */
export const PARTICIPANTS_MAX = 128;
/** Nesting of a value in text form or by metadata. */
export const VALUE_DEPTH_MAX = 64;
/** Parts of one value decoded by metadata. */
export const VALUE_PARTS_MAX = 512 * 1024;
/** Characters of the text form of one value. */
export const VALUE_TEXT_MAX = 4 * 1024 * 1024;
/** Log records one query returns. */
export const LOG_QUERY_RECORDS_MAX = 1_000;
