// The request types that callers write: every field of a message may be left out.

type Scalar = Date | Uint8Array | string | number | boolean | bigint | null | undefined;

/** A message of which every field is optional; the fields left out take their protobuf defaults. */
export type Fields<T> = T extends Scalar
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Fields<Element>[]
    : T extends { $case: string; value: unknown }
      ? { readonly $case: T["$case"]; readonly value: Fields<T["value"]> }
      : { readonly [Key in keyof T]?: Fields<T[Key]> | undefined };
