// An end of one's own under a longer one.

/**
 * @returns a controller that is aborted with `end`, and what to call once it is over. Not AbortSignal.any: a signal that
 * lasts as long as the process would remember each for that long.
 */
export function ownEnd(end: AbortSignal): { readonly own: AbortController; readonly leave: () => void } {
  const own = new AbortController();
  const stop = () => own.abort(end.reason);
  end.addEventListener("abort", stop, { once: true });
  if (end.aborted) stop();
  return { own, leave: () => end.removeEventListener("abort", stop) };
}
