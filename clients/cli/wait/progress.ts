// Progress on stderr: one line per change of a group, and a sign of life that says what is waited for.

import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import { type Context, note } from "../context.js";
import { groupStateWord } from "../output/words.js";

const HEARTBEAT = 30_000;

/** Lines of one group. */
export class Progress {
  readonly #context: Context;
  readonly #name: string;
  #last = "";
  #said = new Set<string>();
  #spoke: number;

  constructor(context: Context, name: string, now: number) {
    this.#context = context;
    this.#name = name;
    this.#spoke = now;
  }

  show(group: Group, now: number): void {
    const line = this.#summary(group);
    if (line !== this.#last) this.#say(line, now);
    else if (now - this.#spoke >= HEARTBEAT) this.#say(`still ${line}`, now);
    this.#last = line;
    const texts = (group.status?.attention ?? []).filter((one) => isSince(one, group)).map(({ text }) => text);
    this.waitFor(texts, now);
  }

  /** Each only once. */
  waitFor(texts: readonly string[], now: number): void {
    for (const text of texts) if (!this.#said.has(text)) this.#say(text, now);
    this.#said = new Set([...this.#said, ...texts]);
  }

  /** Something besides the group's own state. */
  remark(text: string, now: number): void {
    this.#say(text, now);
  }

  #summary({ status, configRevision }: Group): string {
    if (status === undefined) return `rev ${configRevision}`;
    const old = status.outdated > 0 ? `, ${status.outdated} old` : "";
    return `rev ${configRevision} ${readyText(status)}${old}, ${groupStateWord(status.state)}`;
  }

  #say(text: string, now: number): void {
    this.#spoke = now;
    note(this.#context, `${new Date(now).toISOString().slice(11, 19)}Z ${this.#name} ${text}`);
  }
}

/** What stood there before the change is no news. */
function isSince({ sinceTime }: Attention, { lastChange }: Group): boolean {
  return (sinceTime?.getTime() ?? 0) >= (lastChange?.time?.getTime() ?? 0);
}

/** "2 of 3 ready" */
export function readyText({ ready, wanted }: { readonly ready: number; readonly wanted?: number | undefined }): string {
  return wanted === undefined ? `${ready} ready` : `${ready} of ${wanted} ready`;
}
