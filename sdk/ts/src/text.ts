/** Sentences for what contracts and clusters say. */

import { plain } from "./abi/value.ts";
import type { CallError } from "./types.ts";

const SENTENCES: Partial<Record<CallError["kind"], string>> = {
  OutOfGas: "The gas limit is used up; raise it, or do less in one call",
  OutputBufferTooSmall: "An output buffer of the contract is too small",
  TransferFailed: "The balance does not suffice; send less value, or fund the account",
  MaxCallDepthReached: "Too many nested calls",
  ContractNotFound: "There is no contract at this address in this cluster; check the address",
  CodeNotFound: "There is no such code in this cluster; upload it first",
  DuplicateContract: "A contract with this address exists; choose another salt",
  DeadlineExceeded: "The time limit of a query passed; ask for less, or use a command",
  TooManyCalls: "The command made too many external calls",
  Expired: "The command expired before it was ordered and had no effect; send it again",
  Busy: "Too many commands wait for external answers; try again later",
  NotBacked: "The ledger holds too little for this cluster to pay this; withdraw less",
  OutboxFull: "The block has no room for another message to the ledger; send it again",
  CannotPay: "The balance is too low to pay for the gas; deposit some, or give a lower gas limit",
  StateChangeDenied: "The call is read-only and tried to change something; send it as a command",
};

/** What a call error means, in a sentence. */
export function callErrorText(error: CallError): string {
  switch (error.kind) {
    case "ContractTrapped": return `The contract trapped: ${plain(error.value)}`;
    case "CodeRejected": return `The code is rejected: ${plain(error.value)}`;
    case "UnknownChainExtensionFunction": return `The contract calls function ${error.value} of the chain extension, which does not exist`;
    case "OutcomeUnknown": return `${error.value.calls} external calls were begun before the command expired; whether they had effect outside is not known`;
    default: return SENTENCES[error.kind] ?? error.kind.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  }
}
