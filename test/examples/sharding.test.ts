/** The examples as they stand: parsed, and their shell lines run by sh with the real command line. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { FleetReport } from '../../src/model.js';
import { builtCli } from '../helpers/built-cli.js';
import { HOSTS, startBench, type Bench } from '../helpers/runs.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string) => readFileSync(join(ROOT, 'examples', name), 'utf8');

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly volumeMounts: readonly { readonly name: string }[];
  readonly securityContext: unknown;
}
interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name?: string; readonly generateName?: string };
  readonly spec: {
    readonly completions?: number;
    readonly parallelism?: number;
    readonly completionMode?: string;
    readonly template?: Pod;
    readonly jobTemplate?: { readonly spec: { readonly template: Pod } };
  };
}
interface Pod {
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes: readonly { readonly name: string }[];
  };
}

function manifests(name: string): Manifest[] {
  return parseAllDocuments(read(name), { strict: true, uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}
function containerOf(manifest: Manifest | undefined): Container {
  const pod = manifest?.spec.template ?? manifest?.spec.jobTemplate?.spec.template;
  const container = pod?.spec.containers[0];
  if (!container) throw new Error('no container');
  return container;
}

describe('sharded examples', () => {
  let bench: Bench;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    bench = await startBench('examples');
    const bin = join(bench.folder, 'bin');
    mkdirSync(bin);
    const program = join(bin, 'ssh-scorecard');
    writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${await builtCli()} "$@"\n`);
    chmodSync(program, 0o755);
    env = {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: bench.folder,
      INVENTORY: bench.inventory,
      SSH_SCORECARD_IDENTITY: bench.fleet.identityFile,
      SSH_SCORECARD_SSH_CONFIG: 'none',
      SSH_SCORECARD_NO_AGENT: 'true',
      SSH_SCORECARD_RETRIES: '0',
    };
  });
  afterAll(() => bench.stop());

  /** @returns the exit code. */
  async function sh(script: string, more: NodeJS.ProcessEnv): Promise<number> {
    try {
      await run('/bin/sh', ['-ec', script], { cwd: bench.folder, env: { ...env, ...more } });
      return 0;
    } catch (error) {
      return (error as { code: number }).code;
    }
  }

  /** The parts make one run of the whole fleet, judged and sealed. */
  async function expectWhole(base: string): Promise<void> {
    const id = readdirSync(join(bench.folder, base)).find((name) => !name.endsWith('.xml')) ?? '';
    const report = JSON.parse(
      readFileSync(join(bench.folder, base, id, 'results.json'), 'utf8'),
    ) as FleetReport;
    expect(report.hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(report.run.partial).toBe(false);
    expect(report.hosts.filter(({ failure }) => failure).map(({ name }) => name)).toEqual([
      'edge-01',
      'legacy-01',
    ]);
    expect((await bench.cli('verify', join(base, id))).code).toBe(0);
  }

  test('a Kubernetes Indexed Job, and the Job that judges', async () => {
    const job = manifests('kubernetes/sharded-job.yaml').find(({ kind }) => kind === 'Job');
    const gather = containerOf(job);
    const { completions, parallelism, completionMode } = job?.spec ?? {};
    const shards = gather.env.find(({ name }) => name === 'SHARDS')?.value;
    expect([completionMode, completions, parallelism, shards]).toEqual(['Indexed', 4, 4, '4']);
    const where = { SHARDS: '4', PARTS: 'k8s-parts', RUNS: 'k8s-runs' };
    const codes = await Promise.all(
      [0, 1, 2, 3].map((index) =>
        sh(gather.args[0] ?? '', { ...where, JOB_COMPLETION_INDEX: String(index) }),
      ),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const [judge] = manifests('kubernetes/judge-job.yaml');
    expect(await sh(containerOf(judge).args[0] ?? '', where)).toBe(1);
    await expectWhole('k8s-runs');
    expect(readdirSync(join(bench.folder, 'k8s-parts'))).toEqual([]);
    expect(readdirSync(join(bench.folder, 'k8s-runs')).some((name) => name.endsWith('.junit.xml'))).toBe(
      true,
    );
  });

  test('a GitHub Actions matrix', async () => {
    interface Workflow {
      readonly jobs: Readonly<
        Record<
          'gather' | 'judge',
          { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }
        >
      >;
    }
    const { jobs } = parse(read('ci/github-actions.yaml'), { strict: true }) as Workflow;
    const step = (job: 'gather' | 'judge', name: string) =>
      jobs[job].steps.find((one) => one.name === name)?.run ?? 'exit 99';
    const where = { PARTS: 'gh-parts', RUNS: 'gh-runs' };
    const codes = await Promise.all(
      [1, 2, 3, 4].map((shard) => sh(step('gather', 'Gather'), { ...where, SHARD: `${shard}/4` })),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(await sh(step('judge', 'Judge'), where)).toBe(1);
    await expectWhole('gh-runs');
    expect(existsSync(join(bench.folder, 'junit.xml'))).toBe(true);
  });

  test('a GitLab parallel matrix', async () => {
    interface Pipeline {
      readonly gather: {
        readonly script: readonly string[];
        readonly parallel: number;
        readonly allow_failure: unknown;
      };
      readonly judge: { readonly script: readonly string[] };
    }
    const { gather, judge } = parse(read('ci/gitlab-ci.yaml'), { strict: true }) as Pipeline;
    const where = { PARTS: 'gl-parts', RUNS: 'gl-runs', CI_NODE_TOTAL: String(gather.parallel) };
    const codes = await Promise.all(
      Array.from({ length: gather.parallel }, (_, index) =>
        sh(gather.script.join('\n'), { ...where, CI_NODE_INDEX: String(index + 1) }),
      ),
    );
    // The pipeline goes on after these, and after no other.
    expect(codes.every((code) => code === 0 || code === 3)).toBe(true);
    expect([codes.includes(3), gather.allow_failure]).toEqual([true, { exit_codes: 3 }]);
    expect(await sh(judge.script.join('\n'), where)).toBe(1);
    await expectWhole('gl-runs');
  });

  test('every manifest names what it mounts, and runs without rights; commands and flags exist', async () => {
    const all = ['sharded-job', 'judge-job', 'queue'].flatMap((name) => manifests(`kubernetes/${name}.yaml`));
    const running = all.filter(({ kind }) => kind !== 'PersistentVolumeClaim');
    expect(running.map(({ kind }) => kind).sort()).toEqual(['CronJob', 'Deployment', 'Job', 'Job']);
    for (const manifest of running) {
      const pod = manifest.spec.template ?? manifest.spec.jobTemplate?.spec.template;
      const container = containerOf(manifest);
      const volumes = pod?.spec.volumes.map(({ name }) => name);
      expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes?.toSorted());
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      const secrets = container.env.filter(({ name }) => /PASSWORD|_KEY$/.test(name));
      expect(secrets.every(({ value, valueFrom }) => value === undefined && valueFrom !== undefined)).toBe(
        true,
      );
      for (const [, command = '', rest = ''] of (container.args[0] ?? '').matchAll(
        /ssh-scorecard (\w+)([^\n]*)/g,
      )) {
        const help = (await bench.cli(command, '--help')).out;
        for (const [flag] of rest.matchAll(/--[a-z-]+/g)) expect(help).toContain(` ${flag}`);
      }
    }
  });
});
