// Rules for named ports and for the health check that names one of them.

import type { Check, GroupConfig, HealthCheck, Port } from "../model/group.js";
import { isPortName } from "../model/names.js";
import { checkLength } from "./validate-lengths.js";
import { at, checkRange, checkText, type Report } from "./violations.js";

const PORT_NUMBERS = [1, 65535] as const;
const MOST_PORTS = 64;

export function checkPorts(config: GroupConfig, report: Report): void {
  const ports = config.ports ?? [];
  if (ports.length > MOST_PORTS) report("ports", `${ports.length} ports, at most ${MOST_PORTS} are allowed`);
  for (const [i, port] of ports.entries())
    checkPort(port, ports.slice(0, i), at(report, `ports.${port.name || `[${i}]`}`));
  if (config.health !== undefined) checkHealth(config.health, ports, at(report, "health"));
}

function checkPort(port: Port, before: readonly Port[], report: Report): void {
  if (!isPortName(port.name)) {
    report("", `"${port.name}" is not a port name: a-z 0-9 -, at most 15, starting with a letter`);
  } else if (before.some((other) => other.name === port.name)) {
    report("", `the port name "${port.name}" is used twice`);
  }
  checkRange(report, "container", port.container, PORT_NUMBERS);
  checkRange(report, "host", port.host, PORT_NUMBERS);
  const rival = before.find(
    (other) => port.host !== undefined && other.host === port.host && sameProtocol(other, port),
  );
  if (rival !== undefined) report("host", `${port.host} is the host port of ${rival.name} already`);
}

function sameProtocol(a: Port, b: Port): boolean {
  return (a.protocol ?? "tcp") === (b.protocol ?? "tcp");
}

function checkHealth(health: HealthCheck, ports: readonly Port[], report: Report): void {
  checkCheck(health.check, ports, at(report, health.check.kind));
  checkLength(report, "interval", health.interval, { positive: true });
  checkLength(report, "timeout", health.timeout, { positive: true });
  checkLength(report, "start_period", health.startPeriod);
  checkLength(report, "start_interval", health.startInterval, { positive: true });
  checkRange(report, "passes", health.passes, [1, 100]);
  checkRange(report, "fails", health.fails, [1, 100]);
}

function checkCheck(check: Check, ports: readonly Port[], report: Report): void {
  switch (check.kind) {
    case "none":
      return;
    case "http":
      checkPortOf(check.port, ports, report);
      if (check.path !== undefined && !/^\/[\x21-\x7e]*$/.test(check.path)) {
        report("path", `"${check.path}" is not a path that starts with "/", without spaces`);
      }
      checkLong(report, "path", check.path);
      return;
    case "tcp":
      checkPortOf(check.port, ports, report);
      return;
    case "grpc":
      checkPortOf(check.port, ports, report);
      checkLong(report, "service", check.service);
      return;
    case "exec":
      if ((check.command[0] ?? "") === "") report("command", "it is required");
      for (const [i, word] of check.command.entries()) checkText(report, `command[${i}]`, word, 4096);
      return;
    default:
      check satisfies never;
  }
}

function checkLong(report: Report, field: string, text: string | undefined): void {
  if (text !== undefined) checkText(report, field, text, 1024);
}

function checkPortOf(name: string, ports: readonly Port[], report: Report): void {
  const port = ports.find((candidate) => candidate.name === name);
  const named = ports.map((candidate) => candidate.name).join(", ");
  if (port === undefined) {
    report("port", `there is no port "${name}" in this group; ${named === "" ? "it has none" : `it has ${named}`}`);
  } else if (port.protocol === "udp") report("port", `"${name}" is a udp port, which cannot be checked`);
}
