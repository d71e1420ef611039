// The columns of every table.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Endpoint, Service } from "../../gen/theseus/v1/discovery_service.js";
import type { Group } from "../../gen/theseus/v1/group.js";
import type { Host } from "../../gen/theseus/v1/host.js";
import type { Namespace } from "../../gen/theseus/v1/namespace.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { hostPort } from "../../host-port.js";
import { formatAge, formatSize } from "../quantities.js";
import { formatGroup } from "../references.js";
import { containerName, namespaceOf, refOf } from "./objects.js";
import { failureText, pauseText } from "./rollout.js";
import type { Style } from "./style.js";
import type { Column } from "./table.js";
import { containerStateWord, groupStateWord, hostStateWord, orderWord, originWord, rolloutStateWord } from "./words.js";

/** What a table needs besides its items. */
export interface Look {
  readonly style: Style;
  readonly now: number;
  readonly allNamespaces: boolean;
}

const NONE = "-";

function age(look: Look, time: Date | undefined): string {
  return time === undefined ? NONE : formatAge(look.now - time.getTime());
}

function ageColumn<Item>(look: Look, title: string, time: (item: Item) => Date | undefined): Column<Item> {
  return {
    id: title.toLowerCase(),
    title,
    value: (item) => age(look, time(item)),
    order: (item) => look.now - (time(item)?.getTime() ?? 0),
  };
}

function number<Item>(title: string, value: (item: Item) => number | bigint | undefined, wide = false): Column<Item> {
  const text = (item: Item) => String(value(item) ?? NONE);
  return { id: title.toLowerCase(), title, value: text, right: true, wide, order: (item) => Number(value(item) ?? -1) };
}

function text<Item>(title: string, value: (item: Item) => string, wide = false): Column<Item> {
  return { id: title.toLowerCase(), title, value: (item) => value(item) || NONE, wide };
}

function namespaceColumn<Item>(look: Look, namespace: (item: Item) => string): Column<Item>[] {
  return look.allNamespaces ? [text("NAMESPACE", namespace)] : [];
}

export function groupColumns(look: Look): Column<Group>[] {
  return [
    ...namespaceColumn<Group>(look, (group) => namespaceOf(refOf(group))),
    text("GROUP", (group) => formatGroup(refOf(group))),
    number("REV", ({ configRevision }) => configRevision || undefined),
    text("IMAGE", ({ config }) => config?.image ?? ""),
    number("WANTED", ({ status }) => status?.wanted),
    number("READY", ({ status }) => status?.ready ?? 0),
    number("OLD", ({ status }) => status?.outdated ?? 0),
    text("STATE", (group) => stateWithReason(group, look.style)),
    ageColumn<Group>(look, "AGE", ({ createTime }) => createTime),
    text("PINNED", ({ pinnedImage }) => pinnedImage, true),
    text("BY", ({ lastChange }) => lastChange?.actor ?? "", true),
  ];
}

/** The word, and the first reason behind it. */
function stateWithReason({ status }: Group, style: Style): string {
  if (status === undefined) return "";
  const word = style.state(groupStateWord(status.state));
  const [first, ...others] = status.attention;
  if (first === undefined) return word;
  return `${word}: ${first.text}${others.length > 0 ? ` (and ${others.length} more)` : ""}`;
}

export function rolloutColumns(look: Look): Column<Rollout>[] {
  const revs = ({ fromRevision: from, toRevision: to }: Rollout) => (from === 0n ? `${to}` : `${from} -> ${to}`);
  const back = ({ rollbackOf }: Rollout) => (rollbackOf === 0n ? "" : `takes back r-${rollbackOf}`);
  const held = (rollout: Rollout) => (rollout.pause === undefined ? back(rollout) : pauseText(rollout));
  const why = (rollout: Rollout) => failureText(rollout) ?? held(rollout);
  return [
    ...namespaceColumn<Rollout>(look, ({ group }) => namespaceOf(refOf({ ref: group }))),
    text("GROUP", ({ group }) => formatGroup(refOf({ ref: group }))),
    text("ROLLOUT", ({ id }) => id),
    text("REV", revs),
    text("STATE", ({ state }) => look.style.state(rolloutStateWord(state))),
    text("NEW", ({ readyNew, wanted }) => `${readyNew} of ${wanted}`),
    number("OLD", ({ readyOld }) => readyOld),
    ageColumn<Rollout>(look, "AGE", ({ startTime }) => startTime),
    text("WHY", why),
    text("ORDER", ({ order }) => orderWord(order) ?? "", true),
    text("BY", ({ change }) => change?.actor ?? "", true),
  ];
}

