// The embedded store: etcd's API over one folder, for one process. Reads are answered from memory at the last revision
// that is on the disk; writes go through the journal.

import type { EmbeddedStore, EmbeddedWatch } from "./api.js";
import { backUp } from "./backup.js";
import { checkKey, checkPut, checkSize, checkTxn, isReadOnly, sizeOfTxn } from "./checks.js";
import type { Compactor } from "./compactor.js";
import {
  type CompactionRequest,
  DeleteRangeRequest,
  type LeaseGrantRequest,
  type LeaseTimeToLiveRequest,
  PutRequest,
  type RangeRequest,
  type ResponseHeader,
  type StatusResponse,
  TxnRequest,
  type TxnResponse,
} from "./gen/etcd.js";
import type { Head } from "./head.js";
import type { Journal } from "./journal.js";
import type { LeaseDesk } from "./lease-desk.js";
import type { Leases } from "./leases.js";
import { costOfPut, costOfTxn, isLeasedPut, isLeasedTxn, type Quota } from "./quota.js";
import { readRange } from "./range.js";
import { RAFT_TERM, type Visible } from "./visible.js";
import { WatchStream } from "./watch-stream.js";
import type { Writer } from "./writer.js";

/** It speaks etcd 3.4's API, and is not etcd. */
const VERSION = "3.4.0-theseus";

export type EtcdCallsParts = {
  readonly folder: { readonly path: string };
  readonly visible: Visible;
  readonly leases: Leases;
  readonly head: Head;
  readonly journal: Journal;
  readonly writer: Writer;
  readonly compactor: Compactor;
  readonly desk: LeaseDesk;
  readonly quota: Quota;
  readonly streams: Set<WatchStream>;
  /** Ends what runs by the clock. */
  readonly stop: () => Promise<void>;
  /** Says that the folder is free. */
  readonly release: () => Promise<void>;
};

export class EtcdCalls implements EmbeddedStore {
  readonly #parts: EtcdCallsParts;

  constructor(parts: EtcdCallsParts) {
    this.#parts = parts;
  }

  async range(request: RangeRequest) {
    const { journal, visible } = this.#parts;
    checkKey(request);
    journal.checkReadable();
    return { header: visible.header(), ...readRange(visible.history, request, visible.revision) };
  }

  async put(request: PutRequest) {
    checkPut(request);
    checkSize(request.key.length + request.value.length, () => PutRequest.encode(request));
    return await this.#write(costOfPut(request), (head) => head.put(request), isLeasedPut(request));
  }

  async deleteRange(request: DeleteRangeRequest) {
    checkKey(request);
    checkSize(request.key.length + request.rangeEnd.length, () => DeleteRangeRequest.encode(request));
    return await this.#write(0, (head) => head.deleteRange(request));
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    checkTxn(request);
    if (isReadOnly(request)) return this.#readTxn(request);
    checkSize(sizeOfTxn(request), () => TxnRequest.encode(request));
    return await this.#write(costOfTxn(request), (head) => head.txn(request), isLeasedTxn(request));
  }

  async compact(request: CompactionRequest) {
    await this.#parts.compactor.compact(Number(request.revision));
    return { header: this.#parts.visible.header() };
  }

  watch(): EmbeddedWatch {
    const { journal, visible, streams } = this.#parts;
    const stream = new WatchStream(visible, () => streams.delete(stream));
    if (journal.isReadable) streams.add(stream);
    else stream.close();
    return stream;
  }

  async leaseGrant(request: LeaseGrantRequest) {
    return await this.#parts.desk.grant(request);
  }

  async leaseRevoke(lease: bigint) {
    return await this.#parts.desk.revoke(lease);
  }

  async leaseKeepAlive(lease: bigint) {
    return await this.#parts.desk.keepAlive(lease);
  }

  async leaseTimeToLive(request: LeaseTimeToLiveRequest) {
    return await this.#parts.desk.timeToLive(request);
  }

  async leaseLeases() {
    return await this.#parts.desk.all();
  }

  async memberList() {
    const { journal, visible, folder } = this.#parts;
    journal.checkReadable();
    const member = { id: visible.identity.memberId, name: folder.path, peerUrls: [], clientUrls: [], isLearner: false };
    return { header: visible.header(), members: [member] };
  }

  async status(): Promise<StatusResponse> {
    const { journal, visible, quota } = this.#parts;
    journal.checkReadable();
    // What counts against the quota; the files may be smaller, since LevelDB packs them.
    const size = BigInt(visible.history.bytes);
    const { memberId } = visible.identity;
    const revision = BigInt(visible.revision);
    return {
      header: visible.header(),
      version: VERSION,
      dbSize: size,
      dbSizeInUse: size,
      leader: memberId,
      raftIndex: revision,
      raftTerm: RAFT_TERM,
      raftAppliedIndex: revision,
      errors: [
        ...(quota.isFull ? [`memberID:${memberId} alarm:NOSPACE `] : []),
        ...(journal.trouble === undefined ? [] : [journal.trouble]),
      ],
      isLearner: false,
    };
  }

  async *backup(): AsyncGenerator<Uint8Array, void, undefined> {
    const { journal, visible, leases, writer } = this.#parts;
    journal.checkReadable();
    const { history, identity } = visible;
    // Keys are what is on the disk, leases what is in memory: both have to be the same.
    yield* await writer.whenSettled(() => backUp({ history, leases, identity }, visible.revision));
  }

  async close(): Promise<void> {
    const { journal, streams, stop, release } = this.#parts;
    for (const stream of streams) stream.close();
    await stop();
    await journal.close(release);
  }

  /** Only what is on the disk is seen, so that nothing has to be waited for. */
  #readTxn(request: TxnRequest): TxnResponse {
    const { journal, visible, head } = this.#parts;
    journal.checkReadable();
    const answer = head.readTxn(request, visible.revision);
    return { ...answer, header: this.#wholeHeader(answer) };
  }

  async #write<T extends { header: ResponseHeader | undefined }>(
    cost: number,
    run: (head: Head) => T,
    isLeased = false,
  ): Promise<T> {
    const { head, quota, writer } = this.#parts;
    const answer = await writer.write(() => {
      quota.check(cost, isLeased);
      return run(head);
    });
    answer.header = this.#wholeHeader(answer);
    return answer;
  }

  #wholeHeader({ header }: { readonly header: ResponseHeader | undefined }): ResponseHeader {
    return this.#parts.visible.header(header?.revision ?? 0n);
  }
}
