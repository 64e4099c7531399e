import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { auditLogging } from '../../../checks/audit-logging.js';
import { parseAccepted } from '../../../src/facts/login-log.js';
import { fleetFacts } from '../../../src/facts/sources/index.js';
import type { Login } from '../../../src/facts/types.js';
import type { Outcome } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSources, diagnoseSources } from '../../../src/sources/index.js';
import { daemonFacts, ok, sshdCase, sshdFacts } from '../../checks/sshd-cases.js';
import { fakeCloudwatch } from '../../fakes/cloudwatch.js';
import { fakeElasticsearch } from '../../fakes/elasticsearch.js';
import type { StoredLine } from '../../fakes/lines.js';
import { fakeLoki } from '../../fakes/loki.js';
import type { Served } from '../../fakes/serve.js';
import { fakeSplunk } from '../../fakes/splunk.js';
import { expectationsOf } from '../../helpers/keys-host.js';
import { sourceContext } from '../../helpers/source-context.js';

const NOW = new Date('2026-11-21T02:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const SELECTOR = '{job="sshd"}';

const message = (serial: number): string =>
  `Accepted publickey for ops from 10.0.0.9 port ${40_000 + serial} ssh2: ED25519-CERT ${CA} ID adm-bernd (serial ${serial}) CA ED25519 ${CA}`;
const at = (serial: number): number => NOW.getTime() - 5 * HOUR + serial * 1000;

/** The same login as the host’s journal and as the store hold it. */
function onHost(serial: number): Login {
  const login = parseAccepted(message(serial));
  if (login === null) throw new Error('no login');
  return { ...login, at: at(serial), pid: serial, trusted: true };
}
function inStore(serial: number, host = 'web-1'): StoredLine {
  return { at: at(serial), host, line: `sshd[${serial}]: ${message(serial)}` };
}
const noise: StoredLine = { at: NOW.getTime() - HOUR, host: 'web-1', line: 'sshd[9]: Connection closed' };

let server: Served | undefined;
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
});

interface Store {
  readonly start: (lines: readonly StoredLine[]) => Promise<Served>;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The same store, asked for what is not there. */
  readonly astray: Readonly<Record<string, unknown>>;
}
const AWS = { region: 'eu-central-1', log_groups: ['/hosts/auth'] };
const STORES: Readonly<Record<string, Store>> = {
  loki: {
    start: (lines) => fakeLoki(lines, undefined, SELECTOR),
    settings: { selector: SELECTOR },
    astray: { selector: '{job="ssh"}' },
  },
  elasticsearch: {
    start: (lines) => fakeElasticsearch(lines),
    settings: { index: 'logs-*', query: 'sshd' },
    astray: { index: 'logs-*', query: 'nothing like it' },
  },
  opensearch: {
    start: (lines) => fakeElasticsearch(lines),
    settings: { index: 'logs-*', query: 'sshd' },
    astray: { index: 'logs-*', query: 'nothing like it' },
  },
  splunk: {
    start: (lines) => fakeSplunk(lines, { index: 'linux' }),
    settings: { search: 'index=linux' },
    astray: { search: 'index=windows' },
  },
  cloudwatch: { start: (lines) => fakeCloudwatch(lines), settings: AWS, astray: AWS },
};

function sources(type: string, settings: Readonly<Record<string, unknown>>) {
  const credential = type === 'cloudwatch' ? {} : { token_env: 'SIEM_TOKEN' };
  return { siem: { type, url: server?.url, ...credential, ...settings } };
}
const context = sourceContext({ now: NOW, env: { SIEM_TOKEN: 'a-token-nobody-may-see' } });

