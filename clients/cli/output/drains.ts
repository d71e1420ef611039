// What a container that leaves waits for, in words and as JSON.

import type { AwaitedServer, AwaitedWatcher, Container } from "../../gen/theseus/v1/container.js";
import { compact } from "./config-object.js";

type Json = Record<string, unknown>;

/** Who has not acknowledged that it leaves; undefined: nobody is waited for, or nobody any more. */
export function awaitedOf({ drain, phase }: Container): string | undefined {
  if (phase !== "draining" || drain === undefined || drain.servers.length === 0) return undefined;
  return drain.servers.map(serverText).join("; ");
}

/** One sentence of what is open, or was left open; undefined: nothing. */
export function drainText(container: Container): string | undefined {
  const { drain, phase } = container;
  if (drain === undefined || drain.servers.length === 0) return undefined;
  const who = drain.servers.map(serverText).join("; ");
  if (phase !== "draining") return `is stopped although not everybody has acknowledged that it leaves: ${who}`;
  return `leaves, and waits${untilText(drain.deadlineTime)} to be acknowledged by ${who}`;
}

/** " until 14:03:11Z" */
export function untilText(deadline: Date | undefined): string {
  return deadline === undefined ? "" : ` until ${deadline.toISOString().slice(11, 19)}Z`;
}

function serverText({ serverId, watchers }: AwaitedServer): string {
  if (watchers.length === 0) return `server ${serverId}, which has not said anything`;
  return `${watchers.map(watcherText).join(", ")} (at server ${serverId})`;
}

function watcherText({ watcherId, peer, connected }: AwaitedWatcher): string {
  const who = watcherId === "" ? "a watcher without a name" : `watcher ${watcherId}`;
  return `${who} on ${peer}${connected ? "" : ", whose connection is broken"}`;
}

export function drainObject({ drain }: Container): Json | undefined {
  if (drain === undefined) return undefined;
  return compact({
    askedAt: drain.askedTime?.toISOString(),
    deadlineAt: drain.deadlineTime?.toISOString(),
    awaits: drain.servers.map(({ serverId, watchers }) =>
      compact({ server: serverId, watchers: watchers.map(watcherObject) }),
    ),
  });
}

function watcherObject({ watcherId, peer, connected }: AwaitedWatcher): Json {
  return compact({ watcherId, peer, connected });
}
