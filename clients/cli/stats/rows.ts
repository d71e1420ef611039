// The rows of stats: each group with its sums, and below it its containers. Pure, but for the load that it remembers.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { ContainerStats } from "../../gen/theseus/v1/theseus_service.js";
import { namespaceOf, refOf } from "../output/objects.js";
import { formatGroup } from "../references.js";
import type { Rates, Share } from "./figures.js";

export interface Row {
  readonly group: GroupRef;
  /** Undefined: the sums of the group. */
  readonly container: ContainerStats | undefined;
  readonly cpu: Share;
  readonly mem: Share;
  readonly net: Rates | undefined;
  readonly restarts: number | undefined;
  /** Cores, sample after sample, the newest last. */
  readonly load: readonly (number | undefined)[];
}

export interface GroupRows {
  readonly sums: Row;
  readonly containers: readonly Row[];
}

const MOST_SAMPLES = 20;

/** Remembers the load of what was in the last sample, and of nothing else. */
export class Loads {
  #known = new Map<string, readonly (number | undefined)[]>();

  /** Groups by their names, containers by their slots. */
  take(items: readonly ContainerStats[]): GroupRows[] {
    const known = this.#known;
    this.#known = new Map();
    return [...grouped(inOrder(items))].map(([id, containers]) => {
      const rows = containers.map((container) => this.#remember(rowOf(container), `${id} ${container.name}`, known));
      return { sums: this.#remember(sumOf(rows), id, known), containers: rows };
    });
  }

  #remember(row: Omit<Row, "load">, id: string, known: ReadonlyMap<string, Row["load"]>): Row {
    const load = [...(known.get(id) ?? []), row.cpu.used].slice(-MOST_SAMPLES);
    this.#known.set(id, load);
    return { ...row, load };
  }
}

function grouped(items: readonly ContainerStats[]): Map<string, ContainerStats[]> {
  const groups = new Map<string, ContainerStats[]>();
  for (const item of items) {
    const id = groupId(item);
    const others = groups.get(id);
    if (others === undefined) groups.set(id, [item]);
    else others.push(item);
  }
  return groups;
}

function groupId({ group }: ContainerStats): string {
  const ref = refOf({ ref: group });
  return `${namespaceOf(ref)} ${formatGroup(ref)}`;
}

function inOrder(items: readonly ContainerStats[]): ContainerStats[] {
  const keyed = items.map((item) => ({ item, id: groupId(item) }));
  keyed.sort((a, b) => {
    if (a.id !== b.id) return a.id < b.id ? -1 : 1;
    return a.item.slot - b.item.slot || (a.item.name < b.item.name ? -1 : 1);
  });
  return keyed.map(({ item }) => item);
}

function rowOf(container: ContainerStats): Omit<Row, "load"> {
  const { group, cpu, cpuLimit, memBytes, memLimitBytes, restarts } = container;
  const { netRxBytesPerSecond: rx, netTxBytesPerSecond: tx } = container;
  return {
    group: refOf({ ref: group }),
    container,
    cpu: { used: cpu, limit: cpuLimit },
    mem: { used: whole(memBytes), limit: whole(memLimitBytes) },
    net: rx === undefined || tx === undefined ? undefined : { rx, tx },
    restarts,
  };
}

/** What is known of its containers; there is a limit of the group where each of them has one. */
function sumOf(rows: readonly Omit<Row, "load">[]): Omit<Row, "load"> {
  const [first] = rows;
  if (first === undefined) throw new RangeError("a group without containers has no sums");
  const nets = known(rows.map(({ net }) => net));
  return {
    group: first.group,
    container: undefined,
    cpu: shareOf(rows.map(({ cpu }) => cpu)),
    mem: shareOf(rows.map(({ mem }) => mem)),
    net: nets.length === 0 ? undefined : { rx: total(nets.map(({ rx }) => rx)), tx: total(nets.map(({ tx }) => tx)) },
    restarts: someTotal(rows.map(({ restarts }) => restarts)),
  };
}

function shareOf(shares: readonly Share[]): Share {
  const limits = known(shares.map(({ limit }) => limit));
  return {
    used: someTotal(shares.map(({ used }) => used)),
    limit: limits.length < shares.length ? undefined : total(limits),
  };
}

function someTotal(values: readonly (number | undefined)[]): number | undefined {
  const those = known(values);
  return those.length === 0 ? undefined : total(those);
}

function known<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function whole(bytes: bigint | undefined): number | undefined {
  return bytes === undefined ? undefined : Number(bytes);
}
