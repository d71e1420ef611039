// Which image a container runs: its row tells the config revision, its group the images of the revisions. Pure.

import type { ContainerRow, GroupRow } from "../../wire.js";

/** The image of one revision of a group; "" where it is not known. */
export function imageOfRev(group: GroupRow | undefined, rev: number): string {
  if (group === undefined) return "";
  if (rev === group.rev) return group.image;
  const { rollout } = group;
  return rollout !== null && rev === rollout.from ? (rollout.fromImage ?? "") : "";
}

export const imageOf = (group: GroupRow | undefined, row: ContainerRow): string => imageOfRev(group, row.rev);

/** What stands behind the last slash: "web:2.4.1" of "registry.acme.io/web:2.4.1"; a digest is cut. */
export function shortImage(image: string): string {
  const [name = ""] = image.split("@");
  const short = name.slice(name.lastIndexOf("/") + 1);
  return short === "" ? image : short;
}

/** The tag, for where the name is clear: "2.4.1". */
export function tagOf(image: string): string {
  const short = shortImage(image);
  const colon = short.indexOf(":");
  return colon === -1 ? short : short.slice(colon + 1);
}

export interface ImageCount {
  /** Short; "rev 41" where the image of a revision is not known. */
  readonly name: string;
  readonly count: number;
}

/** How many containers run what, the newest revision first. */
export function imageCounts(group: GroupRow, containers: readonly ContainerRow[]): ImageCount[] {
  const byRev = new Map<number, number>();
  for (const { rev, state } of containers)
    if (state !== "stopped" && state !== "failed") byRev.set(rev, (byRev.get(rev) ?? 0) + 1);
  const byName = new Map<string, number>();
  for (const [rev, count] of [...byRev].sort(([a], [b]) => b - a)) {
    const name = tagOf(imageOfRev(group, rev)) || (rev === 0 ? "not ours" : `rev ${rev}`);
    byName.set(name, (byName.get(name) ?? 0) + count);
  }
  return [...byName].map(([name, count]) => ({ name, count }));
}
