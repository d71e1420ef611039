// Everything of the process that the CLI touches, so that tests can stand in for it. Loads nothing.

export interface Out {
  write(text: string): void;
  readonly isTTY: boolean;
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

/** The real process. Signals are caught from here on, and once: the second Ctrl-C ends the process at once. */
export function processIo(): Io {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(130));
  process.once("SIGTERM", () => stop.abort(143));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endOnClosedPipe);
  return {
    stdout: out(process.stdout),
    stderr: out(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    stdinIsTTY: process.stdin.isTTY === true,
    readStdin,
    readLine: () => readLine(stop.signal),
    interrupted: stop.signal,
  };
}

function out(stream: NodeJS.WriteStream): Out {
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY === true };
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

async function readLine(signal: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin });
  try {
    return await lines.question("", { signal });
  } finally {
    lines.close();
  }
}
