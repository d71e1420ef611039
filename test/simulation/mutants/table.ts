// Defects that somebody could make, one place of the shipped code each, and which promise is broken by it.

import type { Mutant } from "./mutant.js";
import { STORE_DEFECTS } from "./store-defects.js";
import { WORK_DEFECTS } from "./work-defects.js";

export const MUTANTS: readonly Mutant[] = [...STORE_DEFECTS, ...WORK_DEFECTS];
