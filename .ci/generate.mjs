// Makes everything that is generated and committed: `node .ci/generate.mjs [ROOT]`, ROOT being where it goes.
// `make check` runs it into an empty folder and compares.

import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Everything that comes out of this, for the comparison. */
export const GENERATED = ["clients/gen", "src/embedded/gen", "docs/group-file.md", "docs/group-file.schema.json"];

export function generate(root) {
  for (const template of ["proto/buf.gen.yaml", "src/embedded/proto/buf.gen.yaml"]) {
    run("node_modules/.bin/buf", "generate", "--template", template, "-o", root);
  }
  run(process.execPath, "proto/descriptor.mjs", root);
  run(process.execPath, "--no-warnings", "--import", "tsx", "clients/cli/group-file/generate.ts", root);
}

function run(command, ...args) {
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
}

if (process.argv[1] === import.meta.filename) generate(resolve(process.argv[2] ?? "."));
