// Which keys the schema knows at a path, for "did you mean". Read from the JSON Schema that is published.

import { z } from "zod";
import type { Path } from "./problems.js";
import { groupFileSchema } from "./schema.js";

/** The parts of JSON Schema that the group file uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(groupFileSchema, { target: "draft-2020-12" }) as JsonSchema;
}

/** Sorted; empty where any key may stand. */
export function knownKeys(path: Path): string[] {
  const schemas = path.reduce<readonly JsonSchema[]>(
    (at, part) => at.flatMap((schema) => step(schema, part)),
    [jsonSchema()],
  );
  const keys = schemas.flatMap((schema) =>
    alternatives(schema).flatMap(({ properties }) => Object.keys(properties ?? {})),
  );
  return [...new Set(keys)].sort();
}

function step(schema: JsonSchema, part: string | number): JsonSchema[] {
  return alternatives(schema).flatMap(({ properties, additionalProperties, items }) => {
    if (typeof part === "number") return items === undefined ? [] : [items];
    const named = properties !== undefined && Object.hasOwn(properties, part) ? properties[part] : undefined;
    if (named !== undefined) return [named];
    return typeof additionalProperties === "object" ? [additionalProperties] : [];
  });
}

export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(alternatives);
}
