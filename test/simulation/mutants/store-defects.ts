// Defects in what reads and writes the store, and in what is told of it. Those in the watch, lease and election loops are
// marked.

import type { Mutant } from "./mutant.js";

export const STORE_DEFECTS: readonly Mutant[] = [
  {
    name: "resume from the header's revision",
    seed: 1,
    file: "src/etcd/watch.ts",
    find: "const { startRevision, proof } = opening;",
    put: `const proof = "reading" as const;
    const { revision: present } = await this.#parts.wire.range({ key: this.#range.key, keysOnly: true });
    const startRevision = opening.startRevision > present ? opening.startRevision : present + 1n;`,
    breaks: ["mirror"],
    so: "what came before the stream was opened is never told",
    isLoop: true,
  },
  {
    name: "emit an incomplete revision",
    seed: 50,
    file: "src/etcd/watch-session.ts",
    find: "return message.fragment || message.events.length === 0 ? [] : revisionsOf(this.#fragments.splice(0));",
    put: "return message.events.length === 0 ? [] : revisionsOf(this.#fragments.splice(0));",
    breaks: ["mirror"],
    so: "half a revision is told as a whole one",
    isLoop: true,
  },
  {
    name: "skip the relist after a compaction",
    seed: 164,
    file: "src/etcd/watch-session.ts",
    find: 'this.#history.leanOnListing() ? "resume" : "compare and list";',
    put: 'this.#history.leanOnListing() ? "resume" : "resume";',
    breaks: ["convergence"],
    so: "a watch behind the compaction is taken up for ever",
    isLoop: true,
  },
  {
    name: "apply a revision twice",
    seed: 26,
    file: "src/etcd/range-history.ts",
    find: "if (next.revision <= this.#last) {",
    put: "if (next.revision < this.#last) {",
    breaks: ["mirror"],
    so: "an event that etcd sends twice is told twice",
    isLoop: true,
  },
  {
    name: "trust a keepalive's answer",
    seed: 106,
    file: "src/etcd/lease.ts",
    find: "else this.#heldUntil = sentAt + SAFE_PART * this.#ttl;",
    put: "else this.#heldUntil = Number.POSITIVE_INFINITY;",
    breaks: ["office"],
    so: "a leader whose lease is long over goes on asking Docker",
    isLoop: true,
  },
  {
    name: "keep renewing after step-down",
    seed: 21,
    file: "src/etcd/lease.ts",
    find: `    this.#stop.abort();
    this.#lose();
    await this.#loops;`,
    put: "    if (this.#ttl > 0) return;\n    await this.#loops;",
    breaks: ["hand over"],
    so: "the key of a leader that has stepped down stays until its lease runs out",
    isLoop: true,
  },
  {
    name: "win without looking",
    seed: 1,
    file: "src/etcd/election.ts",
    find: "new Transaction().unchanged(LEADER_KEY, 0n).put(",
    put: "new Transaction().put(",
    breaks: ["fence", "office"],
    so: "the key is taken from under a leader that has it",
    isLoop: true,
  },
  {
    name: "no fence",
    seed: 195,
    file: "src/etcd/transaction.ts",
    find: `    this.compare({ key, target: "create", op: "=", value: createRevision });
    this.compare({ key, target: "lease", op: "=", value: lease });
    return epoch === undefined ? this : this.newestEpoch(epochKey(epoch.id), epoch.createRevision);`,
    put: `    if (key === "" || createRevision < 0n || lease < 0n) return this;
    return epoch === undefined ? this : this;`,
    breaks: ["fence"],
    so: "a leader that was frozen writes after its successor",
  },
  {
    name: "no deadline of its own",
    seed: 106,
    file: "src/etcd/election.ts",
    find: "mayAct: () => !ended.signal.aborted && lease.isHeld,",
    put: "mayAct: () => true,",
    breaks: ["office"],
    so: "a leader that thaws asks Docker before it notices",
    isLoop: true,
  },
  {
    name: "a drain on the word of an older config",
    seed: 266,
    file: "src/etcd/drains.ts",
    find: "  txn.unchanged(configKey(snapshot.ref), snapshot.record?.modRevision ?? 0n);\n",
    put: "",
    breaks: ["floor"],
    so: "more is asked for again before the drain of what was too many is written",
  },
  {
    name: "a stale write is taken",
    seed: 383,
    file: "src/etcd/group-write.ts",
    find: "txn.unchanged(key, former?.modRevision ?? 0n).put(key, own.rewrite(key, intentCodec, intent, former));",
    put: "txn.put(key, own.rewrite(key, intentCodec, intent, former));",
    breaks: ["phases", "generation"],
    so: "what was read before another write is written over it",
  },
  {
    name: "a request has two effects",
    seed: 172,
    file: "src/etcd/request-answers.ts",
    find: "  if (stored === undefined) return undefined;\n",
    put: '  if (stored === undefined || stored.key !== "") return undefined;\n',
    breaks: ["once"],
    so: "a request that was done is refused when its reply was lost and it is sent again",
  },
  {
    name: "a reader goes on one revision late",
    seed: 220,
    file: "src/catalog/follower.ts",
    find: "known ? this.topic.log.positionAfter(from.revision) : undefined;",
    put: "known ? this.topic.log.positionAfter(from.revision + 1n) : undefined;",
    breaks: ["watch"],
    so: "a client that comes back misses a change",
  },
  {
    name: "an entry is as old as its key",
    seed: 0,
    file: "src/etcd/catalog-feed.ts",
    find: "    const at = entryAt(kv);\n",
    put: "    const at = entryAt({ ...kv, modRevision: kv.createRevision });\n",
    breaks: ["mirror"],
    so: "an entry is told as of the revision that made its key",
  },
  {
    name: "a phase is told by half",
    seed: 1,
    file: "src/etcd/entries.ts",
    find: '? { kind: "intent", ref: key.ref, intent }',
    put: '? { kind: "intent", ref: key.ref, intent: intent.phase === "stopping" ? { ...intent, phase: "draining" } : intent }',
    breaks: ["mirror"],
    so: "the keys of a revision are told, and one of them with what it was before",
  },
  {
    name: "a pin without the fence",
    seed: 141,
    file: "src/etcd/scheduler-store.ts",
    find: "    const txn = new Transaction().fenced(fence);\n    const { wire, clock, rng } = this.#parts;\n",
    put: `    const txn = write.pin === undefined ? new Transaction().fenced(fence) : new Transaction();
    const { wire, clock, rng } = this.#parts;\n`,
    breaks: ["fence"],
    so: "a config is written by who leads no more",
  },
  {
    name: "any term will do",
    seed: 571,
    file: "src/etcd/transaction.ts",
    find: `    this.compare({ key, target: "create", op: "=", value: createRevision });
    this.compare({ key, target: "lease", op: "=", value: lease });
`,
    put: `    this.compare({ key, target: "create", op: ">", value: createRevision < 0n ? lease : 0n });
    if (epoch !== undefined) return this;
`,
    breaks: ["fence"],
    so: "a write of a term that is over comes through in the next one, also where the same server leads again",
  },
  {
    name: "what is lost is refused",
    seed: 172,
    file: "src/etcd/change-store.ts",
    find: "await txn.commit(this.#parts.wire);",
    put: `await txn.commit(this.#parts.wire).catch((error: unknown) => {
        throw error instanceof TheseusError && error.reason === "OUTCOME_UNKNOWN" ? contended(on.what) : error;
      });`,
    breaks: ["once"],
    so: "a change that may have been stored is told not to be",
  },
];
