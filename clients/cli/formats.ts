// The words of -o.

export const FORMATS = [
  "table",
  "wide",
  "name",
  "json",
  "yaml",
  "jsonl",
  "tsv",
  "host:port",
  "env",
  "haproxy",
  "nginx",
] as const;
export type Format = (typeof FORMATS)[number];
