// Texts that are too long for a row of a list. Their whole stands on the tip, and on the page of what they are of. Pure.

const LONGEST = 48;
const TAIL = 14;

/** The beginning and the end, where it is longer than `most` characters. */
export function shortened(text: string, most: number = LONGEST): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - TAIL - 1)}…${text.slice(-TAIL)}`;
}
