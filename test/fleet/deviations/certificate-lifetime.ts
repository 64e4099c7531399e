import type { Deviation } from '../types.js';

/** A certificate of the fleet's CA lying beside where its key would be. */
const lying = (name: string, account = 'ops'): string =>
  `place ${account} ${name}-cert.pub id_ed25519-cert.pub 644`;
const proof = (account = 'ops'): string =>
  `ssh-keygen -Lf /home/${account}/.ssh/id_ed25519-cert.pub >/dev/null`;

/** Too long, one row a certificate of material.ts. */
const LONG: readonly (readonly [
  name: string,
  account: string,
  title: string,
  why: string,
  matrix: readonly string[],
])[] = [
  ['adm-72h', 'ops', "an administrator's certificate of 72 hours", 'the limit is 48 hours', []],
  ['adm-52w', 'ops', "an administrator's certificate of a year", 'that is a static key with a signature', []],
  [
    'adm-forever',
    'ops',
    'a certificate that is valid always and for ever',
    'ssh-keygen prints no dates at all for it',
    ['4.3'],
  ],
  [
    'adm-after',
    'ops',
    'a certificate with a beginning and no end',
    'ssh-keygen prints "after", and no parser of dates finds two',
    ['4.3'],
  ],
  [
    'adm-before',
    'ops',
    'a certificate with an end and no beginning',
    'valid from 1970: its lifetime is decades',
    ['4.3'],
  ],
  ['adm-expired-90d', 'ops', 'an expired certificate of three months', 'what was issued was issued', []],
  [
    'agt-30h',
    'agent',
    "an agent's certificate of 30 hours",
    'an administrator might, an agent may have 24 hours',
    [],
  ],
  [
    'atm-30h',
    'automation',
    "an automation's certificate of 30 hours",
    'an administrator might, an automation may have 24 hours',
    [],
  ],
  [
    'unknown-actor',
    'ops',
    'a certificate of no known actor',
    'who has no actor type has no limit that would allow it',
    [],
  ],
  [
    'mixed',
    'ops',
    "an administrator's key ID with an agent's principals, 40 hours",
    'the stricter limit counts',
    ['4.5'],
  ],
  [
    'injection',
    'ops',
    'a principal that imitates the printed form of a short certificate',
    'the text of ssh-keygen -L can be forged, the bytes cannot',
    ['4.4'],
  ],
];

export const certificateLifetime: readonly Deviation[] = [
  ...LONG.map(([name, account, title, why, matrix]): Deviation => ({
    id: `lifetime-${name}`,
    check: 'certificate-lifetime',
    title,
    apply: lying(name, account),
    expect: 'fail',
    why,
    matrix,
    proof: proof(account),
  })),

  // Sound: must pass.
  {
    id: 'lifetime-adm-48h-sound',
    check: 'certificate-lifetime',
    title: 'asked for with -V +48h',
    apply: lying('adm-48h'),
    expect: 'pass',
    why: 'ssh-keygen dates the beginning back by one to two minutes',
    matrix: ['4.1'],
    proof: proof(),
  },
  {
    id: 'lifetime-adm-dst-sound',
    check: 'certificate-lifetime',
    title: '24 hours across the change to summer time, on a host in Berlin',
    apply: `${lying('adm-dst')}; rm -f /etc/localtime; ln -s /usr/share/zoneinfo/Europe/Berlin /etc/localtime; echo Europe/Berlin >/etc/timezone`,
    expect: 'pass',
    why: 'in local time it looks like 25 hours',
    matrix: ['4.2'],
    proof: 'ssh-keygen -Lf /home/ops/.ssh/id_ed25519-cert.pub | grep -q "11:00:00 to 2026-03-29T12:00:00"',
  },
  {
    id: 'lifetime-host-certificate-sound',
    check: 'certificate-lifetime',
    title: 'a host certificate of a year',
    apply: 'install -m 644 "$LAB/host-cert.pub" /etc/ssh/ssh_host_old_key-cert.pub',
    expect: 'pass',
    why: 'the limits are for users',
    matrix: ['4.6'],
    proof: 'ssh-keygen -Lf /etc/ssh/ssh_host_old_key-cert.pub | grep -q "host certificate"',
  },
  {
    id: 'lifetime-max-serial-sound',
    check: 'certificate-lifetime',
    title: 'the highest serial there is',
    apply: lying('max-serial'),
    expect: 'pass',
    why: 'serials are 64 bits, more than a JavaScript number holds',
    matrix: ['4.7'],
    proof: 'ssh-keygen -Lf /home/ops/.ssh/id_ed25519-cert.pub | grep -q 18446744073709551615',
  },
  {
    id: 'lifetime-agt-4h-sound',
    check: 'certificate-lifetime',
    title: "an agent's certificate of four hours",
    apply: lying('agt-4h', 'agent'),
    expect: 'pass',
    why: 'within the limit',
    proof: proof('agent'),
  },
  {
    id: 'lifetime-adm-47h-sound',
    check: 'certificate-lifetime',
    title: "an administrator's certificate of 47 hours",
    apply: lying('adm-47h'),
    expect: 'pass',
    why: 'within the limit',
    proof: proof(),
  },
];
