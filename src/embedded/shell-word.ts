// Paths in commands that are printed for people to copy. Pure.

/** As one word of a shell: as it is where that is one, else in quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export const moveAside = (folder: string, as: string): string =>
  `mv ${shellWord(folder)} ${shellWord(`${folder}.${as}`)}`;
