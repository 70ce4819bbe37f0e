/** Where a command writes: data to `out`, everything else to `err`. Both take whole lines. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  /** `out` is a terminal. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The process's own streams and environment. */
export function processIo(): CliIo {
  return {
    out: (text) => {
      process.stdout.write(`${text}\n`);
    },
    err: (text) => {
      process.stderr.write(`${text}\n`);
    },
    isTerminal: process.stdout.isTTY === true,
    env: process.env,
  };
}
