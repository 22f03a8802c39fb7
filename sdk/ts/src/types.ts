/** The documents of the network; the same as `crates/types`. */

import type { Hex } from "./bytes.ts";
import {
  bool, bytes, type Codec, fixed, id, type Of, option, pair, result, struct, text, u8, u32, u64, u128, unit, variants,
  vec,
} from "./scale.ts";

/** The public key of a caller, with its scheme. */
export const PublicKey = variants({ Ed25519: id, Sr25519: id, Secp256k1: fixed(33) });
export type PublicKey = Of<typeof PublicKey>;
/** 64 bytes; the scheme is that of the public key beside it. */
export const Signature = fixed(64);

/** In which form a caller signed; `docs/wallets.md` has them. */
export const SigningScheme = variants({ Raw: unit, WrappedBytes: unit, Eip191: unit, Eip712: unit });
export const CallerSignature = struct({ scheme: SigningScheme, signature: Signature });
export type CallerSignature = Of<typeof CallerSignature>;
export const Delegation = struct({
  network: id, cluster: id, delegate: PublicKey, notBeforeMs: u64, notAfterMs: u64,
  scope: variants({
    Queries: unit,
    Commands: struct({ contracts: variants({ Any: unit, Only: vec(id) }), valueMax: u128 }),
  }),
});
const Certificate = struct({ delegation: Delegation, signature: CallerSignature });
/** By whose authority something is sent: its caller's, or a delegate's under the caller's certificate. */
export const Authority = variants({
  Caller: CallerSignature,
  Delegate: struct({ certificate: Certificate, signature: Signature }),
});
export type Authority = Of<typeof Authority>;

export const Compat = variants({ Tallow: unit, Phala: unit });
/** What a command does. */
export const Action = variants({
  Call: struct({ contract: id, input: bytes }),
  Instantiate: struct({ code: id, input: bytes, salt: bytes, compat: Compat, publicEvents: bool }),
  Transfer: struct({ to: id }),
  InstantiateUpgradable: struct({ code: id, input: bytes, salt: bytes, compat: Compat, publicEvents: bool }),
  Upgrade: struct({ contract: id, code: id, migrate: option(bytes) }),
  Freeze: struct({ contract: id }),
  SetSecret: struct({ contract: id, name: text, value: bytes }),
  RemoveSecret: struct({ contract: id, name: text }),
  SetSystemContract: struct({ contract: option(id) }),
  Withdraw: struct({ to: id }),
  SetPolicy: struct({ policy: struct({ gasPrice: u128, bytePrice: u128, fundedMin: u128 }) }),
});
export type Action = Of<typeof Action>;

export const Command = struct({
  network: id, cluster: id, caller: PublicKey, action: Action, value: u128, gasLimit: u64, nonce: u64, expiryMs: u64,
  responseKey: fixed(32),
});
export type Command = Of<typeof Command>;
export const SignedCommand = struct({ command: Command, authority: Authority });
export type SignedCommand = Of<typeof SignedCommand>;
export const SealedCommand = struct({ epoch: u64, encapsulated: fixed(32), ciphertext: bytes });

export const Position = struct({ height: u64, timeMs: u64 });
export const Header = struct({
  chain: id, epoch: u64, view: u64, parentView: u64, leader: id, parent: id, position: Position, entries: id,
  commitments: struct({ state: id, results: id, outbox: id }),
});
/** A block header: what replicas and validators vote on. */
export type Header = Of<typeof Header>;
export const CertifiedHeader = struct({ header: Header, descendants: vec(Header), certificate: bytes });
export type CertifiedHeader = Of<typeof CertifiedHeader>;

/** What the ledger takes for its work. */
export const LedgerPolicy = struct({
  txFee: u128, byteFee: u128, feesTo: id, workerDeposit: u128, clusterDeposit: u128, codeDeposit: u128, balanceMin: u128,
  fundedMin: u128, unfundedTxMs: u64, unfundedBurst: u32, leaseMs: u64,
});
export const Genesis = struct({
  groupKey: bytes, validators: vec(id), timeMs: u64, keyholder: id, policy: id, balances: vec(pair(id, u128)), ledger: LedgerPolicy,
});
export type Genesis = Of<typeof Genesis>;
export const WorkerRecord = struct({ worker: id, transport: fixed(32), evidence: bytes, endpoint: text, attestedMs: u64 });
export type WorkerRecord = Of<typeof WorkerRecord>;
export const ClusterRecord = struct({
  cluster: id, owner: id, nonce: u64, epoch: u64, members: vec(id), epochKey: fixed(32), vouch: Signature,
  consents: vec(Signature),
});
export type ClusterRecord = Of<typeof ClusterRecord>;
export const ContractRecord = struct({ cluster: id, code: id, deployer: id });
export type ContractRecord = Of<typeof ContractRecord>;
export const CodeRecord = struct({ bytes: u32 });
export type CodeRecord = Of<typeof CodeRecord>;
export const AnchorRecord = struct({ header: Header, ledgerHeight: u64 });
export type AnchorRecord = Of<typeof AnchorRecord>;

