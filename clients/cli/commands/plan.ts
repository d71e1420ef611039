// `theseus plan -f`: what apply would do, made by the server's own planner. Changes nothing.

import { planFiles } from "../apply-files.js";
import { type Context, textList } from "../context.js";
import type { ExitCode } from "../exit-codes.js";

export function run(context: Context): Promise<ExitCode> {
  return planFiles(context, textList(context, "file"), true);
}
