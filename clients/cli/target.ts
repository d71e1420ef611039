// What a command is about: one container, one group, or every group that is selected.

import type { GroupRef } from "../gen/theseus/v1/reference.js";
import type { Context } from "./context.js";
import { Failure, usage } from "./failure.js";
import { formatGroup, type Reference } from "./references.js";

export interface Selection {
  readonly namespace: string;
  readonly allNamespaces: boolean;
  /** Empty: every service. */
  readonly service: string;
  readonly labels: string;
}

export type Target =
  | { readonly kind: "slot"; readonly ref: GroupRef; readonly slot: number }
  | { readonly kind: "group"; readonly ref: GroupRef }
  | { readonly kind: "selected"; readonly selector: Selection };

/** @throws Failure USAGE when an exact group is combined with a selection. */
export function targetOf(context: Context, reference: Reference | undefined): Target {
  const { namespace, allNamespaces, selector } = context.globals;
  if (reference?.revision !== undefined)
    throw new Failure("BAD_NAME", {
      what: `"${formatGroup({ ...reference, labels: reference.labels ?? [] })}@${reference.revision}" names a revision`,
      why: ["only the present config of a group is kept here"],
      now: "nothing was sent or changed",
    });
  if (reference?.labels === undefined)
    return {
      kind: "selected",
      selector: { namespace, allNamespaces, service: reference?.service ?? "", labels: selector },
    };
  const text = formatGroup({ service: reference.service, labels: reference.labels });
  if (selector !== "")
    throw usage(`${text} is one exact group; -l selects groups`, [
      `either ${text}, or ${reference.service} -l ${selector}`,
    ]);
  if (allNamespaces)
    throw usage(`${text} is one exact group; -A means every namespace`, ["name its namespace with -n"]);
  const ref = { namespace, service: reference.service, labels: [...reference.labels] };
  return reference.slot === undefined ? { kind: "group", ref } : { kind: "slot", ref, slot: reference.slot };
}
