// Where the containers of a group are: one small bar for each host, as high as there are many.

import type { GroupRow } from "../../wire.js";
import { fleet } from "../live/fleet.js";
import { compareNatural } from "../live/order.js";

/** More hosts than these are only counted. */
const MOST = 12;

function byHost(row: GroupRow): [host: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { host } of fleet.containers.of("group", row.id)) counts.set(host, (counts.get(host) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => compareNatural(a, b));
}

export function hostsText(row: GroupRow): string {
  const hosts = byHost(row);
  if (hosts.length === 0) return "–";
  return hosts.map(([host, count]) => `${host || "?"} ${count}`).join(", ");
}

export function HostBar({ row }: { row: GroupRow }) {
  const hosts = byHost(row);
  if (hosts.length === 0) return <span class="muted">–</span>;
  const most = Math.max(...hosts.map(([, count]) => count));
  return (
    <span class="host-bar" title={hostsText(row)}>
      <span role="img" aria-label={hostsText(row)}>
        {hosts.slice(0, MOST).map(([host, count]) => (
          <i key={host} style={{ height: `${Math.max(20, (count / most) * 100)}%` }} />
        ))}
      </span>{" "}
      {hosts.length === 1 ? hosts[0]?.[0] : `${hosts.length} hosts`}
    </span>
  );
}
