/** `sources.people`: who is here and who has left. Kept as it is; src/facts/sources/people.ts reads it. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { messageOf } from '../../errors.js';
import { readPeople } from '../../facts/sources/people.js';
import { answerOf } from '../recorder.js';
import { schemas, type PeopleSettings } from '../settings/people.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';

const MOST_BYTES = 4 * 1024 * 1024;

async function ask({ path }: PeopleSettings, context: SourceContext): Promise<Asked> {
  const base = dirname(resolve(context.cwd, context.inventoryPath));
  const file = resolve(base, path);
  const name = relative(base, file);
  try {
    const { bytes, total } = await beginning(file);
    const answer = answerOf({ asked: `read ${name}`, at: context.now, status: 0, bytes, total });
    return { answers: { [`file/${name}`]: answer }, failures: [] };
  } catch (error) {
    const detail = `cannot read ${name}: ${messageOf(error)}`;
    return { answers: {}, failures: [{ code: 'not-found', detail, hint: 'Correct sources.people.path.' }] };
  }
}

/** @throws what the file system throws, and for what is no plain file. */
async function beginning(path: string): Promise<{ readonly bytes: Uint8Array; readonly total: number }> {
  // Not to block on a FIFO that took the file's place.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('not a plain file');
    const buffer = Buffer.alloc(Math.min(stat.size, MOST_BYTES));
    let size = 0;
    while (size < buffer.length) {
      const { bytesRead } = await handle.read(buffer, size, buffer.length - size, size);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return { bytes: buffer.subarray(0, size), total: Math.max(size, stat.size) };
  } finally {
    await handle.close();
  }
}

async function diagnose(settings: PeopleSettings, context: SourceContext): Promise<SourceDiagnosis[]> {
  const at = context.now.toISOString();
  const asked = await ask(settings, context);
  const evidence = {
    schema: 1,
    source: 'people',
    type: settings.type,
    startedAt: at,
    finishedAt: at,
  } as const;
  const people = readPeople({ ...evidence, configuration: settings, ...asked });
  if (!people.ok) return [{ level: 'problem', text: people.detail }];
  return [
    ...people.gaps.map((text): SourceDiagnosis => ({ level: 'problem', text })),
    {
      level: people.value.length > 0 ? 'ok' : 'warning',
      text: `${people.value.length} people, ${people.value.filter(({ left, status }) => status === 'left' || left !== null).length} with an end`,
    },
  ];
}

export const sourceTypes: readonly SourceType<PeopleSettings>[] = Object.entries(schemas).map(
  ([type, schema]) => ({ source: 'people', type, schema, ask, diagnose }),
);
