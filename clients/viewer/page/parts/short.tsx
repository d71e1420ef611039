// A text in a row of a list: where it is too long, its beginning and end, and the whole on its tip.

import { shortened } from "./shortened.js";

export function Short({ text, most }: { text: string; most?: number }) {
  const short = shortened(text, most);
  return <span title={short === text ? undefined : text}>{short}</span>;
}
