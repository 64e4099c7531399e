/** Facts about a sound CA system with its key in an HSM, to be made unsound one at a time. */
import type { AuditDevice, CaCustody, SshMount } from '../../src/facts/types.js';
import { custody, sshRole } from './actor-facts.js';

const device = (path: string): AuditDevice => ({
  path,
  type: 'file',
  local: false,
  raw: false,
  hmacAccessor: true,
});

export function caSystem(mount: Partial<SshMount> = {}, more: Partial<CaCustody> = {}): CaCustody {
  const base = custody([sshRole()]);
  return {
    ...base,
    mounts: base.mounts.map((one) => ({ ...one, managedKey: 'hsm-ca', ...mount })),
    seal: { type: 'shamir', threshold: 3, shares: 5, recovery: false, storage: 'raft' },
    auditDevices: [device('file/'), device('socket/')],
    ...more,
  };
}
