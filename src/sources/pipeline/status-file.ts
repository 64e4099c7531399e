/** Any other CI system: a JSON document of the shape that docs/sources/pipeline.md describes. */
import { open } from 'node:fs/promises';
import { messageOf } from '../../errors.js';
import { STATUS } from '../../facts/sources/pipeline/names.js';
import { createHttp } from '../http.js';
import { pathFrom } from '../paths.js';
import { SourceProblem } from '../problem.js';
import { answerOf, createRecorder } from '../recorder.js';
import { resolveSecret } from '../secret.js';
import type { StatusFileSettings } from '../settings/pipeline.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';

const MAX_BYTES = 4 * 1024 * 1024;

export async function askStatusFile(settings: StatusFileSettings, context: SourceContext): Promise<Asked> {
  const recorder = createRecorder();
  if (settings.url === undefined) {
    recorder.keep(STATUS, await read(pathFrom(settings.file ?? '', context)));
    return recorder.asked();
  }
  const token = await resolveSecret(settings, context);
  const http = await createHttp({ url: new URL(settings.url).origin, ca_file: settings.ca_file }, context, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    secrets: token === null ? [] : [token],
    maxBytes: MAX_BYTES,
  });
  try {
    const accept = ['application/json', 'text/plain', 'application/octet-stream'];
    recorder.record(STATUS, await http.get(settings.url, { accept }));
    return recorder.asked();
  } finally {
    await http.close();
  }
}

export async function diagnoseStatusFile(
  settings: StatusFileSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const { failures } = await askStatusFile(settings, context);
  if (failures.length > 0) return failures.map(({ detail }) => ({ level: 'problem', text: detail }));
  return [{ level: 'ok', text: `${settings.url ?? settings.file ?? ''} can be read` }];
}

async function read(path: string): ReturnType<typeof readWhole> {
  return readWhole(path).catch((error: unknown) => {
    if (error instanceof SourceProblem) throw error;
    throw new SourceProblem({ code: 'not-found', detail: `${path} cannot be read: ${messageOf(error)}` });
  });
}

async function readWhole(path: string): Promise<ReturnType<typeof answerOf>> {
  const handle = await open(path, 'r');
  try {
    const { size, ...stat } = await handle.stat();
    if ((stat.mode & 0o170_000) !== 0o100_000) {
      throw new SourceProblem({ code: 'bad-answer', detail: `${path} is not a plain file` });
    }
    const buffer = Buffer.alloc(Math.min(size, MAX_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    return answerOf({ asked: `read ${path}`, at: new Date(), status: 200, bytes, total: size });
  } finally {
    await handle.close();
  }
}