const Leased = variants({ Worker: id, Cluster: id, Code: id });
/** A key of the ledger's state. */
export const RegistryKey = variants({
  Worker: id, Cluster: id, Code: id, Contract: pair(id, id), Anchor: id, Nonce: id, Balance: id, Escrow: id, Inbox: id,
  Message: pair(id, u64), Lease: Leased, Uses: Leased, Allowance: unit,
});
export type RegistryKey = Of<typeof RegistryKey>;
export const ProvenRecord = struct({ key: RegistryKey, value: option(bytes), proof: bytes, certified: CertifiedHeader });
export type ProvenRecord = Of<typeof ProvenRecord>;

export const StateProof = struct({
  siblings: vec(id),
  end: variants({
    Present: struct({ salt: fixed(32), value: bytes }),
    Empty: unit,
    Other: struct({ path: fixed(32), commitment: id }),
  }),
});
export type StateProof = Of<typeof StateProof>;
export const Opening = struct({ height: u64, root: id, salt: fixed(32) });

/** What a ledger transaction of a developer does; the other actions are for workers and cluster owners. */
type RegisterCode = { code: Hex; bytes: number };
const RegisterCode: Codec<RegisterCode> = {
  encode: ({ code, bytes }, to) => {
    to.uint(2n, 1);
    id.encode(code, to);
    u32.encode(bytes, to);
  },
  decode: (from) => {
    u8.decode(from);
    return { code: id.decode(from), bytes: u32.decode(from) };
  },
};
export const LedgerTx = struct({ network: id, signer: PublicKey, nonce: u64, registerCode: RegisterCode });
export const SignedLedgerTx = struct({ tx: LedgerTx, signature: CallerSignature });

export const SessionTerms = struct({
  network: id, cluster: id, worker: id, caller: PublicKey, encapsulated: fixed(32), expiryMs: u64,
});
export const SessionOpen = struct({ terms: SessionTerms, authority: Authority });
export const SealedSessionOpen = struct({ encapsulated: fixed(32), ciphertext: bytes });
export const SessionFrame = struct({ session: id, number: u64, ciphertext: bytes });
export type SessionFrame = Of<typeof SessionFrame>;

/** A place in the feed: height of the block, and number of the item in it. */
export const FeedPosition = struct({ height: u64, index: u64 });
export type FeedPosition = Of<typeof FeedPosition>;
/** A kind of items of the feed. */
export const Topic = variants({ Blocks: unit, Receipts: unit, Events: unit, Logs: unit });
export type Topic = Of<typeof Topic>;

/** What a query asks. */
export const Query = variants({
  Call: struct({ contract: id, input: bytes, value: u128, gasLimit: u64, estimate: bool }),
  Instantiate: struct({ code: id, input: bytes, salt: bytes, compat: Compat, value: u128 }),
  Balance: id,
  Logs: struct({ contract: id, from: u64, limit: u32 }),
  Timers: struct({ contract: id }),
  Subscribe: struct({ contract: option(id), topics: vec(Topic), from: option(FeedPosition) }),
  Contract: id,
  Secrets: id,
  SystemContract: unit,
});
export type Query = Of<typeof Query>;
export const QueryRequest = struct({ query: Query, minHeight: u64 });
export type QueryRequest = Of<typeof QueryRequest>;

export const Event = struct({ contract: id, topics: vec(id), data: bytes });
/** An event of a contract. */
export type Event = Of<typeof Event>;
export const Output = struct({ flags: u32, data: bytes, created: option(id) });
/** What a contract returned. */
export type Output = Of<typeof Output>;

