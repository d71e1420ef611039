// Answers that nobody gave: one as it has to be, and each other one with something wrong.

import type { Said } from "./four-lines.js";

const said = (exit: number | null, stderr: string, more: Partial<Said> = {}): Said => {
  return { exit, stdout: "", stderr, json: false, ...more };
};
const FIRST = `${"error: there is no group web/prod".padEnd(74)} [NO_SUCH_GROUP]\n`;
const WHY = "  why   it was never made\n";
const NOW = "  now   nothing was changed\n";
const NEXT = "  next  theseus get groups web -l prod\n";
export const GOOD = said(4, FIRST + WHY + NOW + NEXT);

export const MADE_UP: readonly Said[] = [
  said(null, FIRST + WHY + NOW + NEXT),
  said(1, FIRST + WHY + NOW + NEXT),
  said(4, `${FIRST + WHY + NOW + NEXT}    at Object.<anonymous> (/app/main.js:3:9)\n`),
  said(4, FIRST + NOW + NEXT),
  said(4, FIRST + WHY + NEXT),
  said(4, FIRST + WHY + NOW),
  said(4, FIRST.replace("NO_SUCH_GROUP", "INTERNAL") + WHY + NOW + NEXT),
  said(4, FIRST.replace("web/prod", `web/prod ${"x".repeat(90)}`) + WHY + NOW + NEXT),
  said(4, FIRST.replace("there is no", "5 NOT_FOUND: rpc error") + WHY + NOW + NEXT),
  said(4, FIRST.replace("web/prod", "web/dev") + WHY + NOW + NEXT),
  said(4, `${FIRST + WHY + NOW}  next  theseus server start --everywhere\n`),
  said(4, `${FIRST + WHY + NOW}  next  theseus restart web/prod\n`),
  said(4, `${FIRST + WHY + NOW}  next  theseus scale web/prod 3 --hard\n`),
  said(4, FIRST + WHY + NOW + NEXT, { stdout: "web/prod\n" }),
  said(4, FIRST + WHY + NOW + NEXT, { json: true }),
  said(4, '{"error":{"code":"NO_SUCH_GROUP","exit":5,"message":"web/prod","why":[],"next":[]}}\n', { json: true }),
];
