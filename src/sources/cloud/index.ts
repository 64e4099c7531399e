/**
 * `sources.cloud`: which AWS credentials this run has, from its environment and the files of the AWS CLI. Secrets and
 * whole key IDs are dropped here, before anything is kept. Source: AWS SDKs and Tools reference guide, "Shared config and
 * credentials files"; `aws configure export-credentials` (AWS_CREDENTIAL_EXPIRATION).
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceFailure } from '../../model.js';
import { answerOf } from '../recorder.js';
import { cloudSettings, type CloudSettings } from '../settings/cloud.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';
import { readProfiles, shortId, type CloudEntry } from './profiles.js';

const MOST_BYTES = 1024 * 1024;

async function ask(_settings: CloudSettings, { env, now }: SourceContext): Promise<Asked> {
  const failures: SourceFailure[] = [];
  const entries: CloudEntry[] = fromEnvironment(env);
  for (const [variable, name] of [
    ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
    ['AWS_CONFIG_FILE', 'config'],
  ] as const) {
    const named = env[variable];
    const home = env['HOME'] ?? env['USERPROFILE'];
    if (!named && !home) {
      failures.push({
        code: 'not-found',
        detail: `neither ${variable} nor HOME is set: ~/.aws/${name} was not read`,
      });
      continue;
    }
    const path = named || join(home ?? '', '.aws', name);
    const shown = named ? path : `~/.aws/${name}`;
    try {
      entries.push(...readProfiles(await textOf(path), shown));
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      // Its own words may hold what stands in the file.
      const why = typeof code === 'string' ? code : 'it is too large, or no plain file';
      failures.push({
        code: code === 'EACCES' ? 'denied' : 'not-found',
        detail: `cannot read ${shown}: ${why}`,
      });
    }
  }
  const bytes = Buffer.from(`${JSON.stringify({ entries }, null, 2)}\n`);
  const asked = 'read the environment and the files of the AWS CLI';
  return { answers: { aws: answerOf({ asked, at: now, status: 200, bytes }) }, failures };
}

function fromEnvironment(env: NodeJS.ProcessEnv): CloudEntry[] {
  const id = env['AWS_ACCESS_KEY_ID'];
  if (!id) return [];
  const expires = env['AWS_CREDENTIAL_EXPIRATION'] || env['AWS_SESSION_EXPIRATION'];
  return [{ from: 'the environment', key: shortId(id), ...(expires && { expires: expires.slice(0, 40) }) }];
}

async function textOf(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > MOST_BYTES) throw new Error('unusable');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function diagnose(settings: CloudSettings, context: SourceContext): Promise<SourceDiagnosis[]> {
  const { answers, failures } = await ask(settings, context);
  const { entries } = JSON.parse(answers['aws']?.body ?? '{"entries":[]}') as {
    readonly entries: readonly CloudEntry[];
  };
  const keys = entries.flatMap(({ key, from }) => (key?.startsWith('AKIA') ? [`${key} in ${from}`] : []));
  return [
    ...failures.map(({ detail }): SourceDiagnosis => ({ level: 'problem', text: detail })),
    ...keys.map((text): SourceDiagnosis => ({ level: 'warning', text: `${text} never expires` })),
    { level: 'ok', text: `${entries.length} AWS credentials and profiles were looked at` },
  ];
}

export const sourceTypes = [
  { source: 'cloud', type: 'aws', schema: cloudSettings, ask, diagnose } satisfies SourceType<CloudSettings>,
];
