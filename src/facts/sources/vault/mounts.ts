/** The SSH secrets engines in one namespace: their CA keys, limits and roles. */
import { fingerprint, parsePublicKeyLine } from '../../../openssh/public-key.js';
import type { SourceAnswer, SourceEvidence } from '../../../model.js';
import type { SshMount, SshRole } from '../../types.js';
import { jsonOf, member, object, text, texts, type Json } from '../answers.js';
import { inNamespace, ofMount, roleAnswer } from './names.js';
import { roleFrom, seconds } from './roles.js';

export interface FoundMounts {
  readonly mounts: readonly SshMount[];
  readonly gaps: readonly string[];
}

type Answers = SourceEvidence['answers'];
type Key = SshMount['keys'][number];

export function mountsIn(namespace: string, answers: Answers): FoundMounts {
  const table = object(member(jsonOf(answers[inNamespace(namespace, 'mounts')]), 'data')) ?? {};
  const listed = Object.entries(table).filter(([, mount]) => text(member(mount, 'type')) === 'ssh');
  const named = mountsAskedFor(namespace, answers);
  const gaps: string[] = [];
  const paths = [...new Set([...listed.map(([path]) => path), ...named])].toSorted();
  const mounts = paths.map((path) => {
    const read = mountFrom(namespace, path, Object.hasOwn(table, path) ? table[path] : undefined, answers);
    gaps.push(...read.gaps);
    return read.mount;
  });
  return { mounts, gaps };
}

/** Mounts named in the settings are asked even when `sys/mounts` may not be read: they left a role list. */
function mountsAskedFor(namespace: string, answers: Answers): string[] {
  const [start, end] = [`${namespace}:`, '/public_key'];
  return Object.entries(answers)
    .filter(([name, { status }]) => name.startsWith(start) && name.endsWith(end) && status === 200)
    .map(([name]) => name.slice(start.length, name.length - 'public_key'.length));
}

function mountFrom(
  namespace: string,
  path: string,
  entry: Json | undefined,
  answers: Answers,
): { mount: SshMount; gaps: string[] } {
  const gaps: string[] = [];
  const shown = namespace === '' ? path : `${namespace}/${path}`;
  const tune = tuneOf(jsonOf(answers[ofMount(namespace, path, 'tune')]), entry);
  const limits = { namespace, path, ...tune };
  const configured = member(jsonOf(answers[ofMount(namespace, path, 'config/ca')]), 'data');
  const plain = answers[ofMount(namespace, path, 'public_key')];
  const issuers = object(
    member(member(jsonOf(answers[ofMount(namespace, path, 'issuers')]), 'data'), 'key_info'),
  );
  const others = Object.values(issuers ?? {}).map((one) => text(member(one, 'public_key')));
  const keys = keysFrom([plainText(plain), text(member(configured, 'public_key')), ...others], shown, gaps);
  const roles = rolesOf(limits, answers, shown, gaps);
  const absent = plain?.status === 404 || plain?.status === 400;
  if (keys.length === 0 && !absent && roles.some(({ keyType }) => keyType === 'ca')) {
    gaps.push(`the public key of the CA at ${shown} could not be read`);
  }
  return { mount: { ...limits, keys, managedKey: managedKeyOf(configured), roles }, gaps };
}

/** `sys/mounts/…/tune` has the limits in force; the mount's own entry has 0 where the system's hold. */
function tuneOf(
  tune: Json | undefined,
  entry: Json | undefined,
): { defaultLease: number | null; maxLease: number | null } {
  const given = member(tune, 'data') ?? tune;
  const of = (key: string): number | null => {
    const inForce = seconds(member(given, key), null);
    if (inForce !== null && inForce > 0) return inForce;
    const own = seconds(member(member(entry, 'config'), key), null);
    return own !== null && own > 0 ? own : null;
  };
  return { defaultLease: of('default_lease_ttl'), maxLease: of('max_lease_ttl') };
}

/** Reading a CA that signs with a managed key names it; nothing else proves that the key is not in storage. */
function managedKeyOf(configured: Json | undefined): string | null {
  const name = text(member(configured, 'managed_key_name')) ?? text(member(configured, 'managed_key_id'));
  return name === null || name === '' ? null : name;
}

function keysFrom(texts: readonly (string | null)[], shown: string, gaps: string[]): Key[] {
  const keys = new Map<string, Key>();
  for (const line of texts.flatMap((one) => (one ?? '').split('\n'))) {
    if (line.trim() === '') continue;
    const key = parsePublicKeyLine(line.trim());
    if (key === null) gaps.push(`what ${shown} gives as its public key is none`);
    else {
      const print = fingerprint(key.blob);
      keys.set(print, { type: key.type, fingerprint: print });
    }
  }
  return [...keys.values()];
}

function plainText(answer: SourceAnswer | undefined): string | null {
  return answer?.status === 200 && answer.encoding === 'utf8' && !answer.cut ? answer.body : null;
}

function rolesOf(
  limits: Parameters<typeof roleFrom>[2],
  answers: Answers,
  shown: string,
  gaps: string[],
): SshRole[] {
  const { namespace, path } = limits;
  const answer = answers[ofMount(namespace, path, 'roles')];
  // LIST of nothing is 404 with an empty list of errors.
  if (answer?.status === 404) return [];
  const listed = jsonOf(answer);
  if (listed === undefined) {
    gaps.push(`the roles at ${shown} could not be listed`);
    return [];
  }
  return texts(member(member(listed, 'data'), 'keys')).flatMap((name) => {
    const role = roleFrom(name, member(jsonOf(answers[roleAnswer(namespace, path, name)]), 'data'), limits);
    if (role === null) gaps.push(`the role ${shown}roles/${name} could not be read`);
    return role ?? [];
  });
}
