//! Every size, count and time that bounds something, in one place, each with its reason.
//!
//! Full means refuse with a clear error; nothing grows without one of these.

/// Bytes of one command as it travels (sealed); leaves room for a contract's arguments, not for its code.
pub const COMMAND_BYTES_MAX: usize = 256 * 1024;
/// Bytes of all entries of one block. A block is held in memory several times while it is voted on.
pub const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Entries of one block; bounds the time one proposal takes to execute.
pub const BLOCK_ENTRIES_MAX: usize = 1024;
/// Gas of one block, counted by the limits of what begins in it: nominally as many picoseconds of execution.
pub const BLOCK_GAS_MAX: u64 = 2_000_000_000_000;
/// Gas after whose use a block begins nothing more for accounts without balance, of which whoever wants has as many as he
/// likes: what is left is for those who have some.
pub const UNFUNDED_GAS_PER_BLOCK_MAX: u64 = BLOCK_GAS_MAX / 10;
/// Times its nominal time (a picosecond each) that gas may take on a slow or busy machine.
pub const GAS_TIME_FACTOR: u64 = 2;
/// Milliseconds one block's execution may take.
pub const BLOCK_MS_MAX: u64 = BLOCK_GAS_MAX / 1_000_000_000 * GAS_TIME_FACTOR;
/// Milliseconds for which a worker is ready though its cluster log does not grow and work waits for it.
pub const STALLED_MS_MAX: u64 = 5_000;
/// Commands waiting for a place in a block; when they are full, the newest of who has most gives way.
pub const MEMPOOL_COMMANDS_MAX: usize = 16_384;
/// Bytes of all commands waiting for a place in a block.
pub const MEMPOOL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of the answers waiting for a place in a block; further ones wait where they were fetched.
pub const MEMPOOL_ANSWERS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Commands that gave way to others which a worker remembers, to tell their senders.
pub const MEMPOOL_GONE_MAX: usize = 4_096;

/// Gas of one command when the caller names none, and the most one may ask for (0.5 s at 10^12 a second, as Phala's).
pub const COMMAND_GAS_MAX: u64 = 500_000_000_000;
/// Gas of one command that runs no contract when the caller names none: enough to keep the largest secret.
pub const ACT_GAS_MAX: u64 = 100_000_000;
/// Gas of one query when the caller names none.
pub const QUERY_GAS_MAX: u64 = 10_000_000_000_000;
/// Milliseconds one query may take, waiting included.
pub const QUERY_TIME_MS_MAX: u64 = 10_000;
/// Milliseconds ahead of block time a command's expiry may lie; bounds the set of seen commands.
pub const COMMAND_EXPIRY_MS_MAX: u64 = 10 * 60 * 1000;
/// Executed blocks above the final one whose states are kept; older ones are executed again when needed.
pub const CHAIN_BRANCHES_MAX: usize = 64;
/// Blocks above the final one that are executed to judge one proposal; a replica that lags more abstains.
pub const CHAIN_CATCH_UP_MAX: u64 = 1_024;
/// Milliseconds a block's time may be ahead of a verifier's clock.
pub const BLOCK_TIME_SKEW_MS_MAX: u64 = 2_000;

