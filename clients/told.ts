// Telling callbacks that others have given to us: what goes wrong in them is theirs, and stops nothing of ours.

/** Never throws. What a callback throws or rejects with becomes a warning of the process. */
export function tell<Args extends readonly unknown[]>(
  callback: ((...args: Args) => unknown) | undefined,
  ...args: Args
): void {
  try {
    Promise.resolve(callback?.(...args)).catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.emitWarning(`a callback that was given to theseus-client failed: ${text}`, "TheseusClientWarning");
}
