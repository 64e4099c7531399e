import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multiFactor } from '../../../checks/guidance/multi-factor.js';
import {
  attestation,
  certificate,
  issuanceLog,
  issued,
  not,
  NOW,
  ok,
  SECONDS,
} from '../../helpers/actor-facts.js';
import { sshdFacts } from '../sshd-cases.js';
import { caseFor, FIDO, judged, KEY, text, told, type Given } from './facts.js';

const of = (given: Given): string => told(judged(multiFactor, given));
const AT = '/home/alice/.ssh/authorized_keys:1';
const adm = { principals: 'adm-full\n' };
const mfa = { fleet: { attestations: ok([attestation('mfa-at-issuance')]) } };
const password = { account: { password: 'set' as const } };

const ISSUED = 'unknown: missing-source';
/** A log of one FIDO certificate with its PIN, and of another. */
function pinned(
  other: Parameters<typeof certificate>[0] = {},
  from: number | null = 0,
  ended = false,
): Given {
  const pin = {
    type: 'sk-ssh-ed25519-cert-v01@openssh.com',
    criticalOptions: [{ name: 'verify-required', value: '' }],
    ...(ended && { validBefore: SECONDS - 1n }),
  };
  const log = issuanceLog([issued(certificate(pin)), issued(certificate({ ...pin, ...other, serial: 8n }))], {
    from,
    to: NOW.getTime(),
  });
  return { fleet: { certificateLog: ok(log) } };
}

