// What `describe` says of one container and of one host.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Attention } from "../../gen/theseus/v1/group.js";
import type { Host } from "../../gen/theseus/v1/host.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { RecoveryItem } from "../../gen/theseus/v1/theseus_service.js";
import { hostPort } from "../../host-port.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { listContainers } from "../lists.js";
import { containerColumns } from "../output/columns.js";
import { drainText } from "../output/drains.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { attentionObject, containerName, containerObject, hostObject, namespaceOf } from "../output/objects.js";
import { itemName } from "../output/recovery.js";
import { styleFor } from "../output/style.js";
import { renderTable } from "../output/table.js";
import { containerStateWord, hostStateWord, originWord, protocolWord } from "../output/words.js";
import { formatAge, formatSize } from "../quantities.js";
import type { Server } from "../server.js";
import { attentionText } from "./describe-group.js";
import { recoveryItems } from "./describe-unknown.js";
import { oneContainer } from "./get-containers.js";

type Line = readonly [string, string];

export async function describeContainer(
  context: Context,
  server: Server,
  ref: GroupRef,
  slot: number,
): Promise<ExitCode> {
  const container = await oneContainer(server, ref, slot);
  const { group } = await server.discovery.getGroup({ group: ref }, server.call);
  const attention = (group?.status?.attention ?? []).filter((one) => one.slot === slot || one.slot === 0);
  const { format } = context.globals;
  if (!isObjectFormat(format)) {
    context.io.stdout.write(text(containerName(container), containerLines(context, container, attention)));
    return EXIT.ok;
  }
  const object = containerObject(container);
  await printObject(
    context,
    { apiVersion: API_VERSION, kind: "ContainerDetail", container: object, attention: attention.map(attentionObject) },
    format,
  );
  return EXIT.ok;
}

function containerLines(context: Context, container: Container, attention: readonly Attention[]): Line[] {
  const { ports, address, sinceTime, phase } = container;
  const state = styleFor(context.io.stdout, context.globals).state(containerStateWord(container.state));
  const leaving = drainText(container);
  const since = sinceTime === undefined ? "" : ` for ${formatAge(Date.now() - sinceTime.getTime())}`;
  return [
    ["state", `${container.problem || state}${since}${phase === "" || phase === "running" ? "" : `, ${phase}`}`],
    ...attention.map((one): Line => ["why", attentionText(one)]),
    ["why", leaving === undefined ? "" : `it ${leaving}`],
    ["name", container.name],
    ["namespace", namespaceOf(container.group ?? { namespace: "" })],
    ["host", container.host],
    ["rev", container.configRevision === 0n ? "" : `${container.configRevision}, generation ${container.generation}`],
    ...ports.map(({ name, external, exposed, protocol }): Line => {
      return ["port", `${name} ${hostPort(address, external)} -> ${exposed}/${protocolWord(protocol)}`];
    }),
    ["origin", originWord(container.origin)],
  ];
}

export async function describeHost(context: Context, server: Server, name: string): Promise<ExitCode> {
  const { host } = await server.theseus.getHost({ name }, server.call);
  if (host === undefined) throw new Failure("NO_SUCH_HOST", { what: `there is no host ${name}` });
  const { items } = await listContainers(server, { selector: { allNamespaces: true } });
  const containers = items.filter((container) => container.host === name);
  const { format } = context.globals;
  if (isObjectFormat(format)) {
    const detail = { host: hostObject(host), containers: containers.map(containerObject) };
    await printObject(context, { apiVersion: API_VERSION, kind: "HostDetail", ...detail }, format);
    return EXIT.ok;
  }
  const columns = containerColumns({ ...lookOf(context), allNamespaces: true }).filter(({ wide }) => !wide);
  const waiting = (await recoveryItems(server)).filter((item) => item.host === name);
  context.io.stdout.write(text(host.name, [...hostLines(context, host), ...waitingLines(context, waiting)]));
  if (containers.length > 0)
    context.io.stdout.write(`containers\n${renderTable(columns, containers).replaceAll(/^(?=.)/gm, "  ")}`);
  return EXIT.ok;
}

function hostLines(context: Context, host: Host): Line[] {
  const state = styleFor(context.io.stdout, context.globals).state(hostStateWord(host.state));
  const { lastSeenTime: seen } = host;
  return [
    ["state", `${state}${seen === undefined ? "" : `, seen ${formatAge(Date.now() - seen.getTime())} ago`}`],
    ["why", host.problem],
    ["address", host.address],
    ["labels", host.labels.join(",")],
    ["cpu", `${Number(host.cpuReserved.toFixed(2))} of ${Number(host.cpu.toFixed(2))} reserved`],
    ["mem", `${formatSize(Number(host.memBytesReserved))} of ${formatSize(Number(host.memBytes))} reserved`],
    ["docker", `${host.engineVersion}, engine ${host.engineId}`],
  ];
}

/** What proves here that the store was restored from an older backup. */
function waitingLines(context: Context, items: readonly RecoveryItem[]): Line[] {
  if (items.length === 0) return [];
  const lines = items.map((item): Line => ["recover", `${itemName(item)}: ${item.reason}`]);
  return [...lines, ["next", `theseus recover${sameTarget(context.globals)}`]];
}

function text(heading: string, lines: readonly Line[]): string {
  const shown = lines.filter(([, value]) => value !== "");
  return `${[heading, ...shown.map(([name, value]) => `${name.padEnd(9)} ${value}`)].join("\n")}\n`;
}
