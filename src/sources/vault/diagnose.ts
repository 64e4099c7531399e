/** What the auditor's token may do (auth/token/lookup-self, sys/capabilities-self), and what it should not. */
import { jsonOf, member, object, text, texts, type Json } from '../../facts/sources/answers.js';
import { seconds } from '../../facts/sources/vault/roles.js';
import { formatDuration } from '../../inventory/duration.js';
import type { VaultSettings } from '../settings/vault.js';
import { MASK } from '../redact.js';
import type { SourceContext, SourceDiagnosis } from '../source.js';
import { openVault, type VaultClient } from './client.js';

const MAX_MOUNTS = 20;
/** A token that lives longer than this should be renewed by a login instead. Seconds. */
const LONG = 32 * 86_400;
const DANGEROUS = ['create', 'update', 'patch', 'delete', 'root'];

const READS: readonly (readonly [path: string, needs: readonly string[], why: string])[] = [
  ['sys/mounts', ['read'], 'find every SSH secrets engine'],
  ['sys/audit', ['read', 'sudo'], 'see the audit devices'],
  ['sys/auth', ['read'], 'see how people log in'],
  ['sys/policies/acl', ['list'], 'list the ACL policies'],
  ['sys/policies/acl/default', ['read'], 'read the ACL policies (sys/policies/acl/*)'],
];

export async function diagnose(
  settings: VaultSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const client = await openVault(settings, context);
  try {
    const self = await client.get('', 'auth/token/lookup-self');
    if (!self.ok) return [{ level: 'problem', text: self.failure.detail }];
    // A development server's token is often the word "root", which its answers are full of.
    if (texts(member(member(jsonOf(self.answer), 'data'), 'policies')).includes(MASK))
      return [
        {
          level: 'problem',
          text: 'the token is the name of a policy: anybody can guess it, and it is masked in every answer, so what it may do cannot be told',
        },
      ];
    const spaces = settings.namespaces ?? [''];
    const found = await Promise.all(spaces.map((namespace) => inNamespace(client, settings, namespace)));
    return [...aboutToken(member(jsonOf(self.answer), 'data')), ...found.flat()];
  } finally {
    await client.close();
  }
}

function aboutToken(data: Json | undefined): SourceDiagnosis[] {
  const policies = [...texts(member(data, 'policies')), ...texts(member(data, 'identity_policies'))];
  const ttl = seconds(member(data, 'ttl'), null);
  const name = text(member(data, 'display_name')) ?? 'unknown';
  const said: SourceDiagnosis[] = [
    { level: 'ok', text: `token ${name} with the policies ${policies.toSorted().join(', ') || 'none'}` },
  ];
  if (policies.includes('root')) {
    said.push({ level: 'problem', text: 'it is a root token: give the auditor one that may only read' });
  }
  if (ttl === 0) said.push({ level: 'warning', text: 'the token never expires' });
  else if (ttl !== null && ttl > LONG) {
    said.push({ level: 'warning', text: `the token lives for another ${formatDuration(ttl)}` });
  } else if (ttl !== null) said.push({ level: 'ok', text: `the token expires in ${ttl} s` });
  return said;
}

async function inNamespace(
  client: VaultClient,
  settings: VaultSettings,
  namespace: string,
): Promise<SourceDiagnosis[]> {
  const where = namespace === '' ? '' : ` in the namespace ${namespace}`;
  const mounts = await mountsOf(client, settings, namespace);
  const reads = [
    ...READS,
    ...mounts.flatMap(
      (path) =>
        [
          [`${path}roles`, ['list'], `list the roles at ${path}`],
          [`${path}roles/any-name`, ['read'], `read the roles at ${path}`],
          [`sys/mounts/${path}tune`, ['read'], `see the limits of ${path}`],
          ...(settings.type === 'openbao'
            ? ([[`${path}issuers`, ['list'], `list the CA keys at ${path}`]] as const)
            : []),
        ] as const,
    ),
  ];
  const writes = [
    ...mounts.flatMap(
      (path) =>
        [
          [`${path}sign/any-name`, `sign certificates at ${path}`],
          [`${path}issue/any-name`, `issue certificates at ${path}`],
          [`${path}roles/any-name`, `change roles at ${path}`],
          [`${path}config/ca`, `replace the CA at ${path}`],
        ] as const,
    ),
    ['sys/audit/any-name', 'change audit devices'] as const,
    ['sys/policies/acl/any-name', 'change ACL policies'] as const,
  ];
  const paths = [...new Set([...reads.map(([path]) => path), ...writes.map(([path]) => path)])];
  const answer = await client.post(namespace, 'sys/capabilities-self', { paths });
  if (!answer.ok)
    return [
      { level: 'warning', text: `its capabilities${where} could not be asked: ${answer.failure.detail}` },
    ];
  const json = jsonOf(answer.answer);
  const held = (path: string): readonly string[] =>
    texts(member(member(json, 'data'), path) ?? member(json, path));
  const may = (path: string, needs: readonly string[]): boolean =>
    held(path).includes('root') || needs.every((need) => held(path).includes(need));
  const cannot = reads.filter(([path, needs]) => !may(path, needs));
  const excess = writes.filter(([path]) => held(path).some((one) => DANGEROUS.includes(one)));
  return [
    ...cannot.map(([path, needs, why]): SourceDiagnosis => ({
      level: 'warning',
      text: `it cannot ${why}${where}: it lacks ${needs.join(' and ')} on ${path}`,
    })),
    ...excess.map(([path, what]): SourceDiagnosis => ({
      level: 'warning',
      text: `it can ${what}${where} (${held(path).join(', ')} on ${path}): an auditor needs to read only`,
    })),
    ...(cannot.length + excess.length === 0
      ? [
          {
            level: 'ok',
            text: `it can read everything that is asked${where}, and change nothing that was tried`,
          } as const,
        ]
      : []),
  ];
}

async function mountsOf(
  client: VaultClient,
  settings: VaultSettings,
  namespace: string,
): Promise<readonly string[]> {
  const named = (settings.mounts ?? []).map((path) => `${path.replace(/\/$/, '')}/`);
  const listed = await client.get(namespace, 'sys/mounts');
  const table = object(member(jsonOf(listed.answer), 'data')) ?? {};
  const found = Object.entries(table)
    .filter(([, mount]) => member(mount, 'type') === 'ssh')
    .map(([path]) => path);
  return [...new Set([...found, ...named])].slice(0, MAX_MOUNTS);
}
