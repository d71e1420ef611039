// How a container is as far as anybody knows: one on a host that does not answer is as it was when the host was heard. Pure.

import type { ContainerRow, HostRow } from "../../wire.js";
import { clockText } from "../parts/time-text.js";

export interface SeenState {
  /** For its glyph and tone. */
  readonly word: string;
  readonly text: string;
  /** Nothing is known of it but what was seen last: its place is hatched. */
  readonly isOld: boolean;
}

/** @param host that it runs on; undefined where none is known of that name. */
export function seenState({ state, phase }: ContainerRow, host: HostRow | undefined): SeenState {
  if (host !== undefined && host.state !== "ready")
    return { word: "unknown", text: host.seen > 0 ? `last seen ${clockText(host.seen)}` : "unknown", isOld: true };
  const word = phase === "creating" || phase === "stopping" ? phase : state;
  return { word, text: word.replaceAll("-", " "), isOld: false };
}
