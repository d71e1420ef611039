// What a terminal understands besides text.

/** The cursor goes to the top, and everything is gone. */
export const CLEAR = "\u001b[H\u001b[2J";
