/** Known bypasses that no host with OpenSSH 9.2 can show, and the unit test that stands for each. */
export const UNSTAGED: Readonly<Record<string, { readonly says: string; readonly test: string }>> = {
  '2.4': { says: 'globs in AuthorizedKeysFile, from 10.0:', test: 'test/facts/lookup-paths.test.ts' },
  '4.8': { says: 'no certificate supplied is unknown:', test: 'test/checks/certificate-lifetime.test.ts' },
  '5.2': { says: 'ChallengeResponseAuthentication up to 8.6:', test: 'test/checks/password-auth.test.ts' },
  '5.4': { says: 'a password as second factor, by policy:', test: 'test/checks/password-auth.test.ts' },
  '5.7': { says: 'what is not offered proves nothing:', test: 'test/checks/password-auth.test.ts' },
  '6.3': { says: 'mixed-case output of 10.4 and later:', test: 'test/checks/root-login.test.ts' },
  '7.2': {
    says: 'what the roles of the CA system let a requester drop:',
    test: 'test/checks/actor-wrapper.test.ts',
  },
  '8.2': { says: 'sshd-session from 9.8:', test: 'test/facts/login-log.test.ts' },
  '8.6': {
    says: 'a store that cuts its answers at a limit is asked on, or is a gap:',
    test: 'test/sources/siem/stores.test.ts',
  },
  '9.1': { says: 'a seal proves no custody of the CA key:', test: 'test/sources/vault/ask.test.ts' },
  '9.2': {
    says: 'shares of a seal are no four eyes on signing:',
    test: 'test/checks/lib/ca-custody.test.ts',
  },
  '9.3': { says: 'every mount and namespace is judged:', test: 'test/checks/lib/ca-custody.test.ts' },
  '9.4': {
    says: 'a role without a lifetime has the system default:',
    test: 'test/checks/lib/ca-custody.test.ts',
  },
  '9.5': { says: 'another key than the hosts trust:', test: 'test/checks/lib/ca-custody.test.ts' },
  '11.1': { says: 'unreachable hosts never close:', test: 'test/closure.test.ts' },
  '11.2': { says: 'runs started by hand are no schedule:', test: 'test/closure/pipeline.test.ts' },
};
