import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { builtCli } from '../helpers/built-cli.js';
import { runMain } from '../helpers/io.js';
import { needs, title } from '../helpers/needs.js';
import { HOSTS, runsIn, startBench, startGate, type Bench, type Gate } from '../helpers/runs.js';
import { makeKey, startAgent } from '../helpers/sshd.js';

interface Saved {
  readonly state: string;
  readonly clock: string;
  readonly hosts: readonly string[];
  readonly counts?: unknown;
  readonly judged?: { readonly id: string };
  readonly run: FleetReport['run'];
}
function recordOf(run: string): Saved {
  return JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as Saved;
}
function evidenceIn(run: string): string[] {
  return readdirSync(join(run, 'evidence')).map((name) => name.replace('.json.gz', ''));
}
function portOf(inventory: string, host: string): number {
  return Number(new RegExp(`name: ${host}\\n.*\\n    port: (\\d+)`).exec(inventory)?.[1]);
}

describe('the folder of a run', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench('run');
  });
  afterAll(() => bench.stop());
  const run = (base: string, ...more: readonly string[]) =>
    bench.cli('run', bench.inventory, ...bench.reach, '-q', '--evidence', base, ...json(more), ...more);
  const json = (more: readonly string[]) => (more.includes('-f') ? [] : ['-f', 'json']);
  const last = (base: string) =>
    runsIn(join(bench.folder, base))
      .toSorted((a, b) => (recordOf(a).run.startedAt < recordOf(b).run.startedAt ? -1 : 1))
      .at(-1) ?? '';

  test('holds everything, private to its owner, and the record says what was asked', async () => {
    const { out } = await run('whole', '--now', bench.fleet.now);
    const folder = last('whole');
    expect(readdirSync(folder).sort()).toEqual([
      'MANIFEST.sha256',
      'evidence',
      'inventory.yaml',
      ...(existsSync(join(folder, 'report.html')) ? ['report.html'] : []),
      'results.json',
      'run.json',
      'sources',
      'standing.json.gz',
    ]);
    for (const path of readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))))
      expect([path, statSync(path).mode & 0o777]).toEqual([path, statSync(path).isFile() ? 0o600 : 0o700]);
    expect(evidenceIn(folder).sort()).toEqual(HOSTS);
    expect(readFileSync(join(folder, 'results.json'), 'utf8')).toBe(out);
    const report = JSON.parse(out) as FleetReport;
    expect(recordOf(folder)).toMatchObject({
      state: 'finished',
      clock: 'given',
      hosts: HOSTS,
      counts: { evidence: 10, complete: 8, missing: 0 },
      run: report.run,
      judged: { id: report.run.id, verdict: 'open', partial: false },
    });
  });

  test('what an audit of it prints is what the run printed, byte for byte, in every format', async () => {
    for (const format of ['json', 'junit', 'table']) {
      const printed = await run('bytes', '-f', format);
      const again = await bench.cli('audit', last('bytes'), '-q', '-f', format);
      expect(again.code).toBe(printed.code);
      expect(again.out).toBe(printed.out);
    }
    expect((JSON.parse((await run('bytes')).out) as FleetReport).history).toHaveLength(4);
  });

  test('each follows the newest complete one, and is compared with the newest like it', async () => {
    await run('chain');
    const first = last('chain');
    await run('chain', '--host', 'web*');
    const part = last('chain');
    const { out } = await run('chain');
    const report = JSON.parse(out) as FleetReport;
    expect(recordOf(part).run.previous?.id).toBe(basename(first));
    expect(report.run.previous?.id).toBe(basename(part));
    expect(report.changes?.from.id).toBe(basename(first));
    expect(report.history.map(({ id }) => id)).toEqual([basename(first), report.run.id]);
    expect(existsSync(join(last('chain'), 'baseline.json.gz'))).toBe(true);
    const alone = JSON.parse((await run('chain', '--baseline', 'none')).out) as FleetReport;
    expect(alone.changes).toBeUndefined();
    const named = JSON.parse((await run('chain', '--baseline', first)).out) as FleetReport;
    expect(named.changes?.from.id).toBe(basename(first));
  });

  test('keeps the policy it was judged with', async () => {
    const policy = join(bench.folder, 'policy.yaml');
    writeFileSync(policy, 'waiver_max_days: 30\n');
    const { out } = await run('policy', '--policy', policy);
    const folder = last('policy');
    expect(readFileSync(join(folder, 'policy.yaml'), 'utf8')).toBe('waiver_max_days: 30\n');
    expect((JSON.parse(out) as FleetReport).run.policySha256).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(policy, 'waiver_max_days: 60\n');
    expect((await bench.cli('audit', folder, '-q', '-f', 'json')).out).toBe(out);
  });

  test('says the commit of an inventory that is in Git', async () => {
    const { out } = await run('git');
    expect((JSON.parse(out) as FleetReport).run.inventory.commit).toBeUndefined();
    const git = (...args: string[]) =>
      new Promise((resolve) => {
        spawn('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
          cwd: bench.folder,
          stdio: 'ignore',
        }).on('close', resolve);
      });
    await git('init', '-q');
    await git('add', 'inventory.yaml');
    await git('commit', '-q', '-m', 'inventory');
    const clean = JSON.parse((await run('git')).out) as FleetReport;
    expect(clean.run.inventory.commit).toMatch(/^[0-9a-f]{40}$/);
    writeFileSync(bench.inventory, `${readFileSync(bench.inventory, 'utf8')}# changed\n`);
    const changed = JSON.parse((await run('git')).out) as FleetReport;
    expect(changed.run.inventory.commit).toBe(`${clean.run.inventory.commit}+`);
  });

  test('a base that cannot be written stops the run before any host is asked', async () => {
    writeFileSync(join(bench.folder, 'a-file'), '');
    const { code, err, out } = await run('a-file');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('cannot write the run folder');
  });

  describe.skipIf(needs.sshKeygen ?? needs.sshAgent)(
    title('--sign', needs.sshKeygen ?? needs.sshAgent),
    () => {
      test('with a key file, and with a public key whose private half is in the agent', async () => {
        const key = await makeKey(join(bench.folder, 'sign-key'));
        await run('signed', '--host', 'web-01', '--sign', key);
        const signature = join(last('signed'), 'MANIFEST.sha256.sig');
        expect(readFileSync(signature, 'utf8')).toContain('BEGIN SSH SIGNATURE');
        expect(statSync(signature).mode & 0o777).toBe(0o600);
        const agent = await startAgent(bench.folder);
        try {
          await agent.add(key);
          writeFileSync(join(bench.folder, 'public'), readFileSync(`${key}.pub`));
          const argv = ['run', bench.inventory, ...bench.reach, '-q', '--evidence', 'by-agent'];
          const { err } = await runMain([...argv, '--host', 'web-01', '--sign', 'public'], {
            cwd: bench.folder,
            env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: agent.socket },
          });
          expect(err).not.toContain('ssh-keygen');
          expect(existsSync(join(last('by-agent'), 'MANIFEST.sha256.sig'))).toBe(true);
        } finally {
          agent.stop();
        }
      });

      test('what ssh-keygen refuses is told; the report is printed and the run kept, unsigned', async () => {
        writeFileSync(join(bench.folder, 'no-key'), 'hello\n');
        chmodSync(join(bench.folder, 'no-key'), 0o600);
        const { code, out, err } = await run('unsigned', '--host', 'web-01', '--sign', 'no-key');
        expect(code).toBe(2);
        expect(err).toMatch(/ssh-keygen did not sign .*: .+\n {2}hint: the run is kept, unsigned/);
        expect((JSON.parse(out) as FleetReport).hosts).toHaveLength(1);
        expect(readdirSync(last('unsigned'))).toContain('MANIFEST.sha256');
        expect(readdirSync(last('unsigned'))).not.toContain('MANIFEST.sha256.sig');
      });

      test('a key that is not there, or no folder to sign, ends it before any host is asked', async () => {
        const missing = await run('never', '--sign', 'no-such-key');
        expect([missing.code, missing.out, existsSync(join(bench.folder, 'never'))]).toEqual([2, '', false]);
        const key = await makeKey(join(bench.folder, 'unused-key'));
        const { code, err } = await bench.cli('run', bench.inventory, ...bench.reach, '--sign', key);
        expect(code).toBe(2);
        expect(err).toContain('keep one with --evidence DIR');
      });
    },
  );
});

