// `theseus apply -f`: makes the groups of the files so, all or none, and waits until they are steady.

import { applyFiles, planFiles } from "../apply-files.js";
import { type Context, isSet, textList } from "../context.js";
import type { ExitCode } from "../exit-codes.js";

export function run(context: Context): Promise<ExitCode> {
  const files = textList(context, "file");
  return isSet(context, "dryRun") ? planFiles(context, files, true) : applyFiles(context, files);
}
