/** What never ends: hosts that keep talking, shut doors that open later, sources that stay silent until the deadline. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { SourceEvidence } from '../../src/model.js';
import { startFaultFleet, verdictOf, type ReportLike } from './fleet.js';
import { SLOW_FAULTS } from './plays.js';

const nameOf = (index: number): string => `slow-${index}`;

describe('hosts that keep talking', () => {
  test('are ended by the limits of their phases, whatever they say', async () => {
    const fleet = await startFaultFleet([
      { name: 'sound', play: { kind: 'sound' } },
      ...SLOW_FAULTS.map(({ play }, index) => ({ name: nameOf(index), play })),
    ]);
    const { out } = await fleet.cli(
      'run',
      fleet.inventory,
      ...fleet.flags,
      '--retries=0',
      '--timeout=8s',
      '-q',
      '-f',
      'json',
    );
    await fleet.stop();
    const report = JSON.parse(out) as ReportLike;
    const told = report.hosts.map(({ name, failure }) => [name, failure?.code, failure?.phase]);
    expect(told).toEqual([
      ...SLOW_FAULTS.map(({ code, phase }, index) => [nameOf(index), code, phase]),
      ['sound', undefined, undefined],
    ]);
    for (const [index] of SLOW_FAULTS.entries())
      expect(Object.values(verdictOf(report, nameOf(index)))).not.toContain('pass');
  });
});

describe('PerSourcePenalties of sshd 9.8', () => {
  test('is not knocked on again, which would prolong it; the next run finds the door open', async () => {
    const fleet = await startFaultFleet([
      // sshd.c, drop_connection(): this line, and the end of the connection.
      { name: 'penalty', play: { kind: 'says', text: 'Not allowed at this time\r\n', times: 1 } },
      { name: 'sound', play: { kind: 'sound' } },
    ]);
    const argv = ['run', fleet.inventory, ...fleet.flags, '--retries=3', '-q', '-f', 'json'];
    const failures = async () => {
      const { out } = await fleet.cli(...argv);
      return (JSON.parse(out) as ReportLike).hosts.map(({ name, failure }) => [name, failure?.code]);
    };
    const first = await failures();
    const knocked = fleet.hosts.get('penalty')?.connections();
    const second = await failures();
    await fleet.stop();
    expect([first, knocked]).toEqual([
      [
        ['penalty', 'closed-before-login'],
        ['sound', undefined],
      ],
      1,
    ]);
    expect(second).toEqual([
      ['penalty', undefined],
      ['sound', undefined],
    ]);
  });
});

describe('--deadline', () => {
  test('ends the waiting for sources, too: what they did not say is unknown, and hosts are judged', async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const at = silent.address();
    const port = typeof at === 'object' && at ? at.port : 0;
    const fleet = await startFaultFleet([{ name: 'sound', play: { kind: 'sound' } }]);
    writeFileSync(
      fleet.inventory,
      `${readFileSync(fleet.inventory, 'utf8')}sources:\n  vault: { type: vault, url: "http://127.0.0.1:${port}", token_file: token }\n`,
    );
    writeFileSync(join(fleet.folder, 'token'), 'hvs.not-a-token\n', { mode: 0o600 });
    const argv = ['run', fleet.inventory, ...fleet.flags, '--deadline=3s', '-q', '-f', 'json'];
    const { out, err } = await fleet.cli(...argv, '--evidence', 'runs');
    for (const socket of open) socket.destroy();
    silent.close();
    if (out === '') throw new Error(err);
    const { hosts } = JSON.parse(out) as ReportLike;
    expect(hosts.map(({ failure }) => failure)).toEqual([undefined]);
    const [run = ''] = readdirSync(join(fleet.folder, 'runs'));
    const packed = readFileSync(join(fleet.folder, 'runs', run, 'sources', 'vault.json.gz'));
    const { failures } = JSON.parse(gunzipSync(packed).toString()) as SourceEvidence;
    await fleet.stop();
    expect(open.size).toBeGreaterThan(0);
    expect(failures).toMatchObject([{ code: 'timeout' }]);
  });
});
