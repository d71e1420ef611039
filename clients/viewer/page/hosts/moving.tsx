// What goes from host to host at the moment, for the list and for the picture.

import { computed } from "@preact/signals";
import { fleet } from "../live/fleet.js";
import { containerRef } from "../parts/commands.js";
import { movesByHost, movesOf, movesText } from "./moves.js";

const moves = computed(() => {
  fleet.containers.version.value;
  return movesOf(fleet.containers.all());
});
const byHost = computed(() => movesByHost(moves.value));

export const hostMovesText = (host: string): string => movesText(byHost.value.get(host));

/** Slots whose names stand in the tip. */
const MOST = 20;

/** `none`: what stands there while nothing moves. */
export function HostMoves({ host, none = "" }: { host: string; none?: string }) {
  const text = hostMovesText(host);
  if (text === "") return none === "" ? null : <span class="muted">{none}</span>;
  const ours = moves.value.filter(({ from, to }) => from.host === host || to.host === host);
  const names = ours
    .slice(0, MOST)
    .map(({ from, to }) => `${containerRef(to)}: ${from.host} → ${to.host}, ${to.state}`);
  if (ours.length > MOST) names.push(`and ${ours.length - MOST} more`);
  return (
    <span class="host-moves" title={names.join("\n")}>
      {none === "" ? <span class="muted">moving </span> : null}
      {text}
    </span>
  );
}
