import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readPipeline } from '../../../src/facts/sources/pipeline/index.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSource, diagnoseSource } from '../../../src/sources/run.js';
import { fakeGithub, type GithubRun } from '../../fakes/github.js';
import { fakeGitlab, type GitlabPipeline } from '../../fakes/gitlab.js';
import type { Served } from '../../fakes/serve.js';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const HOUR = 3_600_000;
const TOKEN = 'a-token-nobody-may-see';
const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

let server: Served | undefined;
const folders: string[] = [];
afterEach(async () => {
  await server?.close();
  server = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const context = () => ({
  env: { CI_TOKEN: TOKEN },
  cwd: '/',
  inventoryPath: '/inventory.yaml',
  now: new Date(NOW),
  signal: new AbortController().signal,
});
const read = async (settings: Record<string, unknown>) => {
  const evidence = await askSource('pipeline', { timeout: '5s', ...settings }, context());
  expect(JSON.stringify(evidence)).not.toContain(TOKEN);
  return readPipeline(evidence, defaultPolicy());
};
const github = () => ({
  type: 'github',
  url: server?.url,
  token_env: 'CI_TOKEN',
  repository: 'ops/hosts',
  workflow: 'converge.yml',
});
const gitlab = () => ({ type: 'gitlab', url: server?.url, token_env: 'CI_TOKEN', project: 'ops/hosts' });

const githubRuns = (count: number): GithubRun[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    event: 'schedule',
    status: index === 0 ? 'in_progress' : 'completed',
    conclusion: index === 0 ? null : 'success',
    created_at: iso(NOW - index * 600_000),
    updated_at: iso(NOW - index * 600_000 + 60_000),
  }));
const gitlabRuns = (count: number): GitlabPipeline[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    status: index === 1 ? 'failed' : 'success',
    source: 'schedule',
    created_at: iso(NOW - index * 600_000),
    updated_at: iso(NOW - index * 600_000 + 60_000),
  }));

describe('github', () => {
  test('all pages, newest first, a running run as such', async () => {
    server = await fakeGithub(githubRuns(250));
    const reading = await read(github());
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: { pipeline: 'github ops/hosts converge.yml', coversFrom: NOW - 48 * HOUR },
    });
    expect(reading.ok && reading.value.runs).toHaveLength(250);
    expect(reading.ok && reading.value.runs.slice(0, 2)).toMatchObject([
      { result: 'running', finishedAt: null, startedAt: NOW },
      { result: 'success', trigger: 'schedule' },
    ]);
    expect(server.requests[1]?.url.searchParams.get('branch')).toBe('main');
  });

  test('a used-up quota is throttling, not a refusal', async () => {
    server = await fakeGithub([], { quotaUsed: true });
    expect(await read(github())).toMatchObject({
      ok: false,
      reason: 'failed',
      detail: expect.stringContaining('quota'),
    });
  });

  test.each([401, 403, 404, 429, 500, 'html', 'truncated', 'endless'] as const)(
    '%s gives no facts',
    async (trouble) => {
      server = await fakeGithub([], { trouble });
      expect((await read(github())).ok).toBe(false);
    },
  );

  test('a token that can do more is warned about', async () => {
    server = await fakeGithub([], { scopes: 'repo, workflow' });
    expect(await diagnoseSource('pipeline', github(), context())).toContainEqual({
      level: 'warning',
      text: expect.stringContaining('repo, workflow'),
    });
    await server.close();
    server = await fakeGithub([]);
    expect((await diagnoseSource('pipeline', github(), context())).map(({ level }) => level)).toEqual(['ok']);
  });
});

describe('gitlab', () => {
  test('all pages, by their states', async () => {
    server = await fakeGitlab(gitlabRuns(130));
    const reading = await read(gitlab());
    expect(reading).toMatchObject({ ok: true, gaps: [], value: { pipeline: 'gitlab ops/hosts' } });
    expect(reading.ok && reading.value.runs).toHaveLength(130);
    expect(reading.ok && reading.value.runs[1]?.result).toBe('failure');
    expect(server.requests[0]?.headers['private-token']).toBe(TOKEN);
  });

  test('a schedule that was switched off is a gap', async () => {
    server = await fakeGitlab(gitlabRuns(3), { active: false });
    const reading = await read(gitlab());
    expect(reading.ok && reading.gaps.join()).toContain('no pipeline schedule');
  });

  test('scopes that write are warned about', async () => {
    server = await fakeGitlab([], { scopes: ['api'] });
    expect(await diagnoseSource('pipeline', gitlab(), context())).toContainEqual({
      level: 'warning',
      text: expect.stringContaining('scopes api'),
    });
  });
});

describe('status-file', () => {
  const file = (text: string): Record<string, unknown> => {
    const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
    folders.push(folder);
    writeFileSync(join(folder, 'status.json'), text);
    return { type: 'status-file', file: join(folder, 'status.json') };
  };

  test('its documented shape', async () => {
    const run = {
      started_at: iso(NOW - HOUR),
      finished_at: iso(NOW),
      result: 'success',
      trigger: 'schedule',
      url: '',
    };
    const text = JSON.stringify({ pipeline: 'converge', covers_from: iso(NOW - 48 * HOUR), runs: [run] });
    expect(await read(file(text))).toMatchObject({
      ok: true,
      gaps: [],
      value: { pipeline: 'converge', runs: [{ startedAt: NOW - HOUR, result: 'success' }] },
    });
  });

  test('without coverage it proves nothing', async () => {
    const reading = await read(file('{"runs": [{"started_at": "yesterday"}]}'));
    expect(reading.ok && reading.gaps).toHaveLength(2);
  });

  test.each(['', '[]', '{"runs": 1}', '{'])('%j gives no facts', async (text) => {
    expect((await read(file(text))).ok).toBe(false);
  });

  test('a file that is not there', async () => {
    expect(await read({ type: 'status-file', file: '/nowhere/status.json' })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('/nowhere'),
    });
  });
});
