// What a change would do, told by the planner itself over the hosts and reservations of now.

import type { GroupChange } from "../model/change.js";
import type { GroupConfig, Pin } from "../model/group.js";
import { carriedPin } from "../model/group-status.js";
import type { HostRecord, HostView } from "../model/host.js";
import { hostView } from "../model/host-view.js";
import { heldByOthers } from "../model/others.js";
import type { Forecast, FoundImage } from "../model/plan.js";
import type { Clock, Stranger } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Reservation } from "../model/reservations.js";
import type { SchedulerStore } from "../model/store.js";
import { compare } from "../planner/compare.js";
import { forecast } from "../planner/forecast.js";
import { hostToAsk } from "../planner/image.js";
import type { PlannedChange } from "./convert-group.js";
import { type FindImage, ImageLooks } from "./image-looks.js";
import type { SlotsReader } from "./slots-reader.js";
import { type FindStrangers, strangersOn } from "./strangers.js";

export type ForecasterDeps = {
  readonly store: Pick<SchedulerStore, "readHosts" | "readReservations">;
  readonly slots: SlotsReader;
  readonly clock: Clock;
  readonly clusterId: () => string;
  /** Absent: this server has no engine to ask. */
  readonly findImage?: FindImage | undefined;
  readonly findStrangers?: FindStrangers | undefined;
};

export type ForecastInput = Pick<PlannedChange, "ref" | "before" | "after"> & {
  readonly uid: string | undefined;
  /** What the store is asked to write; undefined: nothing. */
  readonly change: GroupChange | undefined;
};

/** One host, and what all groups together have reserved on it. */
export type HostLoad = Pick<HostRecord, "name" | "problem"> & { readonly cpu: number; readonly mem: number };

/** What engines told, beyond what is stored. */
type Seen = {
  /** Undefined: images are not looked up. */
  readonly images: ImageLooks | undefined;
  /** By host; a host without an answer has none. */
  readonly strangers: ReadonlyMap<string, readonly Stranger[]>;
};

/** The hosts as they are at one moment; groups that are told one after the other see each other's places. */
export class Forecaster {
  private constructor(
    private readonly deps: ForecasterDeps,
    private readonly hosts: readonly HostRecord[],
    private reservations: readonly Reservation[],
    private readonly seen: Seen,
  ) {}

  /**
   * Fails as the store does.
   * @param looks whether engines are asked too, for a plan that somebody reads: for new images, and for containers that
   * are not ours. That may take seconds.
   */
  static async read(deps: ForecasterDeps, looks = false): Promise<Forecaster> {
    const { store, findImage, findStrangers, clock } = deps;
    const [hosts, reservations] = await Promise.all([store.readHosts(), store.readReservations()]);
    const records = hosts.map(({ value }) => value).sort((a, b) => compare(a.name, b.name));
    const answering = records.filter(({ problem }) => problem === undefined).map(({ name }) => name);
    return new Forecaster(deps, records, reservations, {
      images: looks && findImage !== undefined ? new ImageLooks(findImage, clock) : undefined,
      strangers: looks && findStrangers !== undefined ? await strangersOn(answering, findStrangers, clock) : new Map(),
    });
  }

  /** As they are before anything was told. */
  loads(): readonly HostLoad[] {
    return this.hosts.map(({ name, problem }) => {
      const held = this.reservations.filter(({ intent }) => intent.host === name);
      const sum = (what: "cpu" | "mem"): number => held.reduce((total, one) => total + one[what], 0);
      return { name, cpu: sum("cpu"), mem: sum("mem"), ...(problem === undefined ? {} : { problem }) };
    });
  }

  /** Asks for the images of all of them at once, so that telling takes no longer than the slowest. */
  async lookAhead(inputs: readonly ForecastInput[]): Promise<void> {
    await Promise.all(inputs.map((input) => this.found(input)));
  }

  async tell(input: ForecastInput): Promise<Forecast> {
    const { ref, uid, before, after, change } = input;
    const slots = uid === undefined ? undefined : await this.deps.slots.read(ref.namespace, uid);
    const own = this.reservations.filter((one) => groupId(one.group) === groupId(ref));
    const told = forecast({
      ref,
      clusterId: this.deps.clusterId(),
      intents: own.map((one) => one.intent),
      after,
      hosts: this.views(ref),
      pin: pinOf(change),
      found: await this.found(input),
      restart: change?.kind === "restart",
      ...(uid === undefined ? {} : { uid }),
      ...(before === undefined ? {} : { before }),
      ...(slots === undefined ? {} : { slots }),
    });
    if (after !== undefined) this.take(ref, after, told);
    return told;
  }

  /** Undefined where nobody looks, or nobody needs to. */
  private async found({ ref, before, after, change }: ForecastInput): Promise<FoundImage | undefined> {
    const { images } = this.seen;
    if (images === undefined || after === undefined || pinOf(change) !== undefined) return undefined;
    const wanted = after.instances ?? before?.config.instances;
    if (wanted === 0 || carriedPin(before, after) !== undefined) return undefined;
    const host = hostToAsk(this.views(ref), after);
    return host === undefined ? { unknown: "no host answers" } : images.look(host.name, after);
  }

  private views(ref: GroupRef): HostView[] {
    const reservations = this.reservations.filter((one) => groupId(one.group) !== groupId(ref));
    const now = this.deps.clock.now();
    return this.hosts.map((host) => {
      const strangers = this.seen.strangers.get(host.name) ?? [];
      const others = () => heldByOthers(host.name, { reservations, strangers, otherNames: [] });
      return hostView(host, { now, others });
    });
  }

  /** What these places would hold is taken for the groups told after this one. */
  private take(ref: GroupRef, config: GroupConfig, { placements, actions }: Forecast): void {
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
    const moved = new Set(actions.map(({ slot }) => slot));
    const stays = ({ group, intent }: Reservation): boolean =>
      groupId(group) !== groupId(ref) || !moved.has(intent.slot);
    this.reservations = [...this.reservations.filter(stays), ...taken];
  }
}

function pinOf(change: GroupChange | undefined): Pin | undefined {
  return change?.kind === "replace" || change?.kind === "create" ? change.pin : undefined;
}