export function containerColumns(look: Look): Column<Container>[] {
  return [
    ...namespaceColumn<Container>(look, ({ group }) => namespaceOf(group ?? { namespace: "" })),
    text("CONTAINER", containerName),
    text("HOST", ({ host }) => host),
    text("ADDRESS", addresses),
    number("REV", ({ configRevision }) => configRevision || undefined),
    text("STATE", (container) => container.problem || look.style.state(containerStateWord(container.state))),
    ageColumn<Container>(look, "FOR", ({ sinceTime }) => sinceTime),
    number("GENERATION", ({ generation }) => generation || undefined, true),
    text("PHASE", ({ phase }) => phase, true),
    text("ORIGIN", ({ origin }) => originWord(origin), true),
    text("NAME", ({ name }) => name, true),
  ];
}

function addresses({ address, port, ports }: Container): string {
  if (ports.length === 0) return hostPort(address, port);
  return ports.map(({ name, external, exposed }) => `${name} ${hostPort(address, external)}->${exposed}`).join(", ");
}

export function endpointColumns(look: Look): Column<Endpoint>[] {
  return [
    ...namespaceColumn<Endpoint>(look, ({ container }) => namespaceOf(container?.group ?? { namespace: "" })),
    text("GROUP", ({ container }) => (container?.group === undefined ? "" : formatGroup(container.group))),
    text("ENDPOINT", ({ address, port }) => hostPort(address, port)),
    text("PORT", ({ portName }) => portName),
    text("HOST", ({ container }) => container?.host ?? ""),
    number("REV", ({ container }) => container?.configRevision || undefined),
    text("STATE", ({ container }) => look.style.state(container ? containerStateWord(container.state) : "unknown")),
    number("SLOT", ({ container }) => container?.slot || undefined, true),
    number("WEIGHT", ({ weight }) => weight, true),
    text("ORIGIN", ({ container }) => (container ? originWord(container.origin) : ""), true),
    text("NAME", ({ container }) => container?.name ?? "", true),
  ];
}

export function serviceColumns(look: Look): Column<Service>[] {
  return [
    ...namespaceColumn<Service>(look, namespaceOf),
    text("SERVICE", ({ name }) => name),
    number("GROUPS", ({ groups }) => groups),
    number("WANTED", ({ wanted }) => wanted),
    number("READY", ({ ready }) => ready),
    ageColumn<Service>(look, "AGE", ({ createTime }) => createTime),
  ];
}

export function namespaceColumns(look: Look): Column<Namespace>[] {
  return [
    text("NAMESPACE", ({ name }) => name),
    number("GROUPS", ({ groups }) => groups),
    ageColumn<Namespace>(look, "AGE", ({ createTime }) => createTime),
  ];
}

export function hostColumns(look: Look): Column<Host>[] {
  const used = (host: Host) => `${formatSize(Number(host.memBytesReserved))} of ${formatSize(Number(host.memBytes))}`;
  return [
    text("HOST", ({ name }) => name),
    text("ADDRESS", ({ address }) => address),
    text("STATE", ({ state, problem }) => look.style.state(hostStateWord(state)) + (problem ? `: ${problem}` : "")),
    number("CONTAINERS", ({ containers }) => containers),
    text("CPU", ({ cpu, cpuReserved }) => `${Number(cpuReserved.toFixed(2))} of ${Number(cpu.toFixed(2))}`),
    text("MEM", used),
    text("LABELS", ({ labels }) => labels.join(",")),
    text("DOCKER", ({ engineVersion }) => engineVersion),
    ageColumn<Host>(look, "SEEN", ({ lastSeenTime }) => lastSeenTime),
    text("ENGINE", ({ engineId }) => engineId, true),
  ];
}
