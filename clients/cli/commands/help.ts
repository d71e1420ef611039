// `theseus help exit-codes`: the one table. Help on commands is commander's own.

import type { Context } from "../context.js";
import { codesOf, EXIT, type ExitCode, MEANINGS } from "../exit-codes.js";
import { renderTable } from "../output/table.js";

type Row = (typeof MEANINGS)[number];

export function run({ io }: Context): Promise<ExitCode> {
  const columns = [
    { id: "exit", title: "EXIT", value: ([exit]: Row) => String(exit), right: true },
    { id: "name", title: "NAME", value: ([, name]: Row) => name },
    { id: "meaning", title: "MEANING", value: ([, , meaning]: Row) => meaning },
  ];
  io.stdout.write(renderTable(columns, MEANINGS));
  io.stdout.write("\nThe exit code follows from the code in brackets:\n");
  for (const [exit] of MEANINGS) {
    const codes = codesOf(exit);
    if (codes.length > 0) io.stdout.write(`${String(exit).padStart(4)}  ${codes.join(" ")}\n`);
  }
  return Promise.resolve(EXIT.ok);
}
