// ${VAR}, ${VAR:-word} and $$ in scalars. A variable that is not set is an error; a lone $ stays.

const PATTERN = /\$(?:\$|\{([^}]*)(\}?))/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

export interface Complaint {
  /** The text that the complaint is about, to find its place. */
  readonly at: string;
  readonly what: string;
  readonly expected: string;
}

export interface Filled {
  readonly text: string;
  readonly complaints: readonly Complaint[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as not set for :- and as set otherwise, like in a shell. */
export function interpolate(source: string, env: Env): Filled {
  const complaints: Complaint[] = [];
  const text = source.replaceAll(PATTERN, (whole: string, inside: string | undefined, end: string | undefined) => {
    if (inside === undefined) return "$";
    const match = end === "}" ? INSIDE.exec(inside) : null;
    if (match === null) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the forms of the group file.
      const forms = "${NAME} or ${NAME:-word}; $$ for a dollar sign";
      complaints.push({ at: whole, what: `"${whole.slice(0, 40)}" is not a variable`, expected: forms });
      return whole;
    }
    const [, name = "", word] = match;
    const value = env[name];
    if (word !== undefined) return value === undefined || value === "" ? word : value;
    if (value !== undefined) return value;
    complaints.push({ at: whole, what: `variable ${name} is not set`, expected: `it set, or \${${name}:-word}` });
    return whole;
  });
  return { text, complaints };
}
