import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fleetFacts } from '../../src/facts/sources/index.js';
import { loadInventory } from '../../src/inventory/load.js';
import { defaultPolicy } from '../../src/policy.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';
import { sourceContext } from '../helpers/source-context.js';

const folder = mkdtempSync(join(tmpdir(), 'people-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inventoryPath = join(folder, 'inventory.yaml');

function sourcesOf(text: string) {
  const hosts = 'hosts:\n  - name: a\n    allowed_principals: { adm: [adm-full], agt: [], atm: [] }\n';
  return loadInventory({ path: inventoryPath, text: `${hosts}sources:\n  ${text}\n` }, {}).sources;
}
async function ask(text: string, env: NodeJS.ProcessEnv = {}) {
  const sources = sourcesOf(text);
  const context = sourceContext({ cwd: folder, inventoryPath, env });
  const evidence = await askSources({ sources }, context);
  // As it is after a run was saved.
  const kept = JSON.parse(JSON.stringify(evidence)) as typeof evidence;
  return {
    kept,
    facts: fleetFacts(sources, kept, defaultPolicy()),
    lines: () => diagnoseSources({ sources }, context),
  };
}

describe('sources.people', () => {
  test('the file is kept as it is, and read again from what was kept', async () => {
    writeFileSync(join(folder, 'people.csv'), 'identity,left\nadm-bernd,2026-10-31\n');
    const { facts, lines } = await ask('people: { type: csv, path: people.csv }');
    expect(facts.people).toMatchObject({
      ok: true,
      gaps: [],
      value: [{ names: ['adm-bernd'], from: 'people.csv:2' }],
    });
    expect((await lines())[0]?.lines).toEqual([{ level: 'ok', text: '1 people, 1 with an end' }]);
  });

  test('a mistake shows at its place before a run too', async () => {
    writeFileSync(join(folder, 'people.yaml'), '- identity: a\n  left: soon\n');
    const { facts, lines } = await ask('people: { type: yaml, path: people.yaml }');
    expect(facts.people.ok && facts.people.gaps[0]).toMatch(/^people.yaml:2:3: left: /);
    expect((await lines())[0]?.lines[0]).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(/^people.yaml:2:3/) as string,
    });
  });

  test('nothing there, a folder, or nothing configured', async () => {
    mkdirSync(join(folder, 'folder'));
    expect((await ask('people: { type: csv, path: gone.csv }')).facts.people).toMatchObject({
      ok: false,
      reason: 'failed',
    });
    expect((await ask('people: { type: csv, path: folder }')).facts.people).toMatchObject({ ok: false });
    expect((await ask('cloud: { type: aws }')).facts.people).toMatchObject({
      ok: false,
      reason: 'not-configured',
    });
    expect(() => sourcesOf('people: { type: xlsx, path: people.xlsx }')).toThrow(/people/);
  });
});

describe('sources.cloud', () => {
  const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzK3Y';

  test('the environment and the files of the AWS CLI, without anything secret', async () => {
    mkdirSync(join(folder, '.aws'), { recursive: true });
    writeFileSync(
      join(folder, '.aws/credentials'),
      `[default]\naws_access_key_id = AKIAQ4EXAMPLZ7ABWXYZ\naws_secret_access_key = ${SECRET}\n\n[saml]\naws_access_key_id=ASIAQ4EXAMPLZ7ABAAAA\naws_session_token=${SECRET}\nx_security_token_expires = 2026-11-21T18:00:00Z\n[odd]\naws_access_key_id = ${SECRET}\n`,
    );
    writeFileSync(
      join(folder, '.aws/config'),
      '[profile ops]\nrole_arn = arn:aws:iam::1:role/ops\nduration_seconds = 43200\n',
    );
    const env = { HOME: folder, AWS_ACCESS_KEY_ID: 'AKIAENVENVENVENVENVE', AWS_SECRET_ACCESS_KEY: SECRET };
    const { kept, facts, lines } = await ask('cloud: { type: aws }', env);
    expect(facts.cloud).toEqual({
      ok: true,
      gaps: [],
      value: {
        keys: [
          { id: 'AKIA…ENVE', from: 'the environment', longLived: true, expires: null },
          { id: 'AKIA…WXYZ', from: '~/.aws/credentials:2 [default]', longLived: true, expires: null },
          {
            id: 'ASIA…AAAA',
            from: '~/.aws/credentials:6 [saml]',
            longLived: false,
            expires: Date.parse('2026-11-21T18:00:00Z'),
          },
          { id: '(no key ID)', from: '~/.aws/credentials:10 [odd]', longLived: false, expires: null },
        ],
        sessions: [{ from: '~/.aws/config:3 [ops]', seconds: 43_200 }],
      },
    });
    expect(JSON.stringify(kept)).not.toMatch(/wJalr|Q4EXAMPLZ7|ENVENVENV/);
    expect((await lines())[0]?.lines[0]).toEqual({
      level: 'warning',
      text: 'AKIA…ENVE in the environment never expires',
    });
  });

  test('named files, a file that cannot be read, and a run without a home', async () => {
    writeFileSync(join(folder, 'other'), '[x]\naws_access_key_id = AKIAQ4EXAMPLZ7ABWXYZ\n');
    const named = await ask('cloud: { type: aws }', {
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'other'),
      AWS_CONFIG_FILE: folder,
    });
    expect(named.facts.cloud).toMatchObject({
      ok: true,
      gaps: [expect.stringContaining('cannot read')],
      value: { keys: [{ id: 'AKIA…WXYZ' }] },
    });
    const homeless = await ask('cloud: { type: aws }');
    expect(homeless.facts.cloud.ok && homeless.facts.cloud.gaps).toHaveLength(2);
    const empty = await ask('cloud: { type: aws }', { HOME: join(folder, 'folder') });
    expect(empty.facts.cloud).toEqual({ ok: true, gaps: [], value: { keys: [], sessions: [] } });
  });
});
