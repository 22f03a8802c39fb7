/** Registry records: asked for, proven, judged. */

import { type Identity, type Policy, verifyEvidence } from "./attest.ts";
import { type Hex, toHex } from "./bytes.ts";
import { ClusterVerifier, type HeaderVerifier, Remembering } from "./certificate.ts";
import { Rejection } from "./errors.ts";
import type { Http } from "./http.ts";
import { DOCUMENT_BYTES_MAX } from "./limits.ts";
import { verifyCluster } from "./membership.ts";
import { type LightClient, strict } from "./proof.ts";
import { type Codec, encode } from "./scale.ts";
import { ClusterRecord, ProvenRecord, RegistryKey, WorkerRecord } from "./types.ts";

/** What the registry proves of a worker and its cluster. */
export interface Known {
  worker: WorkerRecord;
  cluster: ClusterRecord;
  /** What the worker's evidence proves. */
  identity: Identity;
  /** Judges headers of the cluster log. */
  verifier: HeaderVerifier;
  /** Signatures that make a certificate. */
  quorum: number;
}

/** The ledger's registry, as one worker serves it. */
export class Registry {
  constructor(
    private readonly http: Http,
    private readonly policy: Policy,
    readonly light: LightClient,
  ) {}

  /** Asks for a record and checks it; `null` when the ledger proves to have none. */
  async ask<T>(key: RegistryKey, codec: Codec<T>): Promise<T | null> {
    const before = this.light.seen;
    const path = `v1/registry/${toHex(encode(RegistryKey, key)).slice(2)}`;
    const answer = await this.http.get(path, { bytes: DOCUMENT_BYTES_MAX });
    return this.light.record(key, codec, strict(ProvenRecord, answer.body), before);
  }

  /** What the registry proves of `worker` as a replica of `cluster`. */
  async know(worker: Hex, cluster: Hex): Promise<Known> {
    const [clusterRecord, workerRecord] = await Promise.all([
      this.ask({ kind: "Cluster", value: cluster }, ClusterRecord),
      this.ask({ kind: "Worker", value: worker }, WorkerRecord),
    ]);
    if (!clusterRecord) throw new Rejection("unknown_cluster", `The ledger lists no cluster ${cluster}`);
    if (!workerRecord) throw new Rejection("unknown_worker", `The ledger lists no worker ${worker}`);
    if (clusterRecord.cluster !== cluster || workerRecord.worker !== worker) {
      throw new Rejection("misfiled", "The ledger's record is filed under another name");
    }
    verifyCluster(this.light.network, this.light.keyholder, clusterRecord);
    if (!clusterRecord.members.includes(worker)) {
      throw new Rejection("not_a_member", `Worker ${worker} is not a replica of cluster ${cluster}`);
    }
    const identity = verifyEvidence(workerRecord, this.policy, Date.now());
    const verifier = new ClusterVerifier(clusterRecord);
    return { worker: workerRecord, cluster: clusterRecord, identity, verifier: new Remembering(verifier), quorum: verifier.quorum };
  }
}
