// Splits one text into words like a POSIX shell does with quotes and backslashes, and nothing more.

const PART = /[^\s'"\\]+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/sy;

/** undefined when a quote is not closed or a backslash stands last. */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const { word, end } = oneWord(text, at);
    if (end < text.length && !/\s/.test(text[end] ?? "")) return undefined;
    words.push(word);
    at = end;
  }
  return words;
}

/** The parts that stand together without space; ends before what is no part. */
function oneWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = "";
  let end = start;
  for (;;) {
    PART.lastIndex = end;
    const match = PART.exec(text);
    if (match === null) return { word, end };
    const [whole, single, double, escaped] = match;
    // Inside double quotes a backslash before an ordinary character stays.
    word += single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? whole;
    end += whole.length;
  }
}