/// External calls one command may make.
pub const CALLS_PER_COMMAND_MAX: u32 = 16;
/// Times an external call of a command is tried before its failure is the answer.
pub const CALL_ATTEMPTS_MAX: u32 = 3;
/// Milliseconds one attempt of an external call may take.
pub const CALL_TIME_MS_MAX: u64 = 10_000;
/// External calls a replica performs at once: as many as contracts that Linux's default of memory mappings lets wait.
pub const CALLS_IN_FLIGHT_MAX: usize = 12_288;
/// Commands of one cluster that wait for answers; one more is refused.
pub const WAITING_COMMANDS_MAX: usize = 8_192;
/// Milliseconds after which the next designated replica attempts an external call: longer than one attempt takes.
pub const CALL_TAKEOVER_MS: u64 = CALL_TIME_MS_MAX + 5_000;
/// Timers of one contract; one more is refused.
pub const TIMERS_PER_CONTRACT_MAX: usize = 64;
/// Timers of one cluster; one more is refused.
pub const TIMERS_MAX: usize = 16_384;
/// Bytes of a timer's id.
pub const TIMER_ID_BYTES_MAX: usize = 32;
/// Bytes of a timer's cron expression.
pub const TIMER_CRON_BYTES_MAX: usize = 64;
/// Bytes of the input with which a timer calls.
pub const TIMER_INPUT_BYTES_MAX: usize = 1024;
/// Milliseconds between two firings of a timer, and between setting one and its first firing: a contract that sets a
/// timer anew at each firing makes no more blocks than one with an interval.
pub const TIMER_PERIOD_MS_MIN: u64 = 100;
/// Missed firings of a timer that are made good.
pub const TIMER_CATCH_UP_MAX: u32 = 100;
/// Firings that one block begins; those that are left come in the next.
pub const TIMERS_PER_BLOCK_MAX: usize = 256;
/// Gas after whose use a block begins no further firing, so that timers do not displace commands.
pub const TIMERS_GAS_PER_BLOCK_MAX: u64 = BLOCK_GAS_MAX / 10;
/// Firings of a timer that may run out of gas in a row; then it is suspended until its contract sets it anew.
pub const TIMER_OUT_OF_GAS_MAX: u32 = 3;
/// Milliseconds of block time after which a firing that still waits for external answers ends without them.
pub const FIRING_TIME_MS_MAX: u64 = COMMAND_EXPIRY_MS_MAX;
/// Requests of one HTTP batch (`phat-abi.md` 2.4).
pub const HTTP_BATCH_MAX: usize = 5;
/// Headers of one HTTP request or response.
pub const HTTP_HEADERS_MAX: usize = 256;
/// Bytes of an HTTP response's body.
pub const HTTP_BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of the answers one command may gather; they travel in blocks.
pub const ANSWER_BYTES_MAX: usize = HTTP_BODY_BYTES_MAX + 64 * 1024;
/// Redirects an HTTP request follows.
pub const HTTP_REDIRECTS_MAX: usize = 5;
/// Bytes of a URL that a contract calls or a server redirects to.
pub const HTTP_URL_BYTES_MAX: usize = 16 * 1024;
/// Bytes of all header names and values of an HTTP response.
pub const HTTP_HEADER_BYTES_MAX: usize = 48 * 1024;
/// Bytes of all HTTP responses that an egress client holds until their calls are answered. Further ones are read when
/// there is room, or time out.
pub const HTTP_RESPONSES_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes of the HTTP responses of one caller's calls, of [`HTTP_RESPONSES_BYTES_MAX`].
pub const HTTP_RESPONSES_BYTES_PER_CALLER_MAX: usize = 64 * 1024 * 1024;
/// Idle connections an egress client keeps for one host.
pub const HTTP_IDLE_CONNECTIONS_MAX: usize = 32;
/// Hosts for which an egress client keeps idle connections; those to others are closed after each request.
pub const HTTP_IDLE_HOSTS_MAX: usize = 32;
/// Milliseconds an idle connection of an egress client is kept.
pub const HTTP_IDLE_MS_MAX: u64 = 20_000;
/// Lookups of the host's DNS resolver at once; each occupies a thread.
pub const DNS_LOOKUPS_MAX: usize = 64;
/// Lookups of one caller's calls, of [`DNS_LOOKUPS_MAX`]: those of names whose servers do not answer take seconds.
pub const DNS_LOOKUPS_PER_CALLER_MAX: usize = 8;

