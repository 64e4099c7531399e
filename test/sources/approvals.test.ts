import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { approvalFacts } from '../../src/facts/sources/approvals.js';
import { loadInventory } from '../../src/inventory/load.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';

const folder = mkdtempSync(join(tmpdir(), 'approvals-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LINE = `${JSON.stringify({ requester: 'bernd', approver: 'carla', from: '2026-11-20T09:00:00Z', until: '2026-11-20T11:00:00Z' })}\n`;

function inventory(approvals: string): ReturnType<typeof loadInventory> {
  const path = join(folder, 'inventory.yaml');
  return loadInventory(
    {
      path,
      text: `hosts:\n  - name: a\n    allowed_principals: { adm: [adm-full], agt: [], atm: [] }\nsources:\n  approvals: ${approvals}\n`,
    },
    {},
  );
}

function context() {
  return {
    env: {},
    cwd: folder,
    inventoryPath: join(folder, 'inventory.yaml'),
    now: new Date('2026-11-21T02:00:00Z'),
    signal: new AbortController().signal,
  };
}

describe('sources.approvals', () => {
  test('files are kept as they are, gzip too, and read again from what was kept', async () => {
    writeFileSync(join(folder, 'one.jsonl'), LINE);
    writeFileSync(join(folder, 'two.jsonl.gz'), gzipSync(LINE));
    const { sources } = inventory('{ type: jsonl, path: "*.jsonl*" }');
    const [evidence] = await askSources({ sources }, context());
    expect(evidence).toMatchObject({ source: 'approvals', type: 'jsonl', failures: [] });
    expect(Object.keys(evidence?.answers ?? {}).sort()).toEqual(['file/one.jsonl', 'file/two.jsonl.gz']);
    const kept = JSON.parse(JSON.stringify(evidence)) as NonNullable<typeof evidence>;
    expect(approvalFacts(sources, [kept])).toMatchObject({
      ok: true,
      gaps: [],
      value: [{ requester: 'bernd', approvers: ['carla'] }, { requester: 'bernd' }],
    });
  });

  test('a file that is not there is a failure, and no login is called approved or unapproved for it', async () => {
    const { sources } = inventory('{ type: teleport, path: missing.json }');
    const asked = await askSources({ sources }, context());
    expect(asked[0]?.failures).toMatchObject([
      { code: 'not-found', hint: 'Correct sources.approvals.path.' },
    ]);
    expect(approvalFacts(sources, asked)).toMatchObject({ ok: false });
    expect(approvalFacts(sources, [])).toMatchObject({ ok: false, reason: 'not-collected' });
    expect(approvalFacts({}, [])).toMatchObject({ ok: false, reason: 'not-configured' });
    const [diagnosis] = await diagnoseSources({ sources }, context());
    expect(diagnosis?.lines.map(({ level }) => level)).toEqual(['problem', 'warning']);
  });

  test('a mistake in the settings is told at its line', () => {
    expect(() => inventory('{ type: webhook, path: x.json, fields: { requestr: a } }')).toThrow(/requestr/);
    expect(() => inventory('{ type: jira, path: x.json }')).toThrow(/jira|type/);
  });

  test('the ticket pattern must be a regular expression', () => {
    const load = (pattern: string) =>
      loadInventory(
        {
          path: join(folder, 'inventory.yaml'),
          text: `hosts: [{ name: a }]\npolicy: { ticket_pattern: '${pattern}' }\n`,
        },
        {},
      );
    expect(load('[A-Z]+-[0-9]+').policy.ticketPattern).toBe('[A-Z]+-[0-9]+');
    expect(() => load('[A-Z')).toThrow(/regular expression/);
  });
});
