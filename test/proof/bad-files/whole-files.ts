// Files that are wrong as a whole, and faults that lie between keys: what no schema can say.

export type Told = {
  readonly line: number;
  /** Absent: anywhere in the line. */
  readonly col?: number;
  readonly says?: string;
};

export type BadFile = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly told: readonly Told[];
};

const START = { line: 1, col: 1 };

/** A good file in UTF-8, to be spoilt as bytes. */
const GOOD = "version: 1\ngroups:\n  web/-:\n    image: a:1\n";

export function wholeFiles(): BadFile[] {
  return [...notText(), ...notYaml(), ...tooMuch()];
}

function bytes(name: string, content: Uint8Array, told: Told = START, says?: string): BadFile {
  return { name, bytes: content, told: [says === undefined ? told : { ...told, says }] };
}

function text(name: string, content: string, told: Told = START, says?: string): BadFile {
  return bytes(name, Buffer.from(content), told, says);
}

function notText(): BadFile[] {
  const little = Buffer.from(GOOD, "utf16le");
  const big = Buffer.from(little).swap16();
  return [
    bytes("UTF-16 with a mark", Buffer.concat([Buffer.of(0xff, 0xfe), little]), START, "UTF-16"),
    bytes("UTF-16 big endian with a mark", Buffer.concat([Buffer.of(0xfe, 0xff), big]), START, "UTF-16"),
    bytes("UTF-16 without a mark", little, START, "UTF-16"),
    bytes("UTF-16 big endian without a mark", big, START, "UTF-16"),
    bytes("not UTF-8", Buffer.concat([Buffer.from(GOOD), Buffer.of(0xc3, 0x28)]), START, "UTF-8"),
    text("a NUL", GOOD.replace("a:1", "a:\u00001"), { line: 4, col: 14 }, "NUL"),
    text("a NUL in a remark", `${GOOD}# x\u0000y\n`, { line: 5, col: 4 }, "NUL"),
    text("empty", "", START, "empty"),
    text("spaces", "  \n\n", START, "empty"),
    text("a remark", "# nothing\n", START, "empty"),
    text("a divider", "---\n", START, "empty"),
    text("null", "null\n", START, "empty"),
  ];
}

function notYaml(): BadFile[] {
  return [
    text("an open quote", `${GOOD}    user: "1000\n`, { line: 6, col: 1 }, "not YAML"),
    text("an open bracket", `${GOOD}    args: [a, b\n`, { line: 6, col: 1 }, "not YAML"),
    text("a tab", `${GOOD}\tpull: never\n`, { line: 5, col: 1 }, "not YAML"),
    text("a line without a key", `${GOOD}    nonsense\n`, { line: 5, col: 5 }, "not YAML"),
    text("a list", "- version: 1\n", START, "is a list"),
    text("a word", "version\n", START, "is text"),
    text("a number", "1\n", START, "is a number"),
    text("an unknown sign", `${GOOD}    args: *nothing\n`, { line: 5, col: 11 }, "stands for nothing"),
    text("a sign for itself", `${GOOD}    args: &me [*me]\n`, { line: 5, col: 16 }, "nested deeper"),
    text("a merge of a word", `${GOOD}    <<: word\n`, { line: 5, col: 9 }, "<<"),
    text("a map as a key", `${GOOD}    ? {a: 1}\n    : 2\n`, { line: 5, col: 7 }, "a key that is not text"),
    text("an unknown tag", `${GOOD}    user: !!js/function "x"\n`, { line: 5, col: 11 }, "not YAML"),
    text("a prototype", `${GOOD}    __proto__: {pull: never}\n`, { line: 5, col: 5 }, "unknown key"),
    text("a constructor", `${GOOD}    constructor: 1\n`, { line: 5, col: 5 }, "unknown key"),
    text("the second document", `${GOOD}---\n${GOOD}    pul: never\n`, { line: 10, col: 5 }, "(expected pull)"),
    text("a variable that is not set", `${GOOD}    user: \${NOT_SET}\n`, { line: 5, col: 11 }, "NOT_SET"),
  ];
}

const MIB = 2 ** 20;

