import { afterAll, vi } from 'vitest';
import { awsEnv, fakeAws } from '../../fakes/aws.js';
import { conformance } from '../conformance.js';
import { host, instanceId, transport } from './lab.js';

const atTheEnd = 'Run Command hands out output when the command has ended';

afterAll(() => vi.unstubAllEnvs());

conformance(
  'ssm',
  { need: null, lacks: { 'first-byte timeout': atTheEnd, 'idle timeout': atTheEnd } },
  async () => {
    const aws = await fakeAws({
      nodes: [
        { id: instanceId(1) },
        { id: instanceId(2), ping: 'ConnectionLost' },
        { id: instanceId(3), denied: true },
      ],
      logLines: Infinity,
    });
    for (const [name, value] of Object.entries(awsEnv(aws))) vi.stubEnv(name, value);
    return {
      transport: transport({ logGroup: '/ssh-scorecard/collector' }),
      host: host(1),
      command: 'exec /bin/sh -s',
      unreachable: { host: host(2), codes: ['ssm-agent-offline'] },
      denied: { host: host(3), codes: ['aws-denied'] },
      remains: () => Array.from({ length: aws.running() }, () => 'a script on an instance'),
      stop: () => aws.close(),
    };
  },
);
