// Everything of the process that the CLI touches, so that tests can stand in for it. Loads nothing.

export interface Out {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Of a terminal; some say 0. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface Io {
  readonly stdout: Out;
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative file names start. */
  readonly cwd: string;
  readonly stdinIsTTY: boolean;
  /** All of standard input, at most `limit` bytes and one more. */
  readStdin(limit: number): Promise<Uint8Array>;
  /** One line typed by a person. */
  readLine(): Promise<string>;
  /** Aborted by Ctrl-C (reason 130) or SIGTERM (reason 143). */
  readonly interrupted: AbortSignal;
}

/**
 * The real process. Each stream, and the catching of signals, begins when it is first needed, since each costs as much
 * as a small library. The second Ctrl-C ends the process at once.
 */
export function processIo(): Io {
  let stop: AbortSignal | undefined;
  return {
    stdout: out(() => process.stdout),
    stderr: out(() => process.stderr),
    env: process.env,
    cwd: process.cwd(),
    get stdinIsTTY() {
      return process.stdin.isTTY === true;
    },
    readStdin,
    readLine: () => readLine(),
    get interrupted() {
      stop ??= signals();
      return stop;
    },
  };
}

function signals(): AbortSignal {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(130));
  process.once("SIGTERM", () => stop.abort(143));
  return stop.signal;
}

function out(open: () => NodeJS.WriteStream): Out {
  let stream: NodeJS.WriteStream | undefined;
  const opened = () => {
    stream ??= open().on("error", endOnClosedPipe);
    return stream;
  };
  return {
    write: (text) => void opened().write(text),
    get isTTY() {
      return opened().isTTY === true;
    },
    get columns() {
      return opened().columns;
    },
    get rows() {
      return opened().rows;
    },
  };
}

/** `theseus get groups | head -1` closes our output: that is no error of ours. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

async function readStdin(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > limit) break;
  }
  return Buffer.concat(chunks);
}

/** Empty when there is no line: the input ended, or Ctrl-C was typed. */
async function readLine(): Promise<string> {
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line);
      lines.close();
    });
    lines.once("close", () => resolve(""));
  });
}
