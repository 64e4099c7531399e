#!/usr/bin/env node
/** The only file that touches the process: arguments, streams, signals and the exit code. */
import type { Io } from './io.js';
import { tuneV8 } from './tuning.js';

tuneV8();

/** Writes everything, waiting for slow readers; `| head` closing the pipe ends quietly. */
function writer(stream: NodeJS.WriteStream): (text: string) => Promise<void> {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== 'EPIPE') process.exitCode = 2;
  });
  return (text) =>
    closed ? Promise.resolve() : new Promise((resolve) => stream.write(text, () => resolve()));
}

function onInterrupt(handler: (exitCode: 130 | 143) => void): () => void {
  let asked = false;
  const listen = (signal: NodeJS.Signals) => {
    const code = signal === 'SIGTERM' ? 143 : 130;
    // The second one means now.
    if (asked) process.exit(code);
    asked = true;
    handler(code);
  };
  process.on('SIGINT', listen).on('SIGTERM', listen);
  return () => process.off('SIGINT', listen).off('SIGTERM', listen);
}

const out = writer(process.stdout);
const err = writer(process.stderr);
const columns = process.stdout.columns ?? Number.parseInt(process.env['COLUMNS'] ?? '', 10);

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  out,
  err: (text) => void err(text),
  terminal: { out: process.stdout.isTTY, err: process.stderr.isTTY },
  columns: Number.isInteger(columns) && columns >= 20 ? columns : 80,
  onInterrupt,
};

const { main } = await import('./main.js');
process.exitCode = await main(process.argv.slice(2), io);