function tooMuch(): BadFile[] {
  const signs = Array.from({ length: 9 }, (_, i) => `  - &s${i + 1} [${Array(9).fill(`*s${i}`).join(", ")}]\n`);
  const bomb = `x-bomb:\n  - &s0 [lol]\n${signs.join("")}${GOOD}    args: *s9\n`;
  const many = Array.from({ length: MIB / 16 }, (_, i) => `  web/g${i}: {image: a:1, pull: never}\n`);
  const deep = (depth: number) => `${GOOD}    args: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
  return [
    text("an alias bomb", bomb, { line: 16, col: 11 }, "aliases make it larger"),
    text("2 MB of groups", `version: 1\ngroups:\n${many.join("")}`, START, "larger than"),
    bytes("2 MB of one letter", Buffer.alloc(2 * MIB, "a"), START, "larger than"),
    bytes("2 MB of brackets", Buffer.alloc(2 * MIB, "["), START, "larger than"),
    bytes("2 MB of NUL", Buffer.alloc(2 * MIB), START, "larger than"),
    text("50 levels", deep(50), { line: 5, col: 41 }, "nested deeper"),
    // Where the parser gives up is nobody's promise.
    text("50,000 levels", deep(50_000), { line: 5 }, "nested too deep"),
  ];
}

/** Faults between keys, each as lines of one group; the fault is told at "<<>>", which is taken out. */
const BETWEEN: readonly (readonly [name: string, lines: string])[] = [
  ["two checks", "ports: {http: 80}\nhealth: <<>>{http: /, tcp: http}"],
  ["no check", "health: <<>>{interval: 5s}"],
  ["a check of no port", "ports: {http: 80}\nhealth: {tcp: <<>>https}"],
  ["a check of http without ports", "health: {http: <<>>/}"],
  ["a volume of two sources", "volumes:\n  - <<>>{name: a, bind: /b, at: /c}"],
  ["a volume of none", "volumes:\n  - <<>>{at: /c}"],
  ["a bind mount per slot", "volumes:\n  - {bind: /b, at: /c, per: <<>>slot}"],
  ["two things at one place", "volumes:\n  - {name: a, at: /c}\n  - {name: b, at: <<>>/c}"],
  ["one host port twice", "ports:\n  a: {container: 1, host: 29000}\n  b: {container: 2, host: <<>>29000}"],
  ["a name that Theseus sets", "env:\n  <<>>SERVICE_NAME: x"],
  ["a port's name that Theseus sets", "ports: {web-api: 80}\nenv: {A: 1, <<>>PORT_WEB_API: 1}"],
  ["host beside another network", "networks: <<>>[host, shop]"],
  ["constraints that are none", "constraints: <<>>a,,b"],
  ["a file that is not there", "files: [{at: /a, from: <<>>nowhere.conf}]"],
  ["an environment that is not there", "env_file: [<<>>nowhere.env]"],
  ["an order that is none", "update: {order: <<>>sideways}"],
  ["a negative canary", "update: {canary: <<>>-1}"],
  ["a step that is none", "update:\n  steps: [1, <<>>soon]"],
  ["a wait without a unit", "update: {wait: <<>>1}"],
  ["on_failure that is none", "update: {on_failure: <<>>panic}"],
  ["no healthy_deadline at all", "update: {healthy_deadline: <<>>0s}"],
  ["no progress_deadline at all", "update: {progress_deadline: <<>>0s}"],
  ["lost after", "lost: {after: <<>>1m}"],
  ["on_return", "lost: {on_return: <<>>keep_old}"],
  ["secrets", "secrets: <<>>[{name: a, at: /a}]"],
];

export function betweenKeys(): BadFile[] {
  const files = BETWEEN.map(([name, lines]) => {
    const inner = lines.split("\n").map((line) => `    ${line}\n`);
    return marked(name, `${GOOD}${inner.join("")}`);
  });
  const again = "  <<>>web/b,a:\n    image: a:1\n";
  const notGroup = "  <<>>Web/Dev:\n    image: a:1\n";
  return [
    ...files,
    marked("the same labels in another order", `${GOOD}  web/a,b: {image: a:1}\n${again}`),
    marked("a key that is no reference", `${GOOD}${notGroup}`),
  ];
}

const MARK = "<<>>";

function marked(name: string, source: string): BadFile {
  const before = source.slice(0, source.indexOf(MARK)).split("\n");
  const place = { line: before.length, col: (before.at(-1) ?? "").length + 1 };
  return { name, bytes: Buffer.from(source.replace(MARK, "")), told: [place] };
}