/// Bytes of a contract's Wasm.
pub const CODE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Pages (64 KiB) of a contract's memory.
pub const CONTRACT_PAGES_MAX: u64 = 1024;
/// Bytes of a page of a contract's memory, by the rules of Wasm.
pub const PAGE_BYTES: u64 = 64 * 1024;
/// Bytes of native stack that a contract's own functions may need, by the count of their depth; what it counts for while it
/// runs.
pub const CONTRACT_STACK_BYTES: usize = 1024 * 1024;
/// Bytes of one function body of a contract; bounds what the compiler must hold at once.
pub const FUNCTION_BYTES_MAX: usize = 1024 * 1024;
/// Functions of a contract's module.
pub const CONTRACT_FUNCTIONS_MAX: u32 = 65_536;
/// Globals of a contract's module.
pub const CONTRACT_GLOBALS_MAX: u32 = 8_192;
/// Elements of a contract's table.
pub const CONTRACT_TABLE_ELEMENTS_MAX: u64 = 65_536;
/// Frames of nested contract calls, the first included.
pub const CALL_DEPTH_MAX: usize = 16;
/// Native frames inside one contract, far below what the native stack holds.
pub const WASM_FRAMES_MAX: u32 = 2_048;
/// Bytes of a storage key.
pub const STORAGE_KEY_BYTES_MAX: usize = 128;
/// Bytes of a storage value.
pub const STORAGE_VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of keys and values that all frames of one call may write to transient storage, and a fixed price for each.
pub const TRANSIENT_BYTES_MAX: usize = 1024 * 1024;
/// Code hashes that a contract may lock as dependencies.
pub const DELEGATE_DEPENDENCIES_MAX: usize = 32;
/// Bytes of a secret's name, which is written like that of an environment variable.
pub const SECRET_NAME_BYTES_MAX: usize = 64;
/// Bytes of a secret: room for keys, certificates and service accounts, not for data.
pub const SECRET_BYTES_MAX: usize = 16 * 1024;
/// Secrets of one contract.
pub const SECRETS_MAX: usize = 64;
/// Bytes of an event's data.
pub const EVENT_BYTES_MAX: usize = 64 * 1024;
/// Topics of an event.
pub const EVENT_TOPICS_MAX: usize = 4;
/// Events of one call.
pub const EVENTS_MAX: usize = 1_024;
/// Bytes of the events of one call, with their topics. With what it returns they are its outcome, which must fit an answer:
/// what could not be delivered has no effects.
pub const EVENTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes that all frames of one call may write: storage keys and values, events, deferred cache operations.
pub const CALL_WRITES_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes a host function copies out of a contract's memory at once.
pub const HOST_BUFFER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a contract's return value.
pub const OUTPUT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of debug messages of one call; what exceeds it is dropped, as pallet-contracts does.
pub const DEBUG_BYTES_MAX: usize = 128 * 1024;
/// Bytes of a contract's cache entries on one replica.
pub const CACHE_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Bytes of all contracts' cache entries on one replica. When they are full, those entries of the contract that has most
/// make room which expire first.
pub const CACHE_TOTAL_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Seconds a cache entry lives when nothing else is said.
pub const CACHE_TTL_SECONDS: u64 = 7 * 24 * 60 * 60;
/// Log records of commands kept for one contract; older ones are dropped.
pub const LOG_RECORDS_MAX: usize = 4_096;

/// Bytes of a contract bundle: its Wasm in hexadecimal, and metadata.
pub const BUNDLE_BYTES_MAX: usize = 2 * CODE_BYTES_MAX + 4 * 1024 * 1024;
/// Bytes of a scenario file.
pub const SCENARIO_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Nesting of a value in text form or by a contract's metadata; each level takes a few native frames.
pub const VALUE_DEPTH_MAX: usize = 64;
/// Parts of one value decoded by a contract's metadata, whose types may take no bytes at all.
pub const VALUE_PARTS_MAX: usize = 512 * 1024;
/// Bytes of the text form of one value.
pub const VALUE_TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of log records of commands kept for one contract.
pub const LOG_BYTES_MAX: usize = 1024 * 1024;
/// Log records of queries kept for one contract, apart from those of commands: anybody may query.
pub const LOG_OF_QUERIES_RECORDS_MAX: usize = 1_024;
/// Bytes of log records of queries kept for one contract.
pub const LOG_OF_QUERIES_BYTES_MAX: usize = 256 * 1024;
/// Bytes of all log records kept, of commands and as many again of queries. When they are full, the oldest records of the
/// contract that has most make room.
pub const LOGS_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Contracts whose logs are looked at after each block, to drop those of contracts that have ended.
pub const LOGS_SWEPT_PER_BLOCK: usize = 16;
/// Log records one query returns.
pub const LOG_QUERY_RECORDS_MAX: u32 = 1_000;

