// What a check that does not pass is told of, in words for people: what was asked, what came of it, how often in a row.

import type { ProbeFault } from "../model/container.js";
import type { Probed } from "../model/defaults.js";
import type { ProbeSeen } from "../model/ports.js";

/** Of one round of probes, the first that did not pass; undefined: all did. */
export function faultIn(seen: readonly (ProbeSeen & { readonly probed: Probed })[]): string | undefined {
  const failed = seen.find(({ passed }) => !passed);
  if (failed === undefined) return undefined;
  const { probed, said, text } = failed;
  return said === undefined ? `${asked(probed)}: ${text}` : `${asked(probed)} answered ${said}`;
}

/** With one more round; the same words count, others begin anew. */
export function withFault(before: ProbeFault | undefined, text: string | undefined): ProbeFault | undefined {
  if (text === undefined) return undefined;
  return { text, times: before?.text === text ? before.times + 1 : 1 };
}

function asked(probed: Probed): string {
  switch (probed.kind) {
    case "http":
      return `GET ${probed.path}`;
    case "grpc":
      return probed.service === "" ? "the grpc health check" : `the grpc health check of ${probed.service}`;
    case "tcp":
      return `a connection to port ${probed.port}`;
  }
}
