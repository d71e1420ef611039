// Looks after registrations while this server leads: reads who is heard, judges, and writes what has to change. Each term
// begins anew, so that nobody is withdrawn for what was not seen.

import { containerId } from "../model/discovery.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { SeenRegistration, StandingChange, StandingStore } from "../model/registration.js";
import { judgeRegistrations, type Memory, NOTHING_HEARD } from "../planner/registrations.js";
import { Alarm } from "./alarm.js";
import type { Office } from "./office.js";

/** Between two looks: often enough to tell a store that was away for half a TTL from one that was not. */
const LOOKS_PER_TTL = 8;
const SLOWEST: Milliseconds = 2 * SECOND;
const FASTEST: Milliseconds = 250;

export class Registrar {
  readonly #office: Office;
  readonly #store: StandingStore;
  #memory: Memory = NOTHING_HEARD;
  #pace = FASTEST;
  #failures = 0;

  constructor(office: Office, store: StandingStore) {
    this.#office = office;
    this.#store = store;
  }

  /** Until the end of the term; never throws. */
  async run(): Promise<void> {
    const { clock, end } = this.#office;
    const alarm = new Alarm(clock, end);
    while (!end.aborted) {
      await this.#look();
      await alarm.wait(this.#pace);
    }
  }

  async #look(): Promise<void> {
    try {
      const seen = await this.#store.readRegistrations();
      const changes = this.#judge(seen);
      this.#pace = paceOf(seen);
      this.#failures = 0;
      if (changes.length === 0) return;
      const written: StandingChange[] = [];
      const keep = (some: readonly StandingChange[]): void => void written.push(...some);
      await this.#office
        .write((fence) => this.#store.writeStandings(fence, changes, keep))
        .finally(() => this.#tell(written, seen.length));
    } catch (error) {
      this.#failures++;
      if (this.#failures === 1 && !this.#office.end.aborted) {
        this.#office.log.warn({ err: error }, "registrations could not be looked after, trying again");
      }
    }
  }

  #judge(seen: readonly SeenRegistration[]): StandingChange[] {
    const byId = new Map(seen.map((one) => [containerId(one.ref), one]));
    const heard = [...byId].map(([id, { holder, alive }]) => {
      const { ttlSeconds, standing, lostAt } = holder;
      const lostFor = lostAt === undefined ? {} : { lostFor: this.#office.clock.now() - lostAt };
      return { id, ttl: ttlSeconds * SECOND, standing, alive, ...lostFor };
    });
    const { memory, verdicts } = judgeRegistrations(this.#memory, heard, this.#office.clock.monotonic());
    this.#memory = memory;
    return verdicts.flatMap(({ id, to }) => {
      const one = byId.get(id);
      return one === undefined ? [] : [{ seen: one, to }];
    });
  }

  #tell(changes: readonly StandingChange[], all: number): void {
    const { log } = this.#office;
    const stale = changes.filter(({ to }) => to === "stale").length;
    if (stale > 0)
      log.warn({ stale, all }, "registrations are not heard, too many or too suddenly to be dead: they stay");
    for (const { seen, to } of changes) {
      if (to === "lost") log.info({ container: containerId(seen.ref) }, "a registration is lost: not renewed in time");
      if (to === "gone")
        log.info({ container: containerId(seen.ref) }, "a registration is removed: not renewed for long");
    }
  }
}

function paceOf(seen: readonly SeenRegistration[]): Milliseconds {
  const shortest = seen.reduce(
    (least, { holder }) => Math.min(least, holder.ttlSeconds * SECOND),
    Number.POSITIVE_INFINITY,
  );
  return Math.max(FASTEST, Math.min(SLOWEST, shortest / LOOKS_PER_TTL));
}