/// Query sessions a replica keeps; when they are full, the least recently used one of the client address that has most is
/// dropped, and its client opens another.
pub const SESSIONS_MAX: usize = 16_384;
/// Sessions whose openings a replica remembers until they expire, so that none is opened twice. One client address may
/// fill half of what the others leave.
pub const SESSIONS_KNOWN_MAX: usize = 262_144;
/// Request numbers behind the newest one that a session still accepts.
pub const SESSION_WINDOW: u64 = 1_024;
/// Bytes of a session opening as it travels; its content, with the largest certificate, stays below this.
pub const SESSION_OPEN_BYTES_MAX: usize = 1024 + 32 * DELEGATION_CONTRACTS_MAX;
/// Milliseconds a session lives.
pub const SESSION_TIME_MS_MAX: u64 = 60 * 60 * 1000;
/// Milliseconds a caller's certificate for a delegate may last. There is no revocation, so it is short (ADR 0009).
pub const DELEGATION_TIME_MS_MAX: u64 = 12 * 60 * 60 * 1000;
/// Contracts one certificate may name; it travels with every command of the delegate.
pub const DELEGATION_CONTRACTS_MAX: usize = 16;
/// Bytes of an argument that the text form of a command shows in full; of longer ones it shows the digest.
pub const STATEMENT_BYTES_SHOWN_MAX: usize = 128;
/// Queries a replica runs at once. One client address may have seven eighths of them, less as others have more.
pub const QUERIES_IN_FLIGHT_MAX: usize = 16_384;
/// Bytes of memory that all queries and estimates of a replica hold at once: contracts' memories and stacks, what they wrote
/// and asked; of one that waits, what it has touched. A client address or a caller may have half, queries of one contract
/// three quarters; each less as others have more. One more is refused with "busy".
pub const QUERY_MEMORY_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Bytes of memory of contracts that commands hold, which no query takes: one of them runs at a time.
pub const COMMAND_MEMORY_BYTES_MAX: usize = 1088 * 1024 * 1024;
/// Receipts a replica keeps ready to serve; older ones are read from the log.
pub const RECEIPTS_MAX: usize = 65_536;
/// Bytes of the receipts that a replica keeps ready to serve; the oldest make room.
pub const RECEIPTS_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Milliseconds a query waits for the height it asks for.
pub const MIN_HEIGHT_WAIT_MS_MAX: u64 = 1_000;
/// Bytes of its disk below which a worker takes nothing new: what it has taken by then is written several times over
/// (blocks, archive, a snapshot), and a log that cannot be written ends the process.
pub const DISK_RESERVE_BYTES: u64 = 4 * MEMPOOL_BYTES_MAX as u64;
/// Milliseconds between two looks at the free space of the disk; far less than the reserve is written in between.
pub const DISK_CHECK_MS: u64 = 250;
/// Connections of clients a worker holds at once; one more is closed.
pub const API_CONNECTIONS_MAX: usize = 8_192;
/// Connections one client address (of IPv6, one /64 network) may hold; far more than a browser or a pool of an SDK.
pub const API_CONNECTIONS_PER_ADDRESS_MAX: usize = 1_024;
/// Requests a second of one client address, on average over [`API_RATE_BURST_SECONDS`].
pub const API_RATE_PER_ADDRESS: u32 = 500;
/// Requests a second of all clients: about what one worker can answer.
pub const API_RATE_TOTAL: u32 = 50_000;
/// Seconds whose share of requests may come at once.
pub const API_RATE_BURST_SECONDS: u32 = 2;
/// Headers of a request to the API.
pub const API_HEADERS_MAX: usize = 100;
/// Bytes of a request's line and headers.
pub const API_HEAD_BYTES_MAX: usize = 32 * 1024;
/// Requests one HTTP/2 connection may have under way.
pub const API_STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// Streams that an HTTP/2 client may reset before they are served; more end the connection (CVE-2023-44487).
pub const API_RESETS_MAX: usize = 64;
/// Milliseconds after which a connection that has made no request is closed.
pub const API_FIRST_REQUEST_MS_MAX: u64 = 10_000;
/// Milliseconds a request's line and headers may take, idle time before them on a kept HTTP/1 connection included.
pub const API_HEAD_MS_MAX: u64 = 30_000;
/// Milliseconds after which a connection is closed on which no byte came or went: more than a long-poll waits.
pub const API_IDLE_MS_MAX: u64 = 2 * POLL_TIME_MS_MAX;
/// Milliseconds a request's body may take, beyond what its bytes take at [`API_BODY_RATE_MIN_BYTES`].
pub const API_BODY_MS_MAX: u64 = 10_000;
/// Bytes a second at which the body of a request has to come, at least.
pub const API_BODY_RATE_MIN_BYTES: u64 = 16 * 1024;
/// Bytes of a request's body, of the path that takes the largest: code.
pub const API_BODY_BYTES_MAX: usize = CODE_BYTES_MAX + 4 * 1024;
/// Bytes of all bodies of requests that a worker holds, as they are announced or have come, until they are handled. A
/// client address may have half, less as others have more; one more is refused with "busy".
pub const API_BODIES_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Bytes of all answers that a worker holds until their clients have read them. A client address may have half, less as
/// others have more; one more is refused with "busy".
pub const API_ANSWERS_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Milliseconds a request may take to be answered, long-polls included; streams begin within them.
pub const API_ANSWER_MS_MAX: u64 = POLL_TIME_MS_MAX + 15_000;
/// Bytes of a client's `X-Request-Id` that is taken over.
pub const API_REQUEST_ID_BYTES_MAX: usize = 64;
/// Milliseconds a long-poll waits.
pub const POLL_TIME_MS_MAX: u64 = 30_000;
/// Bytes of an API answer that holds what a contract returned: a client reads no more of any answer.
pub const RESPONSE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a registry record with its proof, or of a JSON document of the API.
pub const DOCUMENT_BYTES_MAX: usize = 512 * 1024;

