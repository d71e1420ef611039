// Registrations as programs ask for them. Three keys each: the record that discovery tells, who holds it, and a heartbeat
// under a lease of its own. All that a renewal needs is in the store, so any server can take it.

import { hash } from "node:crypto";
import { isReason } from "../model/errors.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { type ContainerRef, formatGroup } from "../model/reference.js";
import type { Kept, Registration, RegistrationChange, RegistrationStore } from "../model/registration.js";
import type { Written } from "../model/store.js";
import { infoCodec } from "./container-codec.js";
import { encode } from "./json-codec.js";
import { keepAliveOnce } from "./keep-alive-once.js";
import { heartbeatKey, holderKey, infoKey } from "./keys.js";
import { LeasePool } from "./lease-pool.js";
import type { Parts } from "./parts.js";
import { holderCodec } from "./record-codec.js";
import { contended } from "./refusals.js";
import { changed, type Found, type Next, NOBODY, readFound, registered, requireHolder } from "./registration-record.js";
import { requireNamespaceKey, requireOpen, requireUnmanaged } from "./registration-rules.js";
import { rewrite } from "./stored.js";
import { Transaction } from "./transaction.js";

const TRIES = 10;
const TOLD = 12;

type Keeping = {
  readonly container: ContainerRef;
  readonly id: string;
  /** What is to be stored, and what has to hold besides. Throws the refusal. */
  readonly propose: (found: Found, txn: Transaction) => Next;
  /** What is tried first without looking; the transaction compares all of it. */
  readonly guess?: Found;
};

export class EtcdRegistrations implements RegistrationStore {
  readonly #parts: Pick<Parts, "wire" | "clock">;
  readonly #leases: LeasePool;

  constructor(parts: Pick<Parts, "wire" | "clock" | "log">) {
    this.#parts = parts;
    this.#leases = new LeasePool(parts);
  }

  register(asked: Registration): Promise<Kept> {
    const id = holderId(asked.secret);
    const { namespace, service, labels } = asked.group;
    const name = asked.name ?? `${service}-${id.slice(-TOLD)}`;
    const container = { namespace, service, labels, name };
    return this.#keep({
      container,
      id,
      guess: NOBODY,
      propose: (found, txn) => {
        if (namespace !== DEFAULT_NAMESPACE) requireNamespaceKey(txn, namespace, found);
        requireUnmanaged(txn, container, found);
        requireOpen(txn, container, found);
        return registered(asked, { container, id }, found, this.#parts.clock.now());
      },
    });
  }

  renew(container: ContainerRef, secret: string): Promise<Kept> {
    return this.updateRegistration(container, secret, {});
  }

  updateRegistration(container: ContainerRef, secret: string, change: RegistrationChange): Promise<Kept> {
    const id = holderId(secret);
    const propose = (found: Found) => changed(requireHolder(container, id, found), change, this.#parts.clock.now());
    return this.#keep({ container, id, propose });
  }

  async deregister(container: ContainerRef, secret: string): Promise<Written> {
    const id = holderId(secret);
    for (let tried = 0; tried < TRIES; tried++) {
      const found = await readFound(this.#parts.wire, container);
      if (found.holder === undefined) return { revision: found.revision };
      const { holder, info } = requireHolder(container, id, found, "or without its record");
      const txn = new Transaction()
        .unchanged(holderKey(container), holder.modRevision)
        .unchanged(infoKey(container), found.infoKv?.modRevision ?? 0n)
        .remove(holderKey(container))
        .remove(heartbeatKey(container));
      if (info !== undefined) txn.remove(infoKey(container));
      const { succeeded, revision } = await txn.commit(this.#parts.wire);
      if (!succeeded) continue;
      // Whatever comes of it: nothing is under it any more, and it runs out by itself.
      if (found.lease !== 0n) await this.#parts.wire.leaseRevoke(found.lease).catch(() => undefined);
      return { revision };
    }
    throw contended(`${formatGroup(container)} ${container.name}`);
  }

  /** Read, decide, see to the heartbeat, write what is not so yet; again when somebody else was quicker. */
  async #keep({ container, id, propose, guess }: Keeping): Promise<Kept> {
    for (let tried = 0; tried < TRIES; tried++) {
      const isGuess = tried === 0 && guess !== undefined;
      const found = isGuess ? guess : await readFound(this.#parts.wire, container);
      const txn = new Transaction();
      const next = propose(found, txn);
      const isAlive = await this.#isAlive(found, next, id);
      const written = await this.#write(container, { found, next, txn, isAlive });
      if (written === undefined) continue;
      const ttl = next.holder.ttlSeconds * 1000;
      const madeAgain = !isAlive && found.holder?.value.id === id;
      return { revision: written, container, ttl, holderId: id.slice(0, TOLD), madeAgain };
    }
    throw contended(`${formatGroup(container)} ${container.name}`);
  }

  /** Renews the lease that is there, if it is this holder's and as long as it is to be. */
  async #isAlive({ holder, lease }: Found, { holder: { ttlSeconds } }: Next, id: string): Promise<boolean> {
    if (lease === 0n || holder?.value.id !== id || holder.value.ttlSeconds !== ttlSeconds) return false;
    return keepAliveOnce(this.#parts, lease);
  }

  /** The revision that shows it; undefined: it has to be looked at again. */
  async #write(
    container: ContainerRef,
    doing: { readonly found: Found; readonly next: Next; readonly txn: Transaction; readonly isAlive: boolean },
  ): Promise<bigint | undefined> {
    const { found, next, txn, isAlive } = doing;
    if (isAlive && !next.isNew) return found.revision;
    txn.unchanged(holderKey(container), found.holder?.modRevision ?? 0n);
    txn.unchanged(infoKey(container), found.infoKv?.modRevision ?? 0n);
    if (next.isNew) {
      txn.put(holderKey(container), encode(holderCodec, next.holder));
      txn.put(infoKey(container), rewrite(infoCodec, next.info, next.former));
    }
    const lease = isAlive ? undefined : await this.#leases.take(next.holder.ttlSeconds);
    if (lease !== undefined) txn.put(heartbeatKey(container), "{}", lease);
    try {
      const { succeeded, revision } = await txn.commit(this.#parts.wire);
      if (succeeded) return revision;
      // Nothing is under it. Whatever comes of it: it runs out by itself.
      if (lease !== undefined) void this.#parts.wire.leaseRevoke(lease).catch(() => undefined);
      return undefined;
    } catch (error) {
      if (!isReason(error, "CONFLICT")) throw error;
      // The lease that was granted ahead is over.
      this.#leases.forget();
      return undefined;
    } finally {
      this.#leases.topUp(next.holder.ttlSeconds);
    }
  }
}

/** Nobody finds the secret from it. */
function holderId(secret: string): string {
  return hash("sha256", `theseus registration\n${secret}`);
}
