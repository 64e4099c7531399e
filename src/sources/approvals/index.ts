/** `sources.approvals`: files that say who let whom in, and why. Kept as they are; src/facts/sources/approvals.ts reads them. */
import { resolve, dirname } from 'node:path';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { failureOf, findFiles } from '../certificates/find.js';
import { readLines, type ReadEnd } from '../certificates/read.js';
import { answerOf, createRecorder } from '../recorder.js';
import { schemas, type ApprovalSettings } from '../settings/approvals.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';

const MOST_FILES = 200;
const MOST_BYTES = 16 * 1024 * 1024;

async function ask(settings: ApprovalSettings, context: SourceContext): Promise<Asked> {
  const base = dirname(resolve(context.cwd, context.inventoryPath));
  const paths = (typeof settings.path === 'string' ? [settings.path] : settings.path).map((path) =>
    resolve(base, path),
  );
  const { files, failures } = await findFiles(paths, { base, recursive: false });
  const recorder = createRecorder();
  for (const failure of failures) recorder.fail(withHint(failure));
  if (files.length > MOST_FILES)
    recorder.fail({
      code: 'too-much',
      detail: `${files.length} files of approvals; only the newest ${MOST_FILES} were read`,
    });
  for (const { path, name } of files.slice(0, MOST_FILES)) {
    try {
      recorder.keep(`file/${name}`, await readAll(path, name, context));
    } catch (error) {
      recorder.fail(withHint(failureOf(name, error)));
    }
  }
  return recorder.asked();
}

async function readAll(path: string, name: string, { signal, now }: SourceContext): Promise<SourceAnswer> {
  const end: ReadEnd = { bytes: 0 };
  const lines: string[] = [];
  let tooLong = false;
  for await (const { text } of readLines(path, { bytes: MOST_BYTES, line: MOST_BYTES, signal }, end)) {
    if (text === null) tooLong = true;
    else lines.push(text);
  }
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const cut = tooLong || end.cut !== undefined;
  return answerOf({
    asked: `read ${name}`,
    at: now,
    status: 0,
    bytes,
    total: Math.max(bytes.length, end.bytes),
    cut,
  });
}

/** The finder serves certificate logs too, and its hint names their setting. */
function withHint(failure: SourceFailure): SourceFailure {
  return failure.code === 'not-found' ? { ...failure, hint: 'Correct sources.approvals.path.' } : failure;
}

async function diagnose(settings: ApprovalSettings, context: SourceContext): Promise<SourceDiagnosis[]> {
  const { answers, failures } = await ask(settings, context);
  const files = Object.keys(answers).length;
  return [
    ...failures.map(({ detail }): SourceDiagnosis => ({ level: 'problem', text: detail })),
    { level: files > 0 ? 'ok' : 'warning', text: `${files} files of approvals can be read` },
  ];
}

export const sourceTypes: readonly SourceType<ApprovalSettings>[] = Object.entries(schemas).map(
  ([type, schema]) => ({
    source: 'approvals',
    type,
    schema,
    ask,
    diagnose,
  }),
);