/// Blocks and receipts that a replica keeps in the feed, so that a subscriber can go on where it was; and events and log
/// lines of one contract.
pub const FEED_ITEMS_MAX: usize = 32_768;
/// Bytes of the blocks and receipts that a replica keeps in the feed, as they are encoded; and as many again of events and
/// log lines of commands. When these are full, the oldest of the contract that has most make room.
pub const FEED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Log lines of queries that a replica keeps for those who follow one contract; slower ones miss the oldest.
pub const FEED_LINES_MAX: usize = 1_024;
/// Bytes of those lines of one contract.
pub const FEED_LINES_BYTES_MAX: usize = 256 * 1024;
/// Bytes of those lines of all contracts. When they are full, the oldest of the contract that has most make room.
pub const FEED_LINES_TOTAL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Blocks whose headers a replica keeps ready to list.
pub const BLOCKS_KEPT_MAX: usize = 4_096;
/// Anchors a replica keeps ready to list.
pub const ANCHORS_KEPT_MAX: usize = 1_024;
/// Commands under way whose traces a replica keeps in mind; beyond it, the oldest goes on without one.
pub const TRACED_COMMANDS_MAX: usize = 4_096;
/// Subscribers to a replica's streams. A client address may have half of these places, less as others have more; one more
/// is refused.
pub const STREAMS_MAX: usize = 4_096;
/// Items a subscriber is given at once: the most that waits for a slow one, beyond what the kernel buffers.
pub const STREAM_BATCH_ITEMS_MAX: usize = 64;
/// Bytes of items after which a subscriber is given no more at once.
pub const STREAM_BATCH_BYTES_MAX: usize = 64 * 1024;
/// Items that are looked at for one subscriber at once, so that none holds the feed.
pub const STREAM_SCAN_MAX: usize = 4_096;
/// Milliseconds without an item after which a subscriber gets a sign of life.
pub const STREAM_HEARTBEAT_MS: u64 = 5_000;
/// Milliseconds for which a WebSocket subscriber may take nothing.
pub const STREAM_WRITE_MS_MAX: u64 = 30_000;
/// Bytes of a WebSocket message of a client, which has nothing to say.
pub const SOCKET_MESSAGE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of one event of a stream: the largest item, sealed and in hexadecimal.
pub const STREAM_EVENT_BYTES_MAX: usize = 1024 * 1024;
/// Things that one page of a list has at most.
pub const PAGE_ITEMS_MAX: usize = 100;
/// Things that one page of a list has when nothing is said.
pub const PAGE_ITEMS: usize = 20;

