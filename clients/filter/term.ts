// What a filter is made of. The same language for the command line, the page and its address.

/** Fields that a term may name, with what they look at. */
export const FIELDS = {
  svc: "a service",
  host: "a host",
  state: "a state",
  rev: "a config revision",
  image: "a part of an image's name",
  port: "a port that others reach",
  ns: "a namespace",
} as const;

export type Field = keyof typeof FIELDS;

interface Atom {
  readonly negated: boolean;
  readonly value: string;
  /** It is being typed: the beginning of a value is enough. */
  readonly isOpen: boolean;
}
export interface LabelAtom extends Atom {
  readonly kind: "label";
}
export interface FieldAtom extends Atom {
  readonly kind: "field";
  readonly field: Field;
}
export interface TextAtom extends Atom {
  readonly kind: "text";
}
export type FilterAtom = LabelAtom | FieldAtom | TextAtom;

/** Holds when one of its atoms does. */
export interface Clause {
  /** As written, with a leading `~` where it is switched off. */
  readonly text: string;
  /** Where it stands in the filter's text. */
  readonly at: number;
  readonly isOff: boolean;
  readonly atoms: readonly FilterAtom[];
}

/** Every clause that is not switched off has to hold. */
export type Filter = readonly Clause[];

/** Why a text is no filter, and which part of it. */
export interface FilterProblem {
  readonly problem: string;
  readonly at: number;
  readonly length: number;
}

export type Parsed = { readonly filter: Filter } | FilterProblem;