/** Why a call ended without a return value. */
export const CallError = variants({
  InvalidCallFlags: unit, OutOfGas: unit, OutputBufferTooSmall: unit, TransferFailed: unit, MaxCallDepthReached: unit,
  ContractNotFound: unit, CodeTooLarge: unit, CodeNotFound: unit, OutOfBounds: unit, DecodingFailed: unit,
  ContractTrapped: text, ValueTooLarge: unit, TerminatedWhileReentrant: unit, InputForwarded: unit,
  TooManyTopics: unit, NoChainExtension: unit, DuplicateContract: unit, TerminatedInConstructor: unit,
  ReentranceDenied: unit, CodeRejected: text, UnknownChainExtensionFunction: u32, ContractIoBufferOverflow: unit,
  DeriveKeyFailed: unit, SystemContractMissing: unit, BadOrigin: unit, DeadlineExceeded: unit, TooManyCalls: unit,
  Expired: unit, OutcomeUnknown: struct({ calls: u32 }), Busy: unit, StateChangeDenied: unit,
  OutOfTransientStorage: unit, CannotAddSelfAsDelegateDependency: unit, DelegateDependencyAlreadyExists: unit,
  DelegateDependencyNotFound: unit, MaxDelegateDependenciesReached: unit, NotPermitted: unit, NotUpgradable: unit,
  SecretNotFound: unit, InvalidSecretName: unit, TooManySecrets: unit, SecretsDenied: unit,
  ZeroAmount: unit, NotBacked: unit, OutboxFull: unit, CannotPay: unit, AuthorityDenied: unit,
});
export type CallError = Of<typeof CallError>;

export const CallResult = result(Output, CallError);
export type CallResult = Of<typeof CallResult>;
export const Outcome = struct({ result: CallResult, gasUsed: u64, calls: u32, events: vec(Event) });
/** The certified outcome of a command. */
export type Outcome = Of<typeof Outcome>;

export const LogRecord = struct({ sequence: u64, timeMs: u64, height: u64, level: u8, text });
/** One log record of a contract; level 1 is an error, 5 a trace. */
export type LogRecord = Of<typeof LogRecord>;
export const QueryRefusal = variants({
  Behind: struct({ height: u64 }), Busy: unit, NotPermitted: unit, Stale: unit,
  Gone: struct({ oldest: FeedPosition }),
});
export type QueryRefusal = Of<typeof QueryRefusal>;

/** When a timer fires, in block time: milliseconds since the Unix epoch. */
export const Schedule = variants({
  Once: struct({ atMs: u64 }),
  Every: struct({ firstMs: u64, periodMs: u64 }),
  Cron: text,
});
export type Schedule = Of<typeof Schedule>;
export const Timer = struct({ id: bytes, schedule: Schedule, input: bytes, gasLimit: u64, catchUp: u32 });
/** A timer as its contract set it. */
export type Timer = Of<typeof Timer>;
export const Firing = struct({
  command: id, dueMs: u64, endedMs: u64, height: u64, gasUsed: u64, result: result(u32, CallError),
});
/** How a firing of a timer ended: return flags, or why it did not return. */
export type Firing = Of<typeof Firing>;
export const TimerStatus = struct({ timer: Timer, dueMs: u64, waiting: option(id), last: option(Firing), suspended: bool });
/** A timer as its contract's deployer sees it. */
export type TimerStatus = Of<typeof TimerStatus>;

/** A contract, by the cluster's state; `admin` may replace its code. */
export const ContractStatus = struct({ code: id, deployer: id, compat: Compat, admin: option(id) });
export type ContractStatus = Of<typeof ContractStatus>;
/** What is told of a secret. */
export const SecretInfo = struct({ name: text, bytes: u32, setMs: u64 });
export type SecretInfo = Of<typeof SecretInfo>;
export const QueryResult = variants({
  Called: struct({ result: CallResult, gasUsed: u64, events: vec(Event) }),
  Balance: u128,
  Logs: vec(LogRecord),
  Refused: QueryRefusal,
  Timers: struct({ receiptKey: fixed(32), timers: vec(TimerStatus) }),
  Contract: option(ContractStatus),
  Secrets: vec(SecretInfo),
  SystemContract: option(id),
});
export type QueryResult = Of<typeof QueryResult>;
export const QueryAnswer = struct({ request: id, height: u64, anchoredHeight: u64, result: QueryResult });
export type QueryAnswer = Of<typeof QueryAnswer>;
export const SignedQueryAnswer = struct({ answer: QueryAnswer, signature: Signature });

export const PathStep = struct({ sibling: id, left: bool });
export const Receipt = struct({ command: id, sealed: bytes, path: vec(PathStep), certified: CertifiedHeader });
/** A proof that a command has an outcome: sealed outcome, path to the results root, certified header. */
export type Receipt = Of<typeof Receipt>;
export const AnchorProof = struct({ record: ProvenRecord, history: option(pair(Opening, StateProof)) });
export type AnchorProof = Of<typeof AnchorProof>;
export const ReceiptAnswer = struct({ receipt: Receipt, anchor: option(AnchorProof) });
export type ReceiptAnswer = Of<typeof ReceiptAnswer>;