/// Bytes of a snapshot that are sealed at once; more than the least part that object stores take (5 MiB).
pub const SNAPSHOT_CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// Snapshots of a cluster that are kept: the newest, and one to fall back to.
pub const SNAPSHOTS_KEPT: usize = 2;

/// Bytes of a worker's attestation evidence; quotes with their collateral take about 16 KiB.
pub const EVIDENCE_BYTES_MAX: usize = 64 * 1024;
/// Milliseconds that evidence may seem to come from the future: clocks of workers and ledger differ.
pub const EVIDENCE_SKEW_MS_MAX: u64 = 60_000;

/// Ledger transactions of one block, and those waiting for one.
pub const LEDGER_TXS_MAX: usize = 1_024;
/// Bytes of a ledger transaction; so many are for anchors alone.
pub const LEDGER_TX_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a ledger transaction that moves balance or registers code, and of what is beside the evidence of a worker.
pub const LEDGER_SMALL_TX_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a ledger transaction that registers a cluster: room for what 128 members say of it.
pub const LEDGER_CLUSTER_TX_BYTES_MAX: usize = 32 * 1024;
/// Bytes of all ledger transactions that wait for a block.
pub const LEDGER_POOL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Ledger transactions of one account that wait for a block.
pub const LEDGER_TXS_PER_SIGNER_MAX: usize = 16;
/// Bytes of the ledger transactions of one account that wait for a block.
pub const LEDGER_BYTES_PER_SIGNER_MAX: usize = 1024 * 1024;
/// Ledger transactions of all accounts without balance that wait for a block, of [`LEDGER_TXS_MAX`].
pub const LEDGER_UNFUNDED_TXS_MAX: usize = 128;
/// Bytes of them, of [`LEDGER_POOL_BYTES_MAX`].
pub const LEDGER_UNFUNDED_BYTES_MAX: usize = 1024 * 1024;
/// Milliseconds of block time that one transaction takes of what its account may send.
pub const LEDGER_SIGNER_TX_MS: u64 = 20;
/// Bytes of a transaction that take another millisecond of it: an account fills 256 KiB of the log a second at most.
pub const LEDGER_SIGNER_BYTES_PER_MS: u64 = 256;
/// Milliseconds that an account may be ahead of block time with what it sends.
pub const LEDGER_SIGNER_BURST_MS: u64 = 5_000;
/// Milliseconds for which the ledger remembers nonces of accounts without balance, twice over: an account that it has
/// forgotten begins with a nonce above all those of before.
pub const NONCE_TERM_MS: u64 = 24 * 60 * 60 * 1000;
/// Nonces between the first ones of two such terms: more than an account can use up in between.
pub const NONCES_PER_TERM: u64 = 16 * 1024 * 1024;
/// Records that one ledger block removes because nothing needs them; the others go with the next.
pub const LEDGER_PRUNED_PER_BLOCK_MAX: usize = 64;
/// Bytes of the address at which a worker serves the API.
pub const ENDPOINT_BYTES_MAX: usize = 256;
/// Messages to the ledger that one cluster block may carry; the last place is kept for the news of the inbox.
pub const OUTBOX_MAX: usize = 256;
/// Messages to a cluster that the ledger keeps; a deposit beyond is refused until the cluster has taken some.
pub const INBOX_MAX: u64 = 1_024;
/// Messages of its inbox that one cluster block takes: the proof of each costs about a millisecond to check.
pub const INBOX_PER_BLOCK_MAX: usize = 16;
/// Bytes of the messages that one anchor carries; the rest follow with the next anchor.
pub const ANCHOR_OUTBOX_BYTES_MAX: usize = LEDGER_TX_BYTES_MAX / 2;
/// Blocks whose digests a cluster's state keeps, to link a receipt to a later anchor.
pub const HISTORY_BLOCKS_MAX: u64 = 65_536;
/// Headers between an anchor and the certificate that covers it.
pub const HEADER_CHAIN_MAX: usize = 256;
/// Steps of a path through a block's results tree: more results than a block ever has.
pub const PATH_STEPS_MAX: usize = 32;
/// Steps of a state proof: the bits of a key's hash.
pub const STATE_DEPTH_MAX: usize = 256;
/// Replicas of a cluster and validators of the ledger.
pub const PARTICIPANTS_MAX: usize = 128;
/// Nesting of a decoded value; no honest message comes near.
pub const DECODE_DEPTH_MAX: u32 = 32;

