// Defects that somebody could make, one line of the shipped code each, and which promise is broken by it. Those in the
// watch, lease and election loops are marked.

export type Mutant = {
  readonly name: string;
  readonly file: string;
  /** Is in the file exactly once. */
  readonly find: string;
  readonly put: string;
  /** The promises of which one breaks. */
  readonly breaks: string;
  readonly isLoop?: true;
  /** One that sees it; whatever changes the order of events moves it. */
  readonly seed?: number;
};

export const MUTANTS: readonly Mutant[] = [
  {
    name: "resume from the header's revision",
    seed: 1,
    file: "src/etcd/watch.ts",
    find: "const { startRevision, proof } = opening;",
    put: `const proof = "reading" as const;
    const { revision: present } = await this.#parts.wire.range({ key: this.#range.key, keysOnly: true });
    const startRevision = opening.startRevision > present ? opening.startRevision : present + 1n;`,
    breaks: "mirror: what came before the stream was opened is never told",
    isLoop: true,
  },
  {
    name: "emit an incomplete revision",
    seed: 50,
    file: "src/etcd/watch-session.ts",
    find: "return message.fragment || message.events.length === 0 ? [] : revisionsOf(this.#fragments.splice(0));",
    put: "return message.events.length === 0 ? [] : revisionsOf(this.#fragments.splice(0));",
    breaks: "mirror: half a revision is told as a whole one",
    isLoop: true,
  },
  {
    name: "skip the relist after a compaction",
    seed: 164,
    file: "src/etcd/watch-session.ts",
    find: 'this.#history.leanOnListing() ? "resume" : "compare and list";',
    put: 'this.#history.leanOnListing() ? "resume" : "resume";',
    breaks: "convergence: a watch behind the compaction is taken up for ever",
    isLoop: true,
  },
  {
    name: "apply a revision twice",
    seed: 26,
    file: "src/etcd/range-history.ts",
    find: "if (next.revision <= this.#last) {",
    put: "if (next.revision < this.#last) {",
    breaks: "mirror: an event that etcd sends twice is told twice",
    isLoop: true,
  },
  {
    name: "trust a keepalive's answer",
    seed: 106,
    file: "src/etcd/lease.ts",
    find: "else this.#heldUntil = sentAt + SAFE_PART * this.#ttl;",
    put: "else this.#heldUntil = Number.POSITIVE_INFINITY;",
    breaks: "office: a leader whose lease is long over goes on asking Docker",
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
    breaks: "hand over: the key of a leader that has stepped down stays until its lease runs out",
    isLoop: true,
  },
  {
    name: "win without looking",
    seed: 1,
    file: "src/etcd/election.ts",
    find: "new Transaction().unchanged(LEADER_KEY, 0n).put(",
    put: "new Transaction().put(",
    breaks: "fence or office: the key is taken from under a leader that has it",
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
    breaks: "fence: a leader that was frozen writes after its successor",
  },
  {
    name: "no deadline of its own",
    seed: 106,
    file: "src/etcd/election.ts",
    find: "mayAct: () => !ended.signal.aborted && lease.isHeld,",
    put: "mayAct: () => true,",
    breaks: "office: a leader that thaws asks Docker before it notices",
    isLoop: true,
  },
  {
    name: "act without asking whether it may",
    seed: 106,
    file: "src/scheduler/engine.ts",
    find: `    this.#office.assertMayAct();
    this.touch();`,
    put: "    this.touch();",
    breaks: "office: effects go on after the term",
  },
  {
    name: "create without an intent",
    seed: 1,
    file: "src/scheduler/assign.ts",
    find: "await ledger.assign(edit, doubts.get(host) ?? 0);",
    put: "void ledger.assign(edit, doubts.get(host) ?? 0).catch(() => undefined);",
    breaks: "intent first: a container is created before its name is written",
  },
  {
    name: "start without confirming the intent",
    seed: 1,
    file: "src/scheduler/launch.ts",
    find: "  await context.ledger.commit(confirmation(intent, context));\n",
    put: "  void context.ledger.commit(confirmation(intent, context)).catch(() => undefined);\n",
    breaks: "intent first: a container runs whose intent was not confirmed",
  },
  {
    name: "stop before it is written",
    seed: 1,
    file: "src/scheduler/end-container.ts",
    find: `if (!committed) await ledger.commit({ putIntents: [{ ...intent, phase: "stopping" }] });`,
    put: `if (!committed) void ledger.commit({ putIntents: [{ ...intent, phase: "stopping" }] }).catch(() => undefined);`,
    breaks: "intent first: a stop that no write has paid for",
  },
  {
    name: "generation not advanced",
    seed: 1,
    file: "src/planner/assign.ts",
    find: "for (let generation = Math.max(...seen) + 1; ; generation++) {",
    put: "for (let generation = Math.max(1, ...observed.map((one) => one.owner.generation)); ; generation++) {",
    breaks: "generation: a name is given out twice",
  },
  {
    name: "no removal of strays",
    seed: 115,
    file: "src/scheduler/execute.ts",
    find: 'return engine.inLane("other", () => engine.remove(containerId));',
    put: 'return engine.host === containerId ? engine.inLane("other", async () => undefined) : Promise.resolve();',
    breaks: "convergence: a container that was created late stays",
  },
  {
    name: "running counts as ready",
    seed: 74,
    file: "src/planner/readiness.ts",
    find: `return { state: wasRestarted(container, told) ? "starting" : standingState(told) };`,
    put: `return { state: wasRestarted(container, told) ? "starting" : told === undefined ? standingState(told) : "ready" };`,
    breaks: "ready: told before it listens",
  },
  {
    name: "what leaves still counts as serving",
    seed: 463,
    file: "src/planner/replace.ts",
    find: "const serving = scene.members.filter((member) => !isLeaving(member.intent) && servesNow(member));",
    put: "const serving = scene.members;",
    breaks: "floor: more are taken out than may be spared",
  },
  {
    name: "one seat too many",
    seed: 5,
    file: "src/planner/replace.ts",
    find: "const room = scene.wanted + rollout.policy.maxParallel - scene.members.length - empty;",
    put: "const room = scene.wanted + rollout.policy.maxParallel + 1 - scene.members.length - empty;",
    breaks: "ceiling",
  },
  {
    name: "nobody is waited for",
    seed: 1,
    file: "src/planner/departure.ts",
    find: "if (answeredAt === undefined && deadline > now) return deadline;",
    put: "if (answeredAt === undefined && deadline < now) return deadline;",
    breaks: "heard: a container is stopped while clients use it",
  },
  {
    name: "a stale write is taken",
    seed: 383,
    file: "src/etcd/group-write.ts",
    find: "txn.unchanged(key, former?.modRevision ?? 0n).put(key, own.rewrite(key, intentCodec, intent, former));",
    put: "txn.put(key, own.rewrite(key, intentCodec, intent, former));",
    breaks: "phases or generation: what was read before another write is written over it",
  },
  {
    name: "a request has two effects",
    seed: 172,
    file: "src/etcd/request-answers.ts",
    find: "  if (stored === undefined) return undefined;\n",
    put: '  if (stored === undefined || stored.key !== "") return undefined;\n',
    breaks: "once: a request that was done is refused when its reply was lost and it is sent again",
  },
  {
    name: "a reader goes on one revision late",
    seed: 220,
    file: "src/catalog/follower.ts",
    find: "known ? this.topic.log.positionAfter(from.revision) : undefined;",
    put: "known ? this.topic.log.positionAfter(from.revision + 1n) : undefined;",
    breaks: "watch: a client that comes back misses a change",
  },
  {
    name: "an event is the last word",
    seed: 7,
    file: "src/scheduler/term-work.ts",
    find: "      this.#sweeper.run(),\n",
    put: "",
    breaks: "convergence: nothing looks at what no event told of",
  },
  {
    name: "another clock's time is believed",
    seed: 509,
    file: "src/planner/slot-view.ts",
    find: "const times = [info?.since, container?.startedAt].filter((time) => time !== undefined && time <= now);",
    put: "const times = [info?.since, container?.startedAt].filter((time) => time !== undefined && now > 0);",
    breaks: "convergence: a rollout fails because its containers are ready only in the future",
  },
  {
    name: "another clock's back-off is believed",
    seed: 183,
    file: "src/planner/assign.ts",
    find: "if (slot.notBefore > now + LONGEST_DELAY) return false;",
    put: "if (slot.notBefore > now + 1000 * LONGEST_DELAY) return false;",
    breaks: "convergence: a slot waits for hours",
  },
  {
    name: "taken out before it is told",
    seed: 33,
    file: "src/planner/scene.ts",
    find: `info?.state === "ready" && live?.state !== "ready";`,
    put: `info?.state === "ready" && live?.state === undefined;`,
    breaks: "floor: one that its engine has just started again leaves as if it did not serve",
  },
];
