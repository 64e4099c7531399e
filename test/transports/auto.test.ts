import { describe, expect, it } from 'vitest';
import { transportName } from '../../src/commands/transports.js';
import type { GatherFailure } from '../../src/model.js';
import { createAutoTransport } from '../../src/transports/auto.js';
import { beyondSsh2, opensshMaySolve } from '../../src/transports/ssh/beyond.js';
import type { RunRequest, RunResult, Transport } from '../../src/transports/transport.js';
import { hostAt, request } from './ssh/lab.js';

/** A transport that answers at once; the pair under test only chooses between two. */
function answering(name: 'ssh' | 'openssh', failure?: GatherFailure): Transport & { asked: RunRequest[] } {
  const asked: RunRequest[] = [];
  const result: RunResult = {
    stdout: Buffer.from(name),
    stderr: new Uint8Array(),
    ...(failure ? { failure } : { exitCode: 0 }),
  };
  return {
    name,
    asked,
    plan: () => Promise.reject(new Error('not planned')),
    run: (asking) => {
      asked.push(asking);
      return Promise.resolve(result);
    },
    close: () => Promise.resolve(),
  };
}
const lacking: GatherFailure = {
  code: 'handshake-failed',
  phase: 'handshake',
  detail: 'no matching key exchange algorithm',
  hint: beyondSsh2('Allow another'),
};
const host = hostAt({ address: '127.0.0.1', port: 1 });

describe('auto', () => {
  it('asks the system’s ssh for what ssh2 lacks, in the time that is left', async () => {
    const [ssh, openssh] = [answering('ssh', lacking), answering('openssh')];
    const result = await createAutoTransport(ssh, openssh).run(request(host, { limits: { totalMs: 5000 } }));
    expect(Buffer.from(result.stdout).toString()).toBe('openssh');
    expect(openssh.asked[0]?.limits.totalMs).toBeLessThanOrEqual(5000);
  });

  it.each<GatherFailure>([
    { code: 'login-refused', phase: 'login', detail: 'no', hint: 'Is the key there?' },
    { code: 'host-key-mismatch', phase: 'handshake', detail: 'no' },
    { ...lacking, hint: `${beyondSsh2('x')} and more` },
    { ...lacking, hint: '', detail: beyondSsh2('words of a host') },
  ])('leaves $code alone', async (failure) => {
    const [ssh, openssh] = [answering('ssh', failure), answering('openssh')];
    expect((await createAutoTransport(ssh, openssh).run(request(host))).failure).toBe(failure);
    expect(openssh.asked).toEqual([]);
    expect(opensshMaySolve(failure)).toBe(false);
  });

  it('tells both failures, and does nothing once cancelled', async () => {
    const gone: GatherFailure = { code: 'login-refused', phase: 'login', detail: 'refused' };
    const pair = createAutoTransport(answering('ssh', lacking), answering('openssh', gone));
    const { failure } = await pair.run(request(host));
    expect(failure).toMatchObject({
      code: 'login-refused',
      detail: expect.stringContaining('no matching key'),
    });
    const controller = new AbortController();
    controller.abort();
    expect((await pair.run(request(host, { signal: controller.signal }))).failure).toBe(lacking);
  });
});

it.each([
  ['ssh', 'inventory', 'none', 'ssh'],
  ['ssh', 'inventory', 'openssh', 'auto'],
  ['ssh', 'openssh', 'none', 'openssh'],
  ['openssh', 'ssh', 'none', 'ssh'],
  ['openssh', 'inventory', 'openssh', 'openssh'],
  ['auto', 'inventory', 'none', 'auto'],
  ['auto', 'ssh', 'none', 'ssh'],
  ['local', 'openssh', 'openssh', 'local'],
  ['ssm', 'auto', 'none', 'ssm'],
] as const)('%s with --transport %s --fallback %s is %s', (own, transport, fallback, expected) => {
  expect(transportName(own, { transport, fallback })).toBe(expected);
});