describe('multi-factor', () => {
  test.each<readonly [string, Given, string]>([
    ['nothing opens an account of people', {}, 'pass'],
    ['a key that is a file', { keys: KEY }, `fail: ${AT}`],
    ['a FIDO key that asks for a touch', { keys: FIDO }, 'unknown: no-evidence'],
    ['a FIDO key with its PIN', { keys: `verify-required ${FIDO}` }, 'pass'],
    ['a FIDO key, sshd asks for the PIN', { keys: FIDO, sshd: 'pubkeyauthoptions verify-required' }, 'pass'],
    [
      'a key, and sshd asks for the PIN',
      { keys: KEY, sshd: 'pubkeyauthoptions verify-required' },
      `fail: ${AT}`,
    ],
    ['two methods', { keys: KEY, sshd: 'authenticationmethods publickey,keyboard-interactive:pam' }, 'pass'],
    ['a key and a password', { keys: KEY, sshd: 'authenticationmethods publickey,password' }, 'pass'],
    [
      'two keys are one kind',
      { keys: KEY, sshd: 'authenticationmethods publickey,publickey' },
      `fail: ${AT}`,
    ],
    [
      'a trusted host is nobody',
      { keys: KEY, sshd: 'authenticationmethods hostbased,publickey' },
      `fail: ${AT}`,
    ],
    [
      'one of two lists asks for less',
      { keys: KEY, sshd: 'authenticationmethods publickey,password publickey' },
      `fail: ${AT}`,
    ],
    ['a certificate, nobody says what for', adm, 'unknown: missing-source'],
    ['a certificate, attested', { ...adm, ...mfa }, 'pass'],
    ['no source of attestations', { ...adm, fleet: { attestations: not() } }, 'unknown: not-configured'],
    [
      'a certificate, sshd takes FIDO keys with their PIN only',
      {
        ...adm,
        sshd: 'pubkeyacceptedalgorithms sk-ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com\npubkeyauthoptions verify-required',
      },
      'pass',
    ],
    [
      'a certificate, sshd takes FIDO keys by touch',
      { ...adm, sshd: 'pubkeyacceptedalgorithms sk-ssh-ed25519-cert-v01@openssh.com' },
      'unknown: missing-source',
    ],
    ['certificates of FIDO keys with their PIN', { ...adm, ...pinned() }, 'pass'],
    [
      'one certificate of a file',
      { ...adm, ...pinned({ type: 'ssh-ed25519-cert-v01@openssh.com' }) },
      ISSUED,
    ],
    ['one without verify-required', { ...adm, ...pinned({ criticalOptions: [] }) }, ISSUED],
    ['a log that begins too late', { ...adm, ...pinned({}, NOW.getTime() - 3_600_000) }, ISSUED],
    ['a log that does not say since when', { ...adm, ...pinned({}, null) }, ISSUED],
    ['only certificates that have ended', { ...adm, ...pinned({}, 0, true) }, ISSUED],
    ['an attestation says nothing of a static key', { keys: KEY, ...adm, ...mfa }, `fail: ${AT}`],
    ['a CA line, attested or not', { keys: `cert-authority ${KEY}`, ...mfa }, 'unknown: no-evidence'],
    ['a password alone', { ...password, sshd: 'passwordauthentication yes' }, 'fail: account alice'],
    [
      'a password nobody has',
      { account: { password: 'locked' }, sshd: 'passwordauthentication yes' },
      'pass',
    ],
    ['a password that could not be read', { sshd: 'passwordauthentication yes' }, 'unknown: no-evidence'],
    [
      'PAM asks for something',
      { ...password, sshd: 'kbdinteractiveauthentication yes' },
      'unknown: no-evidence',
    ],
    ['no PAM', { ...password, sshd: 'kbdinteractiveauthentication yes\nusepam no' }, 'pass'],
    [
      'an agent needs none',
      { name: 'agent', keys: KEY, expected: { accounts: { adm: [], agt: ['agent'], atm: [] } } },
      'pass',
    ],
    ['a key of an account that is denied', { keys: KEY, sshd: 'denyusers alice' }, 'pass'],
    ['a key of an account that is not allowed', { keys: KEY, sshd: 'allowusers bob' }, 'pass'],
    [
      'a key of an account that is allowed from somewhere',
      { keys: KEY, sshd: 'allowusers alice@10.*' },
      `fail: ${AT}`,
    ],
    ['root, who cannot log in', { name: 'root', keys: KEY, account: { uid: 0 } }, 'pass'],
    [
      'a key of root',
      { name: 'root', keys: KEY, account: { uid: 0 }, sshd: 'permitrootlogin yes' },
      'fail: /home/root/.ssh/authorized_keys:1',
    ],
  ])('%s', (_title, given, verdict) => {
    expect(of(given)).toBe(verdict);
  });

  test('an emergency key of the policy is for emergencies', () => {
    const fingerprint = /SHA256:[\w+/]{43}/.exec(text(judged(multiFactor, { keys: KEY })))?.[0] ?? '';
    const emergencyKeys = [{ fingerprint, hosts: [], accounts: ['alice'] }];
    const outcome = judged(multiFactor, { keys: KEY, policy: { emergencyKeys } });
    expect(told(outcome)).toBe('pass');
    expect(text(outcome)).toContain('1 emergency keys of the policy were left out');
  });

  test('the laxest kind of connection counts', () => {
    const strict = 'authenticationmethods publickey,keyboard-interactive';
    const cases = ok(sshdFacts(caseFor(['alice'], strict), caseFor(['alice'])));
    expect(of({ keys: KEY, more: { sshd: cases } })).toBe(`fail: ${AT}`);
  });

  test.each(['sshd', 'accounts', 'authorizedKeys', 'principalsFiles'] as const)(
    'without %s nothing passes',
    (fact) => {
      expect(of({ ...mfa, more: { [fact]: not('denied') } })).toBe('unknown: denied');
    },
  );

  test('no value of a setting makes it throw, or makes a lone key pass', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (methods, options) => {
        const printed = `pubkeyauthoptions ${options.replaceAll('\n', ' ')}\nauthenticationmethods ${methods.replaceAll(/[\n,]/g, ' ')}`;
        expect(of({ keys: KEY, sshd: printed })).toBe(`fail: ${AT}`);
      }),
      { seed: 7 },
    );
  });
});
