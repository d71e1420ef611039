// The process that started this one to serve the viewer, where one did: it is told where the viewer listens, and the viewer
// ends when it does, however it ends.

/** Nothing where nobody waits for it. */
export function tellParent(message: { readonly viewer: string } | { readonly problem: string }): void {
  // What cannot be told any more is nothing to fail for.
  process.send?.(message, undefined, undefined, () => undefined);
}

export function hasParent(): boolean {
  return process.send !== undefined;
}

/** Resolves when that process has gone; never where there is none. */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => {
    if (!hasParent()) return;
    if (process.connected) process.once("disconnect", resolve);
    else resolve();
  });
}

/** Whoever still talks with its parent does not end. */
export function leaveParent(): void {
  if (process.connected) process.disconnect();
}
