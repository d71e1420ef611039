// What a planted defect is. Types only.

export type Mutant = {
  readonly name: string;
  readonly file: string;
  /** Is in the file exactly once. */
  readonly find: string;
  readonly put: string;
  /** Promises: seen is only what breaks one of them. */
  readonly breaks: readonly string[];
  /** What comes of it. */
  readonly so: string;
  readonly isLoop?: true;
  /** One that sees it; whatever changes the order of events moves it. */
  readonly seed?: number;
};
