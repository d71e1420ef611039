// Reading files that people name: never more than a bound, and failures in words.

import { open } from "node:fs/promises";

/** The first `most` bytes. @throws the system's error. */
export async function readBounded(file: string, most: number): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const buffer = Buffer.alloc(most);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, most - length);
      length += bytesRead;
      if (bytesRead === 0 || length === most) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

/** What the system means. */
export function systemWords(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
      return "it may not be read by this user";
    case "EISDIR":
      return "it is a folder";
    default:
      return error.message;
  }
}
