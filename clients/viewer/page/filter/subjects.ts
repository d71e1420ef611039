// What a filter looks at in the rows of this page.

import type { Subject } from "../../../filter/match.js";
import type { ContainerRow, GroupRow, HostRow } from "../../wire.js";
import { fleet } from "../live/fleet.js";
import { imageOf } from "../live/images.js";

/** Hosts and ports are looked up only when a term asks for them. */
export function groupSubject(row: GroupRow): Subject {
  const containers = () => fleet.containers.of("group", row.id);
  return {
    ns: row.ns,
    service: row.service,
    labels: row.labels,
    revs: [row.rev],
    images: [row.image],
    states: row.rollout === null ? [row.state] : [row.state, row.rollout.state],
    get hosts() {
      return containers().map(({ host }) => host);
    },
    get ports() {
      return containers().flatMap(portsOf);
    },
    get texts() {
      const told = row.attention.map(({ text }) => text);
      return lower([row.ref, row.image, row.last.message, row.last.actor, row.rollout?.failure?.text ?? "", ...told]);
    },
  };
}

export const containerSubject = (row: ContainerRow): Subject => new ContainerSubject(row);

/** Ten thousand of them are made for one key that is typed: what no term asks for is not worked out. */
class ContainerSubject implements Subject {
  readonly #row: ContainerRow;

  constructor(row: ContainerRow) {
    this.#row = row;
  }
  get ns() {
    return this.#row.ns;
  }
  get service() {
    const { ref } = this.#row;
    return ref.slice(0, ref.indexOf("/"));
  }
  get labels() {
    const { ref, group } = this.#row;
    return fleet.groups.get(group)?.labels ?? labelsOf(ref.slice(ref.indexOf("/") + 1));
  }
  get revs() {
    return [this.#row.rev];
  }
  get states() {
    const { state, phase } = this.#row;
    return phase === "" ? [state] : [state, phase];
  }
  get hosts() {
    return [this.#row.host];
  }
  get ports() {
    return portsOf(this.#row);
  }
  get images() {
    return [imageOf(fleet.groups.get(this.#row.group), this.#row)];
  }
  get texts() {
    const { ref, slot, name, host, address, problem } = this.#row;
    return lower([`${ref}:${slot}`, name, host, address, problem, ...this.images]);
  }
}

/** A host without regard to what runs on it. */
export const hostSubject = (row: HostRow): Subject => ({
  ns: "",
  service: "",
  labels: row.labels,
  hosts: [row.name],
  states: [row.state],
  revs: [],
  images: [],
  ports: [],
  texts: lower([row.name, row.address, row.problem, row.engine]),
});

const portsOf = ({ port, morePorts = [] }: ContainerRow): number[] => [port, ...morePorts];
const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());
const labelsOf = (text: string): string[] => (text === "-" || text === "" ? [] : text.split(","));
