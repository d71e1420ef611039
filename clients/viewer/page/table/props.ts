// What a table is told.

import type { Column } from "./columns.js";

export interface TableProps<Row> {
  readonly label: string;
  /** In the order in which they are to be shown. */
  readonly rows: readonly Row[];
  readonly id: (row: Row) => string;
  /** The same array as long as they are the same columns. */
  readonly columns: readonly Column<Row>[];
  /** "", "key" or "-key". */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  /** Changes when the rows are others by somebody's wish (filter, namespace): a frozen order gives way to it. */
  readonly wish?: string;
  /** Where a row leads. */
  readonly href?: (row: Row) => string;
  readonly chosen?: ReadonlySet<string>;
  readonly onChoose?: (id: string) => void;
  /** Its last known state is not known to be so now. */
  readonly isStale?: (row: Row) => boolean;
  /** The command line that `y` copies. */
  readonly command?: (row: Row) => string;
  /** What `*` does: keeps the row at the top, or lets it go. */
  readonly pin?: (row: Row) => void;
  /** Where `l` goes. */
  readonly logs?: (row: Row) => string;
  /** Fills what is left of the screen, and scrolls by itself. Otherwise it is as high as its rows, up to a bound. */
  readonly fill?: boolean;
}
