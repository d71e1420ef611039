// etcd's own words and codes for what it refuses, and ours for what only this store can run into.

import { CODE, EtcdRefusal } from "./api.js";

const words = {
  emptyKey: [CODE.invalidArgument, "etcdserver: key is not provided"],
  keyNotFound: [CODE.invalidArgument, "etcdserver: key not found"],
  valueProvided: [CODE.invalidArgument, "etcdserver: value is provided"],
  leaseProvided: [CODE.invalidArgument, "etcdserver: lease is provided"],
  tooManyOperations: [CODE.invalidArgument, "etcdserver: too many operations in txn request"],
  duplicateKey: [CODE.invalidArgument, "etcdserver: duplicate key given in txn request"],
  tooLarge: [CODE.invalidArgument, "etcdserver: request is too large"],
  compacted: [CODE.outOfRange, "etcdserver: mvcc: required revision has been compacted"],
  futureRevision: [CODE.outOfRange, "etcdserver: mvcc: required revision is a future revision"],
  noSpace: [CODE.resourceExhausted, "etcdserver: mvcc: database space exceeded"],
  leaseNotFound: [CODE.notFound, "etcdserver: requested lease not found"],
  leaseExists: [CODE.failedPrecondition, "etcdserver: lease already exists"],
  leaseTooLong: [CODE.outOfRange, "etcdserver: too large lease TTL"],
} as const;

/** A refusal in etcd's own words. */
export function refusal(why: keyof typeof words): EtcdRefusal {
  const [code, text] = words[why];
  return new EtcdRefusal(code, text);
}

/** A write was begun, and nobody knows whether it is on the disk. */
export class UnknownOutcome extends EtcdRefusal {
  constructor(why: string, cause?: unknown) {
    super(CODE.unavailable, `theseus: the write may or may not be stored: ${why}`, cause);
  }
}

/** Nothing was begun: the store takes no such call now. */
export function notNow(why: string, cause?: unknown): EtcdRefusal {
  return new EtcdRefusal(CODE.unavailable, `theseus: ${why}`, cause);
}
