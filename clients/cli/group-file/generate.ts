// Writes docs/group-file.md and docs/group-file.schema.json below the folder given, default the present one.
// `node --import tsx clients/cli/group-file/generate.ts [ROOT]`

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownDocument, schemaDocument } from "./document.js";

const docs = join(process.argv[2] ?? ".", "docs");
mkdirSync(docs, { recursive: true });
writeFileSync(join(docs, "group-file.schema.json"), schemaDocument());
writeFileSync(join(docs, "group-file.md"), markdownDocument());
