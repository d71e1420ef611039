// Who runs the scheduler. The leader key is written by a transaction that needs it to be absent, under a lease of our
// own; nothing is ever decided by a read of it alone. Every write of a term compares the key's create revision.

import type { Milliseconds } from "../model/instant.js";
import type { Compare, KeyValue } from "../model/ports.js";
import type { Election, Term } from "../model/store.js";
import { BackOff } from "./back-off.js";
import { LEADER_KEY } from "./keys.js";
import { Lease, removeVoid } from "./lease.js";
import type { Parts } from "./parts.js";
import { Transaction } from "./transaction.js";
import { within } from "./within.js";

export type ElectionOptions = { readonly ttlSeconds?: number };

const TTL_SECONDS = 5;
/** The watch says at once that the key is free; this is for the time when the watch says nothing. */
const TRY_AGAIN_AFTER: Milliseconds = 2000;
/** A store that is back is asked again so soon. */
const LONGEST_PAUSE: Milliseconds = 1000;
/** Terms shorter than this in a row are started less and less often. */
const LONG_TERM: Milliseconds = 10_000;

type Held = { readonly lease: Lease; readonly createRevision: bigint };

/** @param options.ttlSeconds 5 when absent; etcd makes at least 2 of it. A leader that died is followed after that time. */
export function createElection(
  wire: Parts["wire"],
  parts: Omit<Parts, "wire">,
  options: ElectionOptions = {},
): Election {
  return new EtcdElection({ wire, ...parts }, options);
}

class EtcdElection implements Election {
  readonly #parts: Parts;
  readonly #ttlSeconds: number;
  readonly #backOff: BackOff;

  constructor(parts: Parts, options: ElectionOptions) {
    this.#parts = { ...parts, log: parts.log.child({ part: "election" }) };
    this.#ttlSeconds = options.ttlSeconds ?? TTL_SECONDS;
    this.#backOff = new BackOff(parts, 200, LONGEST_PAUSE);
  }

  /** Never fails. Resolves once the signal is aborted, the last term's `lead` has returned, and the key is given back. */
  async campaign(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const held = await this.#win(signal);
        if (held === undefined) continue;
        await this.#serve(held, lead, signal);
      } catch (error) {
        if (signal.aborted) return;
        const level = this.#backOff.failures === 0 ? "warn" : "debug";
        this.#parts.log[level]({ err: error }, "the election failed; trying again");
      }
      // A leader that gave up by itself lets others go first.
      await this.#backOff.wait(signal).catch(() => undefined);
    }
  }

  async leader(): Promise<string> {
    const { kvs } = await this.#parts.wire.range({ key: LEADER_KEY });
    const [key] = kvs;
    return key === undefined || key.lease === 0n ? "" : key.value;
  }

  /** Undefined: somebody else holds the key, and it has been waited for. */
  async #win(signal: AbortSignal): Promise<Held | undefined> {
    const { kvs, revision } = await this.#parts.wire.range({ key: LEADER_KEY });
    const [holder] = kvs;
    if (holder !== undefined) return this.#wait(holder, revision, signal);
    const lease = await Lease.grant(this.#parts, this.#ttlSeconds);
    try {
      const txn = new Transaction().unchanged(LEADER_KEY, 0n).put(LEADER_KEY, this.#parts.serverId, lease.id);
      const written = await txn.commit(this.#parts.wire);
      if (written.succeeded && !signal.aborted) return { lease, createRevision: written.revision };
    } catch (error) {
      // Perhaps it was written: with the lease it goes.
      await lease.release();
      throw error;
    }
    await lease.release();
    return undefined;
  }

  async #wait(holder: KeyValue, revision: bigint, signal: AbortSignal): Promise<undefined> {
    if (holder.lease === 0n) {
      this.#parts.log.warn({ key: LEADER_KEY }, "found a leader key without a lease, a copy; deleting it");
      await removeVoid(this.#parts.wire, holder);
      return undefined;
    }
    if (holder.value === this.#parts.serverId) {
      this.#parts.log.debug({ key: LEADER_KEY }, "found the key of an earlier term of ours; deleting it");
      await this.#removeOwn(holder);
      return undefined;
    }
    const stream = this.#parts.wire.watch({ key: LEADER_KEY, startRevision: revision + 1n });
    const changed = (async () => {
      for await (const { events } of stream) if (events.length > 0) return;
      throw new Error("the watch of the leader key ended");
    })();
    try {
      await within(this.#parts.clock, TRY_AGAIN_AFTER, changed, signal);
    } finally {
      stream.close();
      changed.catch(() => undefined);
    }
    return undefined;
  }

  /** That term is over here, and its lease could not be given back: nobody has to wait until it runs out. */
  async #removeOwn({ createRevision, lease }: KeyValue): Promise<void> {
    const isSame: Compare[] = [
      { key: LEADER_KEY, target: "create", op: "=", value: createRevision },
      { key: LEADER_KEY, target: "lease", op: "=", value: lease },
    ];
    await this.#parts.wire.txn(isSame, [{ op: "delete", key: LEADER_KEY }]);
  }

  async #serve({ lease, createRevision }: Held, lead: (term: Term) => Promise<void>, signal: AbortSignal) {
    const { log, serverId, clock } = this.#parts;
    const ended = new AbortController();
    const end = () => ended.abort();
    for (const cause of [lease.lost, signal]) cause.addEventListener("abort", end, { once: true });
    if (lease.lost.aborted || signal.aborted) end();
    const term: Term = {
      fence: { key: LEADER_KEY, createRevision, lease: lease.id },
      signal: ended.signal,
      mayAct: () => !ended.signal.aborted && lease.isHeld,
    };
    log.info({ server: serverId, term: String(createRevision) }, "elected: this server leads now");
    const guard = this.#guard(term.fence, ended);
    const since = clock.monotonic();
    try {
      await lead(term);
    } catch (error) {
      log.error({ err: error, term: String(createRevision) }, "leading failed; the term ends");
    }
    end();
    await guard;
    signal.removeEventListener("abort", end);
    await lease.release();
    log.info({ server: serverId, term: String(createRevision) }, "the term is over");
    if (clock.monotonic() - since > LONG_TERM) this.#backOff.reset();
  }

  /** A key that was deleted or taken by another hand ends the term too. Ending on a read is safe; leading on one is not. */
  async #guard({ createRevision, lease }: Term["fence"], ended: AbortController): Promise<void> {
    const { clock, wire, log } = this.#parts;
    while (!ended.signal.aborted) {
      try {
        await clock.sleep((this.#ttlSeconds * 1000) / 3, ended.signal);
        const { kvs } = await wire.range({ key: LEADER_KEY });
        if (kvs[0]?.createRevision === createRevision && kvs[0].lease === lease) continue;
        log.warn({ term: String(createRevision) }, "the leader key is not ours any more");
        ended.abort();
      } catch (error) {
        if (!ended.signal.aborted) log.debug({ err: error }, "the leader key could not be read");
      }
    }
  }
}
