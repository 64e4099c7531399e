/** The world of a command, caught: main() runs as it does behind cli.ts. */
import { main } from '../../src/main.js';
import type { Io } from '../../src/io.js';

export interface Caught {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runMain(argv: readonly string[], world: Partial<Io> = {}): Promise<Caught> {
  let out = '';
  let err = '';
  const io: Io = {
    env: {},
    cwd: process.cwd(),
    out: (text) => {
      out += text;
      return Promise.resolve();
    },
    err: (text) => {
      err += text;
    },
    terminal: { out: false, err: false },
    columns: 80,
    onInterrupt: () => () => undefined,
    ...world,
  };
  const code = await main(argv, io);
  return { code, out, err };
}
