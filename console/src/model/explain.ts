/** Why a receipt is believed, step by step: each is a check that this page made, not a claim of the worker. */

import { type Anchored, type Client, headerDigest, type ProvenReceipt } from "@tallow/client";
import { count } from "./format.ts";

export interface Step {
  title: string;
  text: string;
  facts: [name: string, value: string][];
  state: "proven" | "pending" | "caution";
}

/** What the explanation needs of the client. */
export type Believed = Pick<Client, "network" | "cluster" | "worker" | "known" | "seen">;

export function explain(proven: ProvenReceipt, anchored: Anchored | null, opened: boolean, client: Believed): Step[] {
  const { receipt } = proven;
  const { header, descendants } = receipt.certified;
  const members = client.known.cluster.members.length;
  const later = descendants.length > 0 ? ` The certificate is of a later block; ${count(descendants.length)} headers link it to this one.` : "";
  return [
    {
      title: opened ? "The outcome opens" : "The outcome is sealed",
      text: opened
        ? "It was sealed to a key that this page made for this one command, and opened with it here. The worker's operator, and everybody else, sees its length alone."
        : "Only whoever sent the command has the key that opens it. That the command completed, and where, is proven all the same.",
      facts: [["Sealed outcome", `${count(receipt.sealed.length)} bytes`]],
      state: "proven",
    },
    {
      title: "It is the outcome of this command",
      text: `The command's id is the hash of all it says. The sealed outcome and the id are a leaf of the block's tree of results, ${pathText(receipt.path.length)}.`,
      facts: [["Command", receipt.command], ["Results root", header.commitments.results]],
      state: "proven",
    },
    {
      title: `It is final in block ${count(header.position.height)}`,
      text: `The header holds that root. ${signersText(client.known.quorum, members)}${later}`,
      facts: [["Block", headerDigest(header)], ["Leader", header.leader]],
      state: "proven",
    },
    {
      title: "The replicas are those of the ledger",
      text: `Their keys come from the ledger's registry, with a Merkle proof and the validators' threshold signature at ledger height ${count(client.seen.height)}. The validators' key is in the genesis, whose hash is the network's name.`,
      facts: [["Cluster", client.cluster], ["Network", client.network]],
      state: "proven",
    },
    attestation(client),
    anchor(proven, anchored),
  ];
}

function pathText(hashes: number): string {
  if (hashes === 0) return "and its root, since no other command completed in this block";
  return hashes === 1 ? "and one hash leads from it to the root" : `and ${hashes} hashes lead from it to the root`;
}

function signersText(quorum: number, members: number): string {
  if (members === 1) return "The cluster's one replica executed the block and signed it.";
  return `At least ${quorum} of the cluster's ${members} replicas executed the block themselves and signed it.`;
}

function attestation(client: Believed): Step {
  const { simulated, measurement } = client.known.identity;
  return {
    title: simulated ? "The attestation is simulated" : "The worker is attested",
    text: simulated
      ? "On a development network the evidence proves nothing about hardware: whoever runs this machine can read everything. On a production network this step would name the measured program in its enclave."
      : "Its hardware vouches for the program that runs and for the key that signs.",
    facts: [["Worker", client.worker], ["Program", measurement]],
    state: simulated ? "caution" : "proven",
  };
}

function anchor({ receipt }: ProvenReceipt, anchored: Anchored | null): Step {
  const { height } = receipt.certified.header.position;
  if (!anchored) {
    return {
      title: "Not anchored yet",
      text: "The ledger takes a header of the cluster every moment. Until it has taken this block, or a later one, a cluster of one replica could still be set back to an older disk.",
      facts: [],
      state: "pending",
    };
  }
  const own = anchored.height === height;
  return {
    title: "The ledger has it",
    text: own
      ? "The ledger anchored this very header, proven by the validators' signature: no replica can go back behind it."
      : `The ledger anchored block ${count(anchored.height)}, whose state holds the digest of this block, as a state proof shows: no replica can go back behind it.`,
    facts: [["Anchored block", count(anchored.height)], ["Ledger height", count(anchored.ledgerHeight)]],
    state: "proven",
  };
}

/** The explanation in one line. */
export function summary(steps: Step[]): string {
  const pending = steps.filter((step) => step.state === "pending").length;
  return pending === 0 ? "Final, anchored and proven in this browser" : "Final and proven in this browser; not anchored yet";
}

