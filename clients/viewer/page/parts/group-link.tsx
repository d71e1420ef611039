// A group by its name, with its namespace where more than one is shown.

import { namespace } from "../filter/state.js";
import { link } from "../view.js";
import { groupHref } from "../view-url.js";
import { Short } from "./short.js";
import { shortened } from "./shortened.js";

export function GroupLink({ row, tab = "" }: { row: { ns: string; ref: string }; tab?: string }) {
  return (
    <a class="ref" {...link(groupHref(row, tab))}>
      <GroupName row={row} />
    </a>
  );
}

/** `short`: in a row of a list. */
export function GroupName({ row, short = false }: { row: { ns: string; ref: string }; short?: boolean }) {
  return (
    <>
      {namespace.value === "" ? <span class="muted">{row.ns} </span> : null}
      {short ? <Short text={row.ref} /> : row.ref}
    </>
  );
}

/** The same as text, for a row of a list. */
export const groupName = (row: { ns: string; ref: string }): string =>
  namespace.value === "" ? `${row.ns} ${shortened(row.ref)}` : shortened(row.ref);