/// KiB of memory that one guess of a keystore's password takes at least.
pub const KEYSTORE_MEMORY_KIB_MIN: u32 = 8_192;
/// KiB of memory that one guess of a keystore's password takes at most; a file that asks for more is refused.
pub const KEYSTORE_MEMORY_KIB_MAX: u32 = 262_144;
/// Passes over that memory.
pub const KEYSTORE_PASSES_MAX: u32 = 16;
/// Lanes of that memory.
pub const KEYSTORE_LANES_MAX: u32 = 8;
/// Bytes of a keystore's password.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Letters of an account's name in a keystore: fewer than the digits of a seed, which must not be taken for a name.
pub const ACCOUNT_NAME_MAX: usize = 32;

const _: () = assert!(2 * SECRET_BYTES_MAX <= COMMAND_BYTES_MAX, "a secret must fit a command");
const _: () = assert!(COMMAND_BYTES_MAX <= BLOCK_BYTES_MAX, "a command must fit a block");
const _: () = assert!(ANSWER_BYTES_MAX <= BLOCK_BYTES_MAX, "an answer must fit a block");
const _: () = assert!(
    HTTP_BODY_BYTES_MAX + HTTP_HEADER_BYTES_MAX <= HTTP_RESPONSES_BYTES_PER_CALLER_MAX
        && HTTP_RESPONSES_BYTES_PER_CALLER_MAX <= HTTP_RESPONSES_BYTES_MAX,
    "a response must fit what its caller may have, and that what there is"
);
const _: () = assert!(
    CALL_DEPTH_MAX * (CONTRACT_PAGES_MAX as usize * PAGE_BYTES as usize + CONTRACT_STACK_BYTES) + CALL_WRITES_BYTES_MAX
        <= COMMAND_MEMORY_BYTES_MAX,
    "the deepest call of the largest contracts must fit what commands have"
);
const _: () = assert!(
    CONTRACT_PAGES_MAX as usize * PAGE_BYTES as usize + CONTRACT_STACK_BYTES + CALL_WRITES_BYTES_MAX
        <= QUERY_MEMORY_BYTES_MAX / 4,
    "a query of the largest contract must fit what is left when one client has all it may"
);
const _: () = assert!(ACT_GAS_MAX <= COMMAND_GAS_MAX, "an act is a command");
const _: () = assert!(
    2 * (EVENTS_BYTES_MAX + OUTPUT_BYTES_MAX + DOCUMENT_BYTES_MAX) <= RESPONSE_BYTES_MAX,
    "the largest outcome, in hexadecimal and with its proofs, must fit an answer"
);
const _: () = assert!(
    API_BODY_BYTES_MAX <= API_BODIES_BYTES_MAX / 4 && RESPONSE_BYTES_MAX <= API_ANSWERS_BYTES_MAX / 4,
    "the largest body and answer must fit what is left when one client has all it may"
);
const _: () = assert!(RESPONSE_BYTES_MAX <= RECEIPTS_BYTES_MAX, "a receipt must fit those that are kept");
const _: () = assert!(COMMAND_GAS_MAX <= BLOCK_GAS_MAX, "a command must fit a block");
const _: () = assert!(
    TIMERS_GAS_PER_BLOCK_MAX + UNFUNDED_GAS_PER_BLOCK_MAX + 3 * COMMAND_GAS_MAX <= BLOCK_GAS_MAX,
    "after the last firing and the last command without balance that a block begins, a command must fit it"
);
const _: () = assert!(BLOCK_MS_MAX < STALLED_MS_MAX, "a log whose block takes all its time does not stall");
const _: () = assert!(MEMPOOL_BYTES_MAX.is_multiple_of(MEMPOOL_COMMANDS_MAX), "one measure for number and bytes");
const _: () = assert!(ANSWER_BYTES_MAX <= MEMPOOL_ANSWERS_BYTES_MAX, "an answer must fit those that wait");
const _: () = assert!(ANSWER_BYTES_MAX <= BLOCK_BYTES_MAX / 4 * 3, "an answer leaves room for commands");
const _: () = assert!(
    DEBUG_BYTES_MAX < LOG_OF_QUERIES_BYTES_MAX && DEBUG_BYTES_MAX < FEED_LINES_BYTES_MAX,
    "the longest line must fit the rings"
);
const _: () = assert!(
    LOG_OF_QUERIES_BYTES_MAX <= LOG_BYTES_MAX && LOG_BYTES_MAX <= LOGS_BYTES_MAX,
    "a contract's log must fit all logs"
);
const _: () = assert!(CACHE_BYTES_MAX <= CACHE_TOTAL_BYTES_MAX, "a contract's cache must fit all of it");
const _: () = assert!(SESSIONS_MAX <= SESSIONS_KNOWN_MAX / 2, "one address may open as many sessions as are kept");
const _: () = assert!(API_ANSWER_MS_MAX < API_IDLE_MS_MAX, "who waits for an answer is not idle");
const _: () = assert!(SESSION_WINDOW.is_multiple_of(64), "the window is kept in 64-bit words");
const _: () = assert!(
    LEDGER_SIGNER_TX_MS + LEDGER_TX_BYTES_MAX as u64 / LEDGER_SIGNER_BYTES_PER_MS <= LEDGER_SIGNER_BURST_MS,
    "an account that has sent nothing may send the largest transaction"
);
const _: () = assert!(
    (NONCE_TERM_MS + LEDGER_SIGNER_BURST_MS) / LEDGER_SIGNER_TX_MS < NONCES_PER_TERM,
    "an account cannot come to the nonces of the next term"
);
const _: () = assert!(
    LEDGER_TX_BYTES_MAX <= LEDGER_BYTES_PER_SIGNER_MAX && LEDGER_BYTES_PER_SIGNER_MAX <= LEDGER_POOL_BYTES_MAX,
    "a transaction must fit what its account may have waiting, and that what there is"
);
const _: () = assert!(
    ANCHOR_OUTBOX_BYTES_MAX < LEDGER_TX_BYTES_MAX
        && EVIDENCE_BYTES_MAX + LEDGER_SMALL_TX_BYTES_MAX <= LEDGER_TX_BYTES_MAX,
    "anchors and evidence must fit a transaction"
);
