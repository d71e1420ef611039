// Looks at every group now and then, whatever events said or did not say: groups of the store, and groups of which only
// containers are left on an engine.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import { Alarm, TOO_LATE, within } from "./alarm.js";
import type { Engine } from "./engine.js";
import type { HostKeeper } from "./hosts.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";

const PERIOD: Milliseconds = 30 * SECOND;
const LIST_DEADLINE: Milliseconds = 10 * SECOND;

export type SweeperDeps = {
  readonly office: Office;
  readonly hosts: readonly { readonly engine: Engine; readonly keeper: HostKeeper }[];
  readonly wake: (group: GroupRef) => void;
};

export class Sweeper {
  readonly #deps: SweeperDeps;
  readonly #alarm: Alarm;

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.office.clock, deps.office.end);
  }

  /** One more sweep, soon. */
  soon(): void {
    this.#alarm.ring();
  }

  /** Sweeps at once and every 30 s until the term ends; never throws. */
  async run(): Promise<void> {
    const { office } = this.#deps;
    while (!office.end.aborted) {
      await Promise.all([this.#wakeStored(), ...this.#deps.hosts.map((host) => this.#wakeListed(host))]);
      await this.#alarm.wait(PERIOD);
    }
  }

  async #wakeStored(): Promise<void> {
    const { office, wake } = this.#deps;
    const listed = await persistently(office, "listing the groups", () => office.store.listGroups());
    for (const group of listed?.groups ?? []) wake(group);
  }

  async #wakeListed({ engine, keeper }: SweeperDeps["hosts"][number]): Promise<void> {
    if (keeper.problem !== undefined) return;
    const { clock } = this.#deps.office;
    const listed = await within(clock, LIST_DEADLINE, engine.list(), keeper.silence).catch(
      (): typeof TOO_LATE => TOO_LATE,
    );
    if (listed === TOO_LATE) keeper.doubt();
    else for (const group of engine.groups()) this.#deps.wake(group);
  }
}
