/** What Vault or OpenBao is asked for a run. Only reading requests; every list is bounded. */
import pLimit from 'p-limit';
import {
  inNamespace,
  ofMount,
  policyAnswer,
  roleAnswer,
  ROOT_POLICY,
  SYSTEM,
} from '../../facts/sources/vault/names.js';
import { jsonOf, member, object, texts } from '../../facts/sources/answers.js';
import type { SourceAnswer } from '../../model.js';
import type { HttpResult } from '../http-types.js';
import { createRecorder, type Recorder } from '../recorder.js';
import type { VaultSettings } from '../settings/vault.js';
import type { Asked, SourceContext } from '../source.js';
import { openVault, type VaultClient } from './client.js';

const AT_ONCE = 6;
const MAX_MOUNTS = 100;
const MAX_ROLES = 1000;
const MAX_POLICIES = 2000;
const TEXT = ['text/plain', 'application/octet-stream', 'application/json'];
/** Nothing there: an empty list, an engine without a CA, an edition without namespaces. */
const NOTHING: readonly number[] = [404];
const NO_CA: readonly number[] = [400, 404];
const NOT_IN_THIS_EDITION: readonly number[] = [400, 404, 405];

interface Round {
  readonly client: VaultClient;
  readonly recorder: Recorder;
  readonly settings: VaultSettings;
  readonly limit: ReturnType<typeof pLimit>;
}

export async function ask(settings: VaultSettings, context: SourceContext): Promise<Asked> {
  const client = await openVault(settings, context);
  const recorder = createRecorder();
  const round: Round = { client, recorder, settings, limit: pLimit(AT_ONCE) };
  try {
    if (await awake(round)) {
      await Promise.all((settings.namespaces ?? ['']).map((namespace) => askNamespace(round, namespace)));
    }
    return recorder.asked();
  } finally {
    await client.close();
  }
}

/** Whether it answers at all and is unsealed; else nothing more is asked. */
async function awake({ client, recorder }: Round): Promise<boolean> {
  const seal = recorder.record(SYSTEM.seal, await client.get('', 'sys/seal-status'));
  if (!seal.ok) return false;
  if (member(jsonOf(seal.answer), 'sealed') === true) {
    recorder.fail({ code: 'unreachable', detail: 'it is sealed: nothing can be read', hint: 'unseal it' });
    return false;
  }
  return true;
}

async function askNamespace(round: Round, namespace: string): Promise<void> {
  const { client, settings } = round;
  const simple = (question: 'audit' | 'auth' | 'mounts'): Promise<HttpResult> =>
    keep(round, inNamespace(namespace, question), () => client.get(namespace, `sys/${question}`));
  const [mounts, policies, children] = await Promise.all([
    simple('mounts'),
    keep(round, inNamespace(namespace, 'policies'), () => client.list(namespace, 'sys/policies/acl')),
    keep(
      round,
      inNamespace(namespace, 'namespaces'),
      () => client.list(namespace, 'sys/namespaces'),
      NOT_IN_THIS_EDITION,
    ),
    simple('audit'),
    simple('auth'),
  ]);
  // An edition without namespaces does not look at the header, and answers for the root namespace.
  if (namespace !== '' && says(children, 'enterprise-only'))
    round.recorder.fail({
      code: 'not-found',
      detail: `this server has no namespaces: it answered for the root namespace in place of ${namespace}`,
      hint: 'correct sources.vault.namespaces',
    });
  const found = sshMounts(mounts.answer);
  const named = (settings.mounts ?? []).map((path) => `${path.replace(/\/$/, '')}/`);
  const paths = bounded(round, [...new Set([...found, ...named])], MAX_MOUNTS, 'secrets engines of type ssh');
  const names = bounded(
    round,
    keysOf(policies.answer).filter((name) => name !== ROOT_POLICY),
    MAX_POLICIES,
    'ACL policies',
  );
  await Promise.all([
    ...paths.map((path) => askMount(round, namespace, path)),
    ...names.map((name) =>
      keep(round, policyAnswer(namespace, name), () => client.get(namespace, `sys/policies/acl/${name}`)),
    ),
  ]);
}

async function askMount(round: Round, namespace: string, path: string): Promise<void> {
  const { client, settings } = round;
  const [roles] = await Promise.all([
    keep(round, ofMount(namespace, path, 'roles'), () => client.list(namespace, `${path}roles`), NOTHING),
    keep(
      round,
      ofMount(namespace, path, 'public_key'),
      () => client.get(namespace, `${path}public_key`, { accept: TEXT }),
      NO_CA,
    ),
    keep(
      round,
      ofMount(namespace, path, 'config/ca'),
      () => client.get(namespace, `${path}config/ca`),
      NO_CA,
    ),
    ...(settings.type === 'openbao'
      ? [
          keep(
            round,
            ofMount(namespace, path, 'issuers'),
            () => client.list(namespace, `${path}issuers`),
            NOT_IN_THIS_EDITION,
          ),
        ]
      : []),
    keep(round, ofMount(namespace, path, 'tune'), () => client.get(namespace, `sys/mounts/${path}tune`)),
  ]);
  if (says(roles, 'no handler for route'))
    round.recorder.fail({
      code: 'not-found',
      detail: `there is no secrets engine at ${namespace === '' ? '' : `${namespace}/`}${path}`,
      hint: 'correct sources.vault.mounts',
    });
  const names = bounded(round, keysOf(roles.answer), MAX_ROLES, `roles at ${path}`);
  await Promise.all(
    names.map((name) =>
      keep(round, roleAnswer(namespace, path, name), () => client.get(namespace, `${path}roles/${name}`)),
    ),
  );
}

/** Asks within the limit on concurrency and keeps the answer; a tolerated status is an answer, not a failure. */
function keep(
  { recorder, limit }: Round,
  name: string,
  question: () => Promise<HttpResult>,
  tolerated: readonly number[] = [],
): Promise<HttpResult> {
  return limit(async () => {
    const result = await question();
    if (!result.ok && result.answer !== undefined && tolerated.includes(result.answer.status)) {
      recorder.keep(name, result.answer);
      return result;
    }
    return recorder.record(name, result);
  });
}

/** Whether an error says certain words. */
function says({ ok, answer }: HttpResult, words: string): boolean {
  return !ok && answer?.body.includes(words) === true;
}

function keysOf(answer: SourceAnswer | undefined): readonly string[] {
  return texts(member(member(jsonOf(answer), 'data'), 'keys'));
}

function sshMounts(answer: SourceAnswer | undefined): string[] {
  return Object.entries(object(member(jsonOf(answer), 'data')) ?? {})
    .filter(([, mount]) => member(mount, 'type') === 'ssh')
    .map(([path]) => path);
}

function bounded({ recorder }: Round, all: readonly string[], most: number, what: string): readonly string[] {
  if (all.length <= most) return all;
  recorder.fail({ code: 'too-much', detail: `there are ${all.length} ${what}; only ${most} were asked for` });
  return all.slice(0, most);
}
