/** True where no two nodes can take both: the same path, or a command beside one of its own subcommands. */
export const pathsClash = (one: string, other: string): boolean =>
  `${one} `.startsWith(`${other} `) || `${other} `.startsWith(`${one} `);
