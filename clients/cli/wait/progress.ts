// Progress on stderr while something is waited for: frames on a terminal, else a line or a JSON object for each event,
// and a sign of life that says what is waited for.

import type { Context } from "../context.js";
import { formatDuration } from "../quantities.js";
import { eventsBetween, type ProgressEvent, waitingText } from "./events.js";
import { Live } from "./live.js";
import { clockText, type View } from "./view.js";

const HEARTBEAT = 30_000;

export interface Progress {
  show(view: View, now: number): void;
  /** No server answers about this group; what was shown may be old. */
  lost(name: string, now: number): void;
  /** Nothing more comes; what is on the screen stays. */
  end(now: number): void;
}

type Tell = (name: string, event: ProgressEvent, now: number) => void;

/** As --progress says; one for all groups that are waited for together. */
export function progressFor(context: Context): Progress {
  const { globals, io } = context;
  if (globals.quiet) return { show: () => undefined, lost: () => undefined, end: () => undefined };
  switch (progressMode(context)) {
    case "tty":
      return new Live(io.stderr, globals);
    case "json":
      return new Events((name, { type, rollout, text, data }, now) => {
        const object = { t: new Date(now).toISOString(), type, ref: name, ...(rollout && { rollout }), text, ...data };
        io.stderr.write(`${JSON.stringify(object)}\n`);
      });
    case "plain":
      return new Events((name, { rollout, text }, now) => {
        const words = [clockText(new Date(now)), name, rollout ?? "", text];
        io.stderr.write(`${words.filter((word) => word !== "").join(" ")}\n`);
      });
  }
}

/** auto: frames for a person at a terminal, lines for CI and pipes. */
export function progressMode({ globals, io }: Context): "tty" | "plain" | "json" {
  if (globals.progress !== "auto") return globals.progress;
  const isCi = (io.env["CI"] ?? "") !== "" || io.env["TERM"] === "dumb";
  return io.stderr.isTTY && !isCi ? "tty" : "plain";
}

interface Told {
  readonly view: View;
  readonly spoke: number;
  /** Since when nothing has changed. */
  readonly quietSince: number;
  /** What is told only once. */
  readonly said: ReadonlySet<string>;
}

/** Events of several groups, each told at once. */
class Events implements Progress {
  readonly #tell: Tell;
  readonly #told = new Map<string, Told>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  show(view: View, now: number): void {
    const key = `${view.namespace} ${view.name}`;
    const before = this.#told.get(key);
    const said = before?.said ?? new Set();
    const events = eventsBetween(before?.view, view).filter(({ once, text }) => !once || !said.has(text));
    for (const event of events) this.#tell(view.name, event, now);
    const quietSince = events.length > 0 ? now : (before?.quietSince ?? now);
    const beats = now - Math.max(quietSince, before?.spoke ?? now) >= HEARTBEAT;
    if (beats) this.#tell(view.name, heartbeat(view, now - quietSince), now);
    const texts = events.filter(({ once }) => once).map(({ text }) => text);
    const spoke = beats || events.length > 0 ? now : (before?.spoke ?? now);
    this.#told.set(key, { view, spoke, quietSince, said: new Set([...said, ...texts]) });
  }

  lost(name: string, now: number): void {
    this.#tell(name, { type: "lost", text: "connection lost, trying again; the work goes on" }, now);
  }

  end(): void {
    // Everything was told when it happened.
  }
}

function heartbeat(view: View, quietFor: number): ProgressEvent {
  const rollout = (view.back ?? view.rollout)?.id;
  const text = `waiting ${formatDuration(quietFor)} on ${waitingText(view)}`;
  return { type: "waiting", ...(rollout === undefined ? {} : { rollout }), text };
}