/** A host on which all the rest is right. */
async function judged(
  type: string,
  logins: readonly Login[],
  settings = STORES[type]?.settings ?? {},
): Promise<Outcome> {
  const configured = sources(type, settings);
  const evidence = await askSources({ sources: configured }, context);
  const forwarder = {
    name: 'rsyslog',
    running: true,
    destinations: ['omfwd tcp siem.example:6514'],
    shipsAuth: true,
    evidence: [],
    problems: [],
  };
  const journald = {
    running: true,
    persistent: true,
    storage: 'persistent',
    forwardsToSyslog: true,
    drops: [],
  };
  return auditLogging.evaluate({
    host: {
      sshd: ok(sshdFacts(sshdCase('loglevel VERBOSE\nsyslogfacility AUTH\nfingerprinthash SHA256\n'))),
      daemons: ok(daemonFacts()),
      logins: ok({
        source: 'journal' as const,
        logins,
        coversFrom: NOW.getTime() - 14 * DAY,
        coversTo: NOW.getTime(),
      }),
      logging: ok({
        journald,
        devLog: '/run/systemd/journal/dev-log',
        syslogDaemons: [],
        forwarders: [forwarder],
      }),
    },
    fleet: { siem: fleetFacts(configured, evidence, defaultPolicy()).siem },
    expected: expectationsOf([CA]),
    policy: defaultPolicy(),
    now: NOW,
  });
}

const subjects = (outcome: Outcome): readonly string[] =>
  outcome.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];

describe.each(Object.entries(STORES))('check 8, from what %s answers', (type, { start, astray }) => {
  const both = [onHost(1), onHost(2)];

  test('the same logins on both sides pass', async () => {
    server = await start([inStore(1), inStore(2), noise]);
    const outcome = await judged(type, both);
    expect(outcome).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('the SIEM holds all 2 of the closed window'),
    });
  });

  test('a login that is not in the store is lost', async () => {
    server = await start([inStore(1), noise]);
    const outcome = await judged(type, both);
    expect(subjects(outcome)).toEqual(['SIEM: logins lost']);
    expect(outcome).toMatchObject({ findings: [{ message: expect.stringContaining('1 of 2') }] });
  });

  test('all of them, when the store holds other lines of the window', async () => {
    server = await start([noise]);
    expect(subjects(await judged(type, both))).toEqual(['SIEM: logins lost']);
  });

  test('a login the journal does not have was wiped or forged', async () => {
    server = await start([inStore(1), inStore(2), inStore(3)]);
    expect(subjects(await judged(type, both))).toEqual(['SIEM: logins the host denies']);
  });

  test('a login under another label is drift; a map of labels mends it', async () => {
    server = await start([inStore(1), inStore(2, 'ip-10-0-4-11')]);
    expect(subjects(await judged(type, both))).toEqual(['SIEM: filed under ip-10-0-4-11']);
    const mapped = { ...STORES[type]?.settings, hosts: { 'ip-10-0-4-11': 'web-1' } };
    expect((await judged(type, both, mapped)).status).toBe('pass');
  });

  test('the same line twice is a note', async () => {
    const again = { ...inStore(2), at: at(2) + 1 };
    server = await start([inStore(1), inStore(2), again]);
    expect(await judged(type, both)).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('more than once')]),
    });
  });

  test('no login at all is no evidence', async () => {
    server = await start([noise]);
    expect(await judged(type, [])).toMatchObject({ status: 'unknown', reason: 'no-evidence' });
  });

  test('a store that shows no line at all has lost nothing: it was asked for the wrong ones', async () => {
    server = await start(type === 'cloudwatch' ? [] : [inStore(1), inStore(2), noise]);
    const outcome = await judged(type, both, astray);
    expect(outcome.status).toBe('unknown');
    expect(JSON.stringify(outcome)).toContain('it shows no line at all of the window');
  });
});

describe.each(Object.entries(STORES))('doctor and %s', (type, { start, settings, astray }) => {
  const lines = async (given = settings): Promise<string> => {
    const [found] = await diagnoseSources({ sources: sources(type, given) }, context);
    return (found?.lines ?? []).map(({ level, text }) => `${level}: ${text}`).join('\n');
  };

  test('it can be read', async () => {
    server = await start([inStore(1), noise]);
    const said = await lines();
    expect(said).toMatch(/^ok: it can be read, and has lines in 2 of the last 24 hours/);
    expect(said).not.toContain('problem');
    expect(said).not.toContain('a-token-nobody-may-see');
  });

  test('it is asked for what is not there', async () => {
    server = await start(type === 'cloudwatch' ? [] : [inStore(1), noise]);
    expect(await lines(astray)).toMatch(/^problem: it can be asked, but shows no line of the last 24 hours/);
  });

  test('nobody is there', async () => {
    server = await start([]);
    await server.close();
    expect(await lines()).toMatch(/^problem: /);
  });
});

