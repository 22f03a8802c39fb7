/** Errors in words, each with what to do. */

import { advice, ArgumentError, BundleError, ClientError, LangError, MetadataError, Rejection } from "@tallow/client";

export interface Trouble {
  text: string;
  next: string;
}

/** What an error says to whoever uses the page. */
export function trouble(error: unknown): Trouble {
  if (error instanceof Rejection) return { text: error.message, next: "Do not rely on this worker until you know why." };
  if (error instanceof ClientError) return { text: error.message, next: advice(error.code) ?? nextOf(error) };
  if (error instanceof BundleError || error instanceof MetadataError) {
    return { text: error.message, next: "Choose the .contract file that `tallow build` or `cargo contract build` wrote." };
  }
  if (error instanceof ArgumentError) return { text: error.message, next: "Correct the argument and try again." };
  if (error instanceof LangError) return { text: error.message, next: "Check that the metadata belongs to the contract's code." };
  const text = error instanceof Error ? error.message : String(error);
  return { text: `The console failed: ${text}`, next: "Reload the page; if it happens again, report it with this text." };
}

function nextOf(error: ClientError): string {
  switch (error.kind) {
    case "unreachable":
    case "timeout": return "Look whether `tallow dev` still runs; the page reconnects by itself.";
    case "refused": return "Correct what it names, or try again in a moment.";
    case "no_receipt": return "Look at the receipts in a moment: it may still complete.";
    case "not_anchored": return "Open the receipt again in a moment.";
    default: return "Try again; the worker's own messages may say more.";
  }
}
