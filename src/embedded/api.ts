// What the embedded store answers: etcd's own messages in and out, whoever asks: a gRPC client, or the same process.
// Fails as etcd does, with EtcdRefusal.

import type {
  CompactionRequest,
  CompactionResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  StatusResponse,
  TxnRequest,
  TxnResponse,
  WatchRequest,
  WatchResponse,
} from "./gen/etcd.js";

/** gRPC's codes, by number, that the store answers with. */
export const CODE = {
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** A call that was not carried out: etcd's code and etcd's text for it. Unavailable: a write may or may not have been stored. */
export class EtcdRefusal extends Error {
  override readonly name = "EtcdRefusal";
  readonly code: number;

  constructor(code: number, text: string, cause?: unknown) {
    super(text, { cause });
    this.code = code;
  }
}

/** One watch stream: requests go in, responses are taken out as fast as the reader can; nothing piles up meanwhile. */
export interface EmbeddedWatch extends AsyncIterable<WatchResponse> {
  request(request: WatchRequest): void;
  /** The iteration ends. */
  close(): void;
}

/** A write is answered, and seen by anybody, once it is on the disk. */
export interface EmbeddedStore {
  range(request: RangeRequest): Promise<RangeResponse>;
  put(request: PutRequest): Promise<PutResponse>;
  deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse>;
  txn(request: TxnRequest): Promise<TxnResponse>;
  compact(request: CompactionRequest): Promise<CompactionResponse>;
  watch(): EmbeddedWatch;
  leaseGrant(request: LeaseGrantRequest): Promise<LeaseGrantResponse>;
  leaseRevoke(lease: bigint): Promise<LeaseRevokeResponse>;
  /** TTL 0: there is no such lease. */
  leaseKeepAlive(lease: bigint): Promise<LeaseKeepAliveResponse>;
  leaseTimeToLive(request: LeaseTimeToLiveRequest): Promise<LeaseTimeToLiveResponse>;
  leaseLeases(): Promise<LeaseLeasesResponse>;
  memberList(): Promise<MemberListResponse>;
  status(): Promise<StatusResponse>;
  /** Everything at one revision, as the bytes of one file for restoreEmbedded(). */
  backup(): AsyncIterable<Uint8Array>;
  /** Ends every watch; the folder is free after it. */
  close(): Promise<void>;
}
