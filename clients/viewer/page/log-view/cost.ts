// How much a backtracking search may have to look at from one place of a line, read from the expression alone. Pure.

/** One place of an expression: a sign, a class or an anchor, or a group of other ways; so often in a row. */
export interface Piece {
  readonly source: string;
  /** Of a group: its alternatives. */
  readonly ways: readonly (readonly Piece[])[] | undefined;
  readonly min: number;
  readonly max: number;
}

const ONE = /^(?:\\(?:x[\da-f]{2}|u[\da-f]{4}|c[a-z]|.)|\[(?:\\.|[^\]\\])*\]|[^|()])/i;
const REPEAT = /^(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})\??/;

/** The alternatives of an expression that the browser takes and that has neither references nor look-around. */
export function waysOf(source: string): readonly (readonly Piece[])[] {
  return new Reader(source).ways();
}

class Reader {
  #rest: string;

  constructor(source: string) {
    this.#rest = source;
  }

  ways(): Piece[][] {
    const ways: Piece[][] = [[]];
    while (this.#rest !== "" && !this.#takes(")")) {
      if (this.#takes("|")) ways.push([]);
      else ways.at(-1)?.push(this.#piece());
    }
    return ways;
  }

  #piece(): Piece {
    if (this.#takes("(")) {
      this.#takes("?:");
      const ways = this.ways();
      return { source: "", ways, ...this.#repeat() };
    }
    const source = ONE.exec(this.#rest)?.[0] ?? this.#rest.charAt(0);
    this.#rest = this.#rest.slice(source.length);
    return { source, ways: undefined, ...this.#repeat() };
  }

  #repeat(): { min: number; max: number } {
    const [all = "", least = "", comma = "", most = ""] = REPEAT.exec(this.#rest) ?? [];
    this.#rest = this.#rest.slice(all.length);
    switch (all.charAt(0)) {
      case "":
        return { min: 1, max: 1 };
      case "?":
        return { min: 0, max: 1 };
      case "{":
        return { min: Number(least), max: most !== "" ? Number(most) : comma === "" ? Number(least) : Infinity };
      default:
        return { min: all.startsWith("+") ? 1 : 0, max: Infinity };
    }
  }

  #takes(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false;
    this.#rest = this.#rest.slice(text.length);
    return true;
  }
}

interface Cost {
  /** In how many ways it can be passed, each of which the rest may fail behind. */
  readonly paths: number;
  /** How often a character is looked at for all of them together. */
  readonly looks: number;
}

/** @returns how often a character is looked at, at most, for what may begin at one place of a line of `length` of them. */
export const looksOf = (ways: readonly (readonly Piece[])[], length: number): number =>
  costOf(ways, length, undefined).looks;

function costOf(ways: readonly (readonly Piece[])[], length: number, after: Piece | undefined): Cost {
  const costs = ways.map((way) => costOfWay(way, length, after));
  return {
    paths: costs.reduce((sum, { paths }) => sum + paths, 0),
    looks: costs.reduce((sum, { looks }) => sum + looks, 0),
  };
}

/** Behind each way in which a piece is passed, all that follows is looked at anew. */
function costOfWay(way: readonly Piece[], length: number, after: Piece | undefined): Cost {
  let [paths, looks] = [1, 0];
  for (const [at, piece] of way.entries()) {
    const cost = costOfPiece(piece, length, way[at + 1] ?? after);
    looks += paths * cost.looks;
    paths *= cost.paths;
  }
  return { paths, looks };
}

function costOfPiece(piece: Piece, length: number, next: Piece | undefined): Cost {
  const [least, most] = [Math.min(piece.min, length), Math.min(piece.max, length)];
  if (piece.ways !== undefined) {
    const { paths, looks } = costOf(piece.ways, length, next);
    return { paths: paths + (least === 0 ? 1 : 0), looks };
  }
  // Each character once on the way there, and what follows once on the way back.
  // The last one of all, and one that ends where a character of another kind has to stand, are passed in one way.
  const isSure = least === most || next === undefined || isApart(piece, next);
  return { paths: isSure ? 1 : most - least + 1, looks: 2 * most + 1 };
}

/** No character is of both. Without certainty: false. */
function isApart(piece: Piece, next: Piece): boolean {
  if (next.ways !== undefined || next.min === 0) return false;
  const [one, other] = [piece.source, next.source];
  if (UNSURE.test(one) || UNSURE.test(other)) return false;
  const [isOne, isOther] = [new RegExp(`^(?:${one})$`, "i"), new RegExp(`^(?:${other})$`, "i")];
  return ![...SIGNS, ...one, ...other].some((sign) => isOne.test(sign) && isOther.test(sign));
}

/** Anchors take no character; of characters in numbers the sample below says nothing. */
const UNSURE = /^(?:\^|\$|\\[bB])$|\\[xuc\d]/;
const SIGNS = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), "é", "\u00a0", "\u2028", "字"];