describe('what a credential may do, as doctor says it', () => {
  const lines = async (type: string, settings = STORES[type]?.settings ?? {}): Promise<string> => {
    const [found] = await diagnoseSources({ sources: sources(type, settings) }, context);
    return (found?.lines ?? []).map(({ level, text }) => `${level}: ${text}`).join('\n');
  };

  test('Elasticsearch: read only, more than that, nothing, not told', async () => {
    server = await fakeElasticsearch([inStore(1)]);
    expect(await lines('elasticsearch')).not.toMatch(/warning|problem/);
    await server.close();
    server = await fakeElasticsearch([inStore(1)], { privileges: ['read', 'write', 'manage'] });
    expect(await lines('elasticsearch')).toContain(
      'warning: the credential can do more than read: write, manage, cluster manage',
    );
    await server.close();
    server = await fakeElasticsearch([inStore(1)], { privileges: null });
    expect(await lines('elasticsearch')).toContain('warning: what the credential may do is not told');
    await server.close();
    server = await fakeElasticsearch([], { trouble: 403 });
    expect(await lines('elasticsearch')).toMatch(/problem: .*403.*may not read this/);
  });

  test('OpenSearch: roles that may do more are named', async () => {
    server = await fakeElasticsearch([inStore(1)], { privileges: ['logs_reader'] });
    expect(await lines('opensearch')).toContain('warning: OpenSearch tells roles');
    await server.close();
    server = await fakeElasticsearch([inStore(1)], { privileges: ['all_access'] });
    expect(await lines('opensearch')).toContain('can do more than read: role all_access');
  });

  test('Splunk: capabilities beside search', async () => {
    server = await fakeSplunk([inStore(1)], { index: 'linux' });
    expect(await lines('splunk')).not.toMatch(/warning|problem/);
    await server.close();
    server = await fakeSplunk([inStore(1)], {
      index: 'linux',
      capabilities: ['search', 'delete_by_keyword'],
    });
    expect(await lines('splunk')).toContain(
      'warning: the credential can do more than search: delete_by_keyword',
    );
    await server.close();
    server = await fakeSplunk([], { trouble: 401 });
    expect(await lines('splunk')).toMatch(/problem: .*401.*missing, wrong or expired/);
  });

  test('Loki and CloudWatch do not tell, and refuse whom they do not know', async () => {
    server = await fakeLoki([inStore(1)]);
    expect(await lines('loki')).toContain('warning: Loki itself has no read-only credentials');
    await server.close();
    server = await fakeLoki([], 401);
    expect(await lines('loki')).toMatch(/^problem: .*401/);
    await server.close();
    server = await fakeCloudwatch([inStore(1)]);
    expect(await lines('cloudwatch')).toContain('warning: AWS does not tell what a credential may do');
    await server.close();
    server = await fakeCloudwatch([], 'AccessDeniedException');
    expect(await lines('cloudwatch')).toMatch(/^problem: .*AccessDeniedException/);
    await server.close();
    server = await fakeCloudwatch([], 'ResourceNotFoundException');
    expect(await lines('cloudwatch')).toMatch(/^problem: .*ResourceNotFoundException/);
  });
});

describe('how the field of the message is indexed', () => {
  test.each([[['text']], [['keyword']], [['text', 'keyword']]])('%j', async (types) => {
    server = await fakeElasticsearch([inStore(1)], { types });
    expect((await judged('elasticsearch', [onHost(1)])).status).toBe('pass');
  });

  test('a field that cannot be searched, an index that is not there: unknown, never a loss', async () => {
    for (const given of [{ searchable: false }, { types: [] }]) {
      server = await fakeElasticsearch([inStore(1)], given);
      const outcome = await judged('elasticsearch', [onHost(1)]);
      expect(outcome.status).toBe('unknown');
      expect(JSON.stringify(outcome)).toContain('logs-* has no field message that can be searched');
      await server.close();
    }
  });
});
