// How tables look in this run: colour of this stdout, the present time, one namespace or all.

import type { Context } from "../context.js";
import type { Look } from "./columns.js";
import { styleFor } from "./style.js";

export function lookOf({ io, globals }: Context): Look {
  return { style: styleFor(io.stdout, globals), now: Date.now(), allNamespaces: globals.allNamespaces };
}
