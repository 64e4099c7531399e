import { describe, expect, test } from 'vitest';
import { collect, collectNeeds, probesNamed } from '../helpers/collect.js';
import { title } from '../helpers/needs.js';

const need = collectNeeds();

describe.skipIf(need)(title('the real path of a file', need), () => {
  test('is its own name when nothing can be said of it, as in a folder that is not there', () => {
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed('ca-keys'),
      files: { '/etc/ssh/sshd_config': 'Port 2222\nTrustedUserCAKeys /etc/ssh/gone/further/ca.pub\n' },
    });
    const told = evidence.probes['ca-keys']?.stdout ?? '';
    const path = '/etc/ssh/gone/further/ca.pub';
    expect(told).toContain(`\nF ${path} ${path} missing `);
    expect(told).not.toMatch(/^D \. /m);
  });
});
