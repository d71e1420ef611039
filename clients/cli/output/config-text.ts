// A group's config in a few lines, as `describe` shows it. Values of env are left to -o json.

import type { Group, GroupConfig, HealthCheck } from "../../gen/theseus/v1/group.js";
import { formatDuration, formatSize } from "../quantities.js";
import { seconds } from "./config-object.js";
import { protocolWord } from "./words.js";

export function configLines({ config, pinnedImage }: Group): string[] {
  return config === undefined ? [] : configTextLines(config, pinnedImage);
}

/** @param pinnedImage empty when it is not known. */
export function configTextLines(config: GroupConfig, pinnedImage: string): string[] {
  const lines = [
    [imageText(config, pinnedImage), instancesText(config), ...limits(config), ...config.ports.map(portText)],
    [healthText(config.health), config.constraints ? `constraints ${config.constraints}` : ""],
    [namesText("env", Object.keys(config.env).sort()), namesText("networks", config.networks)],
    [
      namesText(
        "volumes",
        config.volumes.map(({ at }) => at),
      ),
      namesText(
        "files",
        config.files.map(({ at }) => at),
      ),
    ],
  ];
  return lines.map((parts) => parts.filter((part) => part !== "").join(" · ")).filter((line) => line !== "");
}

function imageText({ image }: GroupConfig, pinned: string): string {
  const digest = /sha256:[0-9a-f]{12}/.exec(pinned)?.[0];
  return `image ${image}${digest === undefined ? "" : ` (${digest})`}`;
}

function instancesText({ instances = 1 }: GroupConfig): string {
  return instances === 1 ? "1 instance" : `${instances} instances`;
}

function limits({ cpu, memBytes }: GroupConfig): string[] {
  return [cpu === undefined ? "" : `${cpu} cpu`, memBytes === undefined ? "" : formatSize(Number(memBytes))];
}

function portText({ name, container, host, protocol }: GroupConfig["ports"][number]): string {
  const udp = protocol === undefined || protocolWord(protocol) === "tcp" ? "" : `/${protocolWord(protocol)}`;
  return `${name} ${container}${host === undefined ? "" : ` on host port ${host}`}${udp}`;
}

function healthText(health: HealthCheck | undefined): string {
  const check = health?.check;
  if (check === undefined) return "";
  const interval = seconds(health?.interval);
  const pace = interval === undefined ? "" : ` every ${formatDuration(interval * 1000)}`;
  switch (check.$case) {
    case "none":
      return "health none";
    case "http":
      return `health http ${check.value.path ?? "/"} on ${check.value.port}${pace}`;
    case "tcp":
    case "grpc":
      return `health ${check.$case} on ${check.value.port}${pace}`;
    case "exec":
      return `health exec ${check.value.command.join(" ")}${pace}`;
    default:
      return check satisfies never;
  }
}

function namesText(title: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `${title} ${names.join(" ")}`;
}
