// What a proof is: a promise, checked by observers that read Docker, etcd and the wire and never take Theseus's word,
// and a control: the same check where the defence is missing, which has to find something.

export type Size = "small" | "full";

export type Report = {
  /** How many cases were looked at. */
  readonly cases: number;
  readonly violations: readonly string[];
};

export type Proof = {
  readonly name: string;
  readonly check: (size: Size) => Promise<Report>;
  /** The same check without the defence. Its violations show that the check can see. */
  readonly control: (size: Size) => Promise<Report>;
};
