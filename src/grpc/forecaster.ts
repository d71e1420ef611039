// What a change would do, told by the planner itself over the hosts and reservations of now.

import type { GroupConfig } from "../model/group.js";
import type { HostRecord, HostView } from "../model/host.js";
import { hostView } from "../model/host-view.js";
import type { Forecast } from "../model/plan.js";
import type { Clock } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Reservation, SchedulerStore } from "../model/store.js";
import { forecast } from "../planner/forecast.js";
import type { PlannedChange } from "./convert-group.js";
import type { SlotsReader } from "./slots-reader.js";

export type ForecasterDeps = {
  readonly store: Pick<SchedulerStore, "readHosts" | "readReservations">;
  readonly slots: SlotsReader;
  readonly clock: Clock;
  readonly clusterId: () => string;
};

export type ForecastInput = Pick<PlannedChange, "ref" | "before" | "after"> & { readonly uid: string | undefined };

/** The hosts as they are at one moment; groups that are told one after the other see each other's places. */
export class Forecaster {
  private constructor(
    private readonly deps: ForecasterDeps,
    private readonly hosts: readonly HostRecord[],
    private reservations: readonly Reservation[],
  ) {}

  /** Fails as the store does. */
  static async read(deps: ForecasterDeps): Promise<Forecaster> {
    const [hosts, reservations] = await Promise.all([deps.store.readHosts(), deps.store.readReservations()]);
    return new Forecaster(
      deps,
      hosts.map(({ value }) => value),
      reservations,
    );
  }

  async tell({ ref, uid, before, after }: ForecastInput): Promise<Forecast> {
    const slots = uid === undefined ? undefined : await this.deps.slots.read(ref.namespace, uid);
    const own = this.reservations.filter((one) => groupId(one.group) === groupId(ref));
    const told = forecast({
      ref,
      clusterId: this.deps.clusterId(),
      intents: own.map((one) => one.intent),
      after,
      hosts: this.views(ref),
      ...(uid === undefined ? {} : { uid }),
      ...(before === undefined ? {} : { before }),
      ...(slots === undefined ? {} : { slots }),
    });
    if (after !== undefined) this.take(ref, after, told);
    return told;
  }

  private views(ref: GroupRef): HostView[] {
    const reservations = this.reservations.filter((one) => groupId(one.group) !== groupId(ref));
    const now = this.deps.clock.now();
    return this.hosts.map((host) =>
      hostView(host, { now, others: () => ({ reservations, strangers: [], otherNames: [] }) }),
    );
  }

  /** What these places would hold is taken for the groups told after this one. */
  private take(ref: GroupRef, config: GroupConfig, { placements }: Forecast): void {
    const hostPorts: Record<string, number> = {};
    for (const { name, host } of config.ports ?? []) {
      if (host !== undefined) hostPorts[name] = host;
    }
    const taken = placements.map(({ slot, host }): Reservation => {
      const intent = {
        name: `${groupId(ref)}:${slot}`,
        slot,
        generation: 0,
        configRevision: 0,
        fingerprint: "",
        host,
        hostPorts,
        phase: "creating" as const,
      };
      return { group: ref, intent, cpu: config.cpu ?? 0, mem: config.mem ?? 0 };
    });
    this.reservations = [...this.reservations, ...taken];
  }
}
