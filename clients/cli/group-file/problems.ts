// What is wrong with a group file, where: every problem is kept, none hides another.

export interface Problem {
  readonly line: number;
  readonly col: number;
  /** As a person writes it: groups.web/dev.ports.http. Empty: the file as a whole. */
  readonly path: string;
  readonly what: string;
  readonly expected?: string;
}

/** "shop.yaml:4:7: groups.web/dev.mem: 5 is a number (expected a size like 256MiB)" */
export function problemText(file: string, { line, col, path, what, expected }: Problem): string {
  const place = `${file}:${line}:${col}: `;
  const name = path === "" ? "" : `${path}: `;
  return `${place}${name}${what}${expected === undefined ? "" : ` (expected ${expected})`}`;
}

export type Path = readonly (string | number)[];

/** Notes a problem at a path. */
export type Complain = (path: Path, what: string, expected?: string) => void;

/** groups.web/dev.volumes[0].at */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** In the order of the file, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  const unique = problems.filter((problem) => {
    const key = problemText("", problem);
    return seen.has(key) ? false : seen.add(key);
  });
  return unique.sort((a, b) => a.line - b.line || a.col - b.col);
}
