// Which config containers were made from: what they carry, held against their fingerprint, so that nothing is believed
// that would not make the very same container.

import type { ObservedContainer } from "../model/container.js";
import { fingerprint } from "../model/fingerprint.js";
import type { ConfigRecord, GroupConfig, Pin } from "../model/group.js";
import { currentPin } from "../model/group-status.js";
import { compare } from "./compare.js";
import type { Scene } from "./scene.js";

export type Basis = { readonly config: GroupConfig; readonly pin: Pin };

/** Of the newest container of which that is known; undefined when of none. */
export function basisOf(
  scene: Scene,
  present: ConfigRecord | undefined,
  strays: readonly ObservedContainer[],
): Basis | undefined {
  for (const stray of [...strays].sort(newestFirst)) {
    const image = scene.input.recovery?.makings.get(stray.id)?.image;
    if (image === undefined) continue;
    const kept = present === undefined ? undefined : keptBasis(present, image);
    const isKept = kept !== undefined && makes(kept, stray);
    const carried = carriedBasis(scene, stray);
    // What is stored stays as long as it makes this container; a newer config may differ in more than that.
    if (isKept && stray.owner.configRevision <= (present?.configRevision ?? 0)) return kept;
    if (carried !== undefined) return carried;
    if (isKept) return kept;
  }
  return undefined;
}

/** Whether it carries its own config, or one of these makes it. */
export function isMadeFrom(
  scene: Scene,
  stray: ObservedContainer,
  [basis, present]: readonly [Basis, ConfigRecord | undefined],
): boolean {
  const image = scene.input.recovery?.makings.get(stray.id)?.image;
  if (image === undefined) return false;
  if (carriedBasis(scene, stray) !== undefined || makes(basis, stray)) return true;
  return present !== undefined && makes(keptBasis(present, image), stray);
}

/** Whether a container of this config record, with its pin, would be this one. */
export function isMadeBy(record: ConfigRecord, stray: ObservedContainer): boolean {
  const pin = currentPin(record);
  return pin !== undefined && makes({ config: record.config, pin }, stray);
}

function carriedBasis(scene: Scene, stray: ObservedContainer): Basis | undefined {
  const { config, image = "" } = scene.input.recovery?.makings.get(stray.id) ?? {};
  if (config === undefined) return undefined;
  const basis = { config, pin: { asked: config.image, pinned: image } };
  return makes(basis, stray) ? basis : undefined;
}

/** Where the stored config has no pin yet, the image of the container is taken for it. */
function keptBasis(present: ConfigRecord, image: string): Basis {
  const { config } = present;
  return { config, pin: currentPin(present) ?? { asked: config.image, pinned: image } };
}

function makes({ config, pin }: Basis, { owner }: ObservedContainer): boolean {
  return fingerprint(config, pin) === owner.fingerprint;
}

function newestFirst(a: ObservedContainer, b: ObservedContainer): number {
  return (
    b.owner.configRevision - a.owner.configRevision ||
    (b.startedAt ?? 0) - (a.startedAt ?? 0) ||
    a.owner.slot - b.owner.slot ||
    compare(a.id, b.id)
  );
}
