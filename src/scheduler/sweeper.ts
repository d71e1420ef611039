// Looks at every group now and then, whatever events said or did not say: groups of the store, and groups of which only
// containers are left on an engine. What trials have left there goes.

import { type Milliseconds, SECOND } from "../model/instant.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { Alarm, repeat, TOO_LATE, within } from "./alarm.js";
import type { Engine } from "./engine.js";
import type { HostKeeper } from "./hosts.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";

const PERIOD: Milliseconds = 30 * SECOND;
/** Into so many portions a sweep is divided: a thousand passes at once would keep lookups waiting. */
const PORTIONS = 30;
const LIST_DEADLINE: Milliseconds = 10 * SECOND;

export type SweeperDeps = {
  readonly office: Office;
  readonly hosts: readonly { readonly engine: Engine; readonly keeper: HostKeeper }[];
  readonly wake: (group: GroupRef) => void;
};

export class Sweeper {
  readonly #deps: SweeperDeps;
  readonly #alarm: Alarm;
  #isSoon = true;

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.office.clock, deps.office.end);
  }

  /** Every group is looked at once more, soon. */
  soon(): void {
    this.#isSoon = true;
    this.#alarm.ring();
  }

  /** Each group, and what trials have left, at once and then every 30 s until the term ends; never throws. */
  async run(): Promise<void> {
    await Promise.all([this.#sweep(), this.#keepTrials()]);
  }

  async #sweep(): Promise<void> {
    const { office } = this.#deps;
    while (!office.end.aborted) {
      const all = this.#isSoon;
      this.#isSoon = false;
      const groups = await this.#groups();
      if (all) for (const group of groups) this.#deps.wake(group);
      await this.#wakeInPortions(groups);
    }
  }

  /** Takes one period, unless it is to be soon. */
  async #wakeInPortions(groups: readonly GroupRef[]): Promise<void> {
    const { end } = this.#deps.office;
    const upTo = (portion: number): number => Math.floor((groups.length * portion) / PORTIONS);
    for (let portion = 1; portion <= PORTIONS; portion++) {
      await this.#alarm.wait(PERIOD / PORTIONS);
      if (this.#isSoon || end.aborted) return;
      for (const group of groups.slice(upTo(portion - 1), upTo(portion))) this.#deps.wake(group);
    }
  }

  async #groups(): Promise<readonly GroupRef[]> {
    const { office, hosts } = this.#deps;
    const [stored, ...listed] = await Promise.all([
      persistently(office, "listing the groups", () => office.store.listGroups()),
      ...hosts.map((host) => this.#listed(host)),
    ]);
    const groups = [...(stored?.groups ?? []), ...listed.flat()];
    return [...new Map(groups.map((group) => [groupId(group), group])).values()];
  }

  async #listed({ engine, keeper }: SweeperDeps["hosts"][number]): Promise<readonly GroupRef[]> {
    if (keeper.problem !== undefined) return [];
    const { clock } = this.#deps.office;
    const listed = await within(clock, LIST_DEADLINE, engine.list(), keeper.silence).catch(
      (): typeof TOO_LATE => TOO_LATE,
    );
    if (listed !== TOO_LATE) return [...engine.groups()];
    keeper.doubt();
    return [];
  }

  async #keepTrials(): Promise<void> {
    const { office, hosts } = this.#deps;
    const removeAll = async (): Promise<void> => {
      await Promise.all(hosts.map(({ engine, keeper }) => this.#removeTrials(engine, keeper)));
    };
    await removeAll();
    await repeat(office.clock, PERIOD, office.end, removeAll);
  }

  /** A failure is met again in the next round. */
  async #removeTrials(engine: Engine, { problem }: HostKeeper): Promise<void> {
    if (problem !== undefined) return;
    const { log, end } = this.#deps.office;
    await engine
      .ask((runtime) => runtime.removeTrials())
      .catch((error: unknown) => {
        if (!end.aborted) log.debug({ err: error, host: engine.host }, "trials not removed");
      });
  }
}
