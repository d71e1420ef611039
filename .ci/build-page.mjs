// Bundles the viewer's page into dist/viewer: one script, one style sheet, the page itself, and a list of what they are
// named and weigh. Nothing in it comes from another server.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const source = join(root, "clients/viewer/page");
const target = join(root, "dist/viewer");

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "assets"), { recursive: true });
const { metafile } = await build({
  entryPoints: { page: join(source, "main.tsx") },
  outdir: join(target, "assets"),
  entryNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ path: join(process.cwd(), path), output }));
const first = outputs.find(({ output }) => output.entryPoint?.endsWith("main.tsx"));
const name = (path) => path.slice(path.lastIndexOf("/") + 1);
const page = readFileSync(join(source, "index.html"), "utf8")
  .replace("{{style}}", `/assets/${name(first.output.cssBundle)}`)
  .replace("{{script}}", `/assets/${name(first.path)}`);
writeFileSync(join(target, "index.html"), page);
if (existsSync(join(source, "public"))) cpSync(join(source, "public"), join(target, "assets"), { recursive: true });

const gzip = (path) => gzipSync(readFileSync(path)).length;
const eager = [first.path, join(process.cwd(), first.output.cssBundle)].concat(
  first.output.imports.filter((one) => one.kind === "import-statement").map((one) => join(process.cwd(), one.path)),
);
const weight = {
  first_screen_gzip_bytes: eager.reduce((sum, path) => sum + gzip(path), gzip(join(target, "index.html"))),
};
writeFileSync(join(target, "weight.json"), `${JSON.stringify(weight)}\n`);
