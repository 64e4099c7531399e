/** Every source that is asked over HTTP, in every way in which the other side goes wrong. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fleetFacts } from '../../src/facts/sources/index.js';
import type { FleetFacts } from '../../src/facts/types.js';
import type { SourceName } from '../../src/model.js';
import { defaultPolicy } from '../../src/policy.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';
import { serve, type Served, type Trouble } from '../fakes/serve.js';
import { sourceContext } from '../helpers/source-context.js';

const TOKEN = 'a-token-nobody-may-see';
const NOW = new Date('2026-11-21T02:00:00Z');

type Settings = Readonly<Record<string, unknown>>;
interface Kind {
  readonly source: SourceName;
  readonly fact: keyof FleetFacts;
  readonly settings: Settings;
  /** Configured beside it, at the same server. */
  readonly beside?: Readonly<Partial<Record<SourceName, Settings>>>;
}
const siem = (settings: Settings): Kind => ({ source: 'siem', fact: 'siem', settings });
const pipeline = (settings: Settings): Kind => ({ source: 'pipeline', fact: 'pipeline', settings });
const LOKI = { type: 'loki', selector: '{job="sshd"}' };
const KINDS: Readonly<Record<string, Kind>> = {
  vault: { source: 'vault', fact: 'vault', settings: { type: 'vault' } },
  openbao: { source: 'vault', fact: 'vault', settings: { type: 'openbao' } },
  loki: siem(LOKI),
  elasticsearch: siem({ type: 'elasticsearch', index: 'logs' }),
  opensearch: siem({ type: 'opensearch', index: 'logs' }),
  splunk: siem({ type: 'splunk', search: 'index=linux' }),
  cloudwatch: siem({ type: 'cloudwatch', region: 'eu-central-1', log_groups: ['/hosts/auth'] }),
  github: pipeline({ type: 'github', repository: 'ops/hosts', workflow: 'converge.yml' }),
  gitlab: pipeline({ type: 'gitlab', project: 'ops/hosts' }),
  'status-file': pipeline({ type: 'status-file' }),
  'certificates in the SIEM': {
    source: 'certificates',
    fact: 'certificateLog',
    settings: { type: 'siem', selector: '{job="vault"}' },
    beside: { siem: LOKI },
  },
};

const closing: Served[] = [];
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', TOKEN);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of closing.splice(0)) await server.close();
});
async function started(trouble?: Trouble): Promise<Served> {
  const server = await serve(() => ({ body: {} }), trouble);
  closing.push(server);
  return server;
}

/** The credential goes where the settings of each kind take one; AWS has its own way. */
function withPlace(settings: Settings, url: string): Settings {
  const { type } = settings;
  if (type === 'siem') return settings;
  const place = type === 'status-file' ? `${url}/status.json` : url;
  return { ...settings, url: place, ...(type !== 'cloudwatch' && { token_env: 'OWN_TOKEN' }) };
}
function configured({ source, settings, beside = {} }: Kind, url: string) {
  const others = Object.entries(beside).map(([name, one]) => [
    name,
    { timeout: '1s', ...withPlace(one, url) },
  ]);
  return {
    ...(Object.fromEntries(others) as Partial<Record<SourceName, Settings>>),
    [source]: { timeout: '1s', ...withPlace(settings, url) },
  };
}
const context = sourceContext({ now: NOW, env: { OWN_TOKEN: TOKEN } });

const TROUBLES: readonly (readonly [string, Trouble | undefined])[] = [
  ['another system', undefined],
  ['401', 401],
  ['403', 403],
  ['404', 404],
  ['429', 429],
  ['500', 500],
  ['a web page', 'html'],
  ['half an answer', 'truncated'],
  ['an endless answer', 'endless'],
  ['silence', 'silent'],
  ['a byte now and then', 'drip'],
];

describe.each(Object.entries(KINDS))('%s', (_, kind) => {
  test.each(TROUBLES)('%s is a reason, and nothing that could pass', async (_name, trouble) => {
    const { url } = await started(trouble);
    const sources = configured(kind, url);
    const evidence = await askSources({ sources }, context);
    const fact = fleetFacts(sources, evidence, defaultPolicy())[kind.fact];
    const reasons = fact.ok ? fact.gaps : [fact.detail];
    expect(reasons.join('')).not.toBe('');
    if (trouble === 401 || trouble === 403) expect(fact).toMatchObject({ ok: false });
    expect(JSON.stringify(evidence)).not.toContain(TOKEN);
  });

  test('a redirect carries nothing to where it leads', async () => {
    const other = await started();
    const { url } = await started({ redirect: `${other.url}/elsewhere` });
    const sources = configured(kind, url);
    const evidence = await askSources({ sources }, context);
    const fact = fleetFacts(sources, evidence, defaultPolicy())[kind.fact];
    expect((fact.ok ? fact.gaps : [fact.detail]).join('')).not.toBe('');
    await diagnoseSources({ sources }, context);
    expect(other.requests).toEqual([]);
  });

  test('doctor says what is wrong, and ends', async () => {
    for (const trouble of [403, 'html', 'silent'] as const) {
      const { url } = await started(trouble);
      const found = await diagnoseSources({ sources: configured(kind, url) }, context);
      const lines = found.find(({ source }) => source === kind.source)?.lines ?? [];
      expect(lines.map(({ level }) => level)).toContain('problem');
      expect(JSON.stringify(lines)).not.toContain(TOKEN);
    }
  });

  test('without the credential it names, nothing is asked', async () => {
    if (kind.settings['type'] === 'cloudwatch') vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    const { url, requests } = await started();
    const sources = configured(kind, url);
    const bare = sourceContext({ now: NOW, env: {} });
    const evidence = await askSources({ sources }, bare);
    const fact = fleetFacts(sources, evidence, defaultPolicy())[kind.fact];
    expect(fact.ok).toBe(false);
    expect(requests).toEqual([]);
  });
});
