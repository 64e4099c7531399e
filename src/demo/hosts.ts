/** The demo fleet: who is in it, which recording answers for it, and what a right audit says. */

export interface DemoHost {
  readonly name: string;
  readonly environment: 'production' | 'staging';
  /** A file of recordings/, or what the host does instead of answering. */
  readonly plays: { readonly recording: string } | { readonly refuses: string } | 'down';
  /** Checks that must fail, by ID. A host that cannot be read fails none: it is unknown. */
  readonly fails: readonly string[];
  readonly failure?: string;
}

export const DEMO_HOSTS: readonly DemoHost[] = [
  { name: 'web-01', environment: 'production', plays: { recording: 'sound' }, fails: [] },
  { name: 'web-02', environment: 'production', plays: { recording: 'sound' }, fails: [] },
  {
    name: 'db-01',
    environment: 'production',
    plays: { recording: 'password-drop-in' },
    fails: ['password-auth'],
  },
  {
    name: 'db-02',
    environment: 'production',
    plays: { recording: 'second-key-file' },
    fails: ['no-static-keys'],
  },
  { name: 'app-01', environment: 'production', plays: { recording: 'extra-ca' }, fails: ['ca-trust'] },
  {
    name: 'app-02',
    environment: 'staging',
    plays: { recording: 'bootstrap-left' },
    fails: ['principals', 'bootstrap-complete'],
  },
  { name: 'batch-01', environment: 'staging', plays: { recording: 'direct-ssh' }, fails: ['actor-wrapper'] },
  { name: 'cache-01', environment: 'staging', plays: { recording: 'root-match' }, fails: ['root-login'] },
  { name: 'edge-01', environment: 'production', plays: 'down', fails: [], failure: 'connect-refused' },
  {
    name: 'legacy-01',
    environment: 'production',
    plays: { refuses: 'sudo: a password is required\n' },
    fails: [],
    failure: 'sudo-password',
  },
];
