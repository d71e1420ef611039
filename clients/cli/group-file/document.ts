// docs/group-file.md and docs/group-file.schema.json, made from the schema: `make gen` writes them.

import { alternatives, type JsonSchema, jsonSchema } from "./known-keys.js";

/** For editors: with the x-* keys that the CLI takes away before it checks. */
export function schemaDocument(): string {
  const schema = { ...jsonSchema(), patternProperties: { "^x-": {} } };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const HEAD = `# The group file

What should run, as YAML. \`theseus apply -f FILE\` makes it so; \`theseus plan -f FILE\` says what that would change.
This page is made from the schema by \`make gen\`. For editors there is
[group-file.schema.json](group-file.schema.json): \`# yaml-language-server: $schema=...\` in the first line.

Keys that are unknown, there twice, or not yet effective are errors, all told at once as
\`file:line:col: path: what is wrong (expected ...)\`, and nothing is sent. What is not set stays not set; the defaults
below are applied where a value is used.

- One file may have several documents, divided by \`---\`. Each begins with \`version: 1\`.
- Top-level keys \`x-*\` are ignored: a place for anchors. \`<<\` merges maps; keys of the map itself win.
- \`\${VAR}\`, \`\${VAR:-word}\` and \`$$\` are filled in by the CLI in every text; a variable that is not set is an error.
- Values in \`env\` are kept as written: \`1.10\` and \`yes\` stay what they are. A null is an error.
- Sizes are in \`B KiB MiB GiB\`, times in \`ms s m h\`: \`256MiB\`, \`250ms\`, \`5m\`.
- A file has at most 256 KiB, is UTF-8, and nests at most 32 levels.
- \`apply\` replaces a group's whole config; an absent \`instances\` keeps the current number.

\`\`\`yaml
version: 1
groups:
  web/dev,frontend:
    image: shop-web:1
    instances: 3
    ports: {http: 8080}
    health: {http: /healthz}
\`\`\`
`;

/** One table for each block of keys, outermost first. */
export function markdownDocument(): string {
  const sections: string[] = [HEAD, section("Top level", jsonSchema())];
  const group = valueSchema(jsonSchema().properties?.["groups"]);
  if (group !== undefined) {
    sections.push(section("A group", group));
    for (const [key, schema] of Object.entries(group.properties ?? {})) sections.push(...inner(key, schema));
  }
  return `${sections.join("\n")}`;
}

/** The blocks below a key, however deep. */
function inner(title: string, schema: JsonSchema): string[] {
  const block = blockOf(schema);
  if (block === undefined) return [];
  const nested = Object.entries(block.properties ?? {}).flatMap(([key, value]) => inner(`${title}.${key}`, value));
  return [section(`\`${title}\``, block), ...nested];
}

/** The map with fixed keys that a value is, or may be, or is a list or map of. */
function blockOf(schema: JsonSchema): JsonSchema | undefined {
  const candidates = alternatives(schema).flatMap((one) => [one, ...under(one)]);
  return candidates.find(({ properties }) => properties !== undefined);
}

function under({ items, additionalProperties }: JsonSchema): readonly JsonSchema[] {
  const values = [items, typeof additionalProperties === "object" ? additionalProperties : undefined];
  return values.flatMap((value) => (value === undefined ? [] : alternatives(value)));
}

function valueSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

function section(title: string, schema: JsonSchema): string {
  const entries = Object.entries(schema.properties ?? {});
  const rows = entries.map(([key, value]) => row(key, value, schema.required?.includes(key) ?? false));
  return [`## ${title}`, "", "| key | value | default | what it is |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const shown =
    schema.default === undefined
      ? ""
      : `\`${typeof schema.default === "string" && schema.default === "" ? '""' : String(schema.default)}\``;
  const cells = [`\`${key}\``, valueText(schema), required ? "required" : shown, schema.description ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function valueText(schema: JsonSchema): string {
  return [...new Set(alternatives(schema).map(kindText))].join(" or ");
}

function kindText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(" ");
  switch (schema.type) {
    case "integer":
    case "number": {
      const kind = schema.type === "integer" ? "whole number" : "number";
      return schema.minimum === undefined ? kind : `${kind} ${schema.minimum} to ${schema.maximum}`;
    }
    case "boolean":
      return "`true` `false`";
    case "array":
      return "list";
    case "object":
      return schema.properties === undefined ? "map" : "block";
    default:
      return textKind(schema.pattern);
  }
}

function textKind(pattern: string | undefined): string {
  if (pattern?.includes("ms|s|m|h")) return "time";
  if (pattern?.includes("KiB")) return "size";
  return pattern?.includes("%$") ? "percentage" : "text";
}
