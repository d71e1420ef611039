// Which keys a request means, in etcd's way of saying it: one key, [key, end), or all from the key on.

/** Binary strings. Without end and not single: all from the first on. */
export type Span = { readonly first: string; readonly end: string | undefined; readonly single: boolean };

export const textOfKey = (key: Buffer): string => key.toString("latin1");

/** An absent range_end means just the key, the byte 0 alone means no end. */
export function spanOf(key: Buffer, rangeEnd: Buffer): Span {
  const first = textOfKey(key);
  if (rangeEnd.length === 0) return { first, end: undefined, single: true };
  if (rangeEnd.length === 1 && rangeEnd[0] === 0) return { first, end: undefined, single: false };
  return { first, end: textOfKey(rangeEnd), single: false };
}

export function isInSpan(span: Span, key: string): boolean {
  if (span.single) return key === span.first;
  return key >= span.first && (span.end === undefined || key < span.end);
}