describe('a run that was cut short', () => {
  let bench: Bench;
  let gate: Gate;
  /** The port web-02 really listens on; the inventory names the gate's. */
  let behind = 0;
  beforeAll(async () => {
    gate = await startGate();
    bench = await startBench('cut', (text) => {
      behind = portOf(text, 'web-02');
      return text.replace(`port: ${behind}`, `port: ${gate.port}`);
    });
  });
  afterAll(async () => {
    await bench.stop();
    await gate.close();
  });
  const base = () => join(bench.folder, 'runs');
  const argv = () => ['run', bench.inventory, ...bench.reach, '-q', '--evidence', base(), '-f', 'json'];
  const gathered = async () => {
    for (let tries = 0; tries < 400; tries += 1) {
      const [run] = existsSync(base()) ? runsIn(base()) : [];
      if (run !== undefined && evidenceIn(run).filter((name) => HOSTS.includes(name)).length === 9)
        return run;
      await sleep(50);
    }
    throw new Error('nine hosts were not gathered in time');
  };

  test('killed: it can be judged, resumed to the end, and is then like any other', async () => {
    const child = spawn(process.execPath, [await builtCli(), ...argv()], {
      env: { PATH: process.env['PATH'], HOME: bench.folder },
      stdio: 'ignore',
    });
    const folder = await gathered();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(recordOf(folder)).toMatchObject({ state: 'running', hosts: HOSTS, run: { partial: true } });
    expect(existsSync(join(folder, 'MANIFEST.sha256'))).toBe(false);

    const early = await bench.cli('audit', folder, '-q', '-f', 'json');
    const partial = JSON.parse(early.out) as FleetReport;
    expect(partial.hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(partial.hosts.find(({ name }) => name === 'web-02')?.failure?.detail).toContain('not gathered');
    expect(partial.run.partial).toBe(true);
    expect((await bench.cli('verify', folder)).code).toBe(3);
    const saving = await bench.cli('audit', folder, '--save');
    expect([saving.code, saving.err.includes('is not finished')]).toEqual([2, true]);

    const untouched = readFileSync(join(folder, 'evidence', 'web-01.json.gz'));
    gate.open(behind);
    const { code, out } = await bench.cli('run', '--resume', folder, ...bench.reach, '-q', '-f', 'json');
    const whole = JSON.parse(out) as FleetReport;
    expect(code).toBe(1);
    expect(whole.hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(whole.hosts.find(({ name }) => name === 'web-02')?.failure).toBeUndefined();
    expect(whole.run).toMatchObject({ id: basename(folder), partial: false });
    // Only what was missing was asked again: edge-01 and legacy-01, which gave nothing, and web-02.
    expect(readFileSync(join(folder, 'evidence', 'web-01.json.gz'))).toEqual(untouched);
    expect((await bench.cli('verify', folder)).code).toBe(0);
    expect((await bench.cli('audit', folder, '-q', '-f', 'json')).out).toBe(out);
  });

  test('a complete run is not resumed, and a resumed one takes nothing new', async () => {
    const [folder = ''] = runsIn(base());
    const complete = await bench.cli('run', '--resume', folder);
    expect([complete.code, complete.err.includes('is complete: every host was asked')]).toEqual([2, true]);
    for (const [more, message] of [
      [['--host', 'web*'], 'leave out --host'],
      [['--policy', 'p.yaml'], 'leave out --policy'],
      [['--now', '2026-11-21T02:00:00Z'], 'leave out --now'],
      [[bench.inventory], 'leave out the argument'],
    ] as const) {
      const { code, err } = await bench.cli('run', '--resume', folder, ...more);
      expect([code, err.includes(message)]).toEqual([2, true]);
    }
  });

  test('interrupted: finished hosts are kept and sealed, and no later run follows it', async () => {
    const silent = await startGate();
    const inventory = join(bench.folder, 'silent.yaml');
    writeFileSync(
      inventory,
      readFileSync(bench.inventory, 'utf8').replace(`port: ${gate.port}`, `port: ${silent.port}`),
    );
    const interrupted = join(bench.folder, 'interrupted');
    const again = ['run', inventory, ...bench.reach, '--evidence', interrupted, '-f', 'json', '-q'];
    const { code, out } = await runMain(again, {
      cwd: bench.folder,
      env: { PATH: process.env['PATH'] },
      onInterrupt: (handler) => {
        const timer = setInterval(() => {
          const [run] = existsSync(interrupted) ? runsIn(interrupted) : [];
          if (run !== undefined && evidenceIn(run).filter((name) => HOSTS.includes(name)).length === 9)
            handler(130);
        }, 50);
        return () => clearInterval(timer);
      },
    });
    const [folder = ''] = runsIn(interrupted);
    expect(code).toBe(130);
    expect((JSON.parse(out) as FleetReport).run.partial).toBe(true);
    const verified = await bench.cli('verify', folder);
    expect([verified.code, verified.out.includes('the run was interrupted')]).toEqual([0, true]);
    expect((await bench.cli('audit', folder, '-q', '-f', 'json')).out).toBe(out);

    const next = await bench.cli(
      'run',
      bench.inventory,
      ...bench.reach,
      '--evidence',
      interrupted,
      '-q',
      '-f',
      'json',
    );
    expect((JSON.parse(next.out) as FleetReport).run.previous).toBeUndefined();
    await silent.close();
  });
});
