// What the tests can ask inside of the page. Types alone, without a browser's.

/** How a state is told, colour left out. */
export interface StateLook {
  readonly state: string;
  readonly glyph: string;
  /** The words beside the mark, or instead of it. */
  readonly said: string;
  /** The mark in grey, "1" for each dot of it. */
  readonly dots: string;
}

/** A stream of server-sent events: one for each of `data`, which is JSON. */
export interface Feed {
  readonly path: string;
  readonly event: string;
  readonly data: readonly string[];
}

/** Two things that must not look alike. */
export interface PairSeen {
  readonly name: string;
  readonly isSeen: boolean;
}

export interface Eyes {
  /** What is out of its place, in words; empty when nothing is. */
  layoutFaults(): readonly string[];
  /** Doubles the text. @returns what does not grow with it. */
  doubleText(): Promise<readonly string[]>;
  /** @returns those that are not there as text in what the selector finds. */
  missingTexts(texts: readonly string[], within: string): readonly string[];
  /** Elements and attributes that only a text which became markup brings in. */
  foreignMarkup(): readonly string[];
  /** Of the table in view every row, one line each, without ages, sorted. */
  allRows(): Promise<readonly string[]>;
  /** Of the table in view by the title of a column: all texts and tips of its cells. */
  allFields(): Promise<Readonly<Record<string, string>>>;
  /** From now on notes when each of these texts is first drawn in a row. */
  lookFor(texts: readonly string[]): void;
  /** When they were, in milliseconds since 1970. */
  firstSeen(): Readonly<Record<string, number>>;
  /** What is told by colour alone, asked where the browser chooses the colours. */
  alikeInContrast(): readonly string[];
  /** What of it there was to compare. */
  contrastPairs(): readonly PairSeen[];
  /** What a screen reader is not told. */
  unspoken(): readonly string[];
  /** Of every state on the screen. */
  stateLooks(): readonly StateLook[];
  painted(): Promise<void>;
  /** Answers in the place of the gateway. */
  playFeeds(feeds: readonly Feed[]): void;
}
