/** What no single value of an inventory can be wrong about alone: names, addresses, accounts, secrets. */
import { ACTORS } from '../model.js';
import { awsProblems } from './crosscheck-aws.js';
import { policyProblems } from './crosscheck-policy.js';
import { jumpProblems } from './jumps.js';
import { quoted, type Problem } from './problem.js';
import { proxyProblems } from './proxy.js';
import type { ActorAccountsInput, InventoryInput } from './schema.js';
import { addressProblem } from './values.js';
import type { Path, YamlFile } from './yaml.js';

/** Settings that hold a secret when they hold it literally; `token_file` and `token_command` do not. */
const SECRET_KEY =
  /^(.*[_-])?(token|password|passwd|passphrase|secret|secret_?id|api_?key|private_?key|credentials?)$/i;

/**
 * Errors of an inventory whose every value has passed the schema.
 *
 * @param plugins plug-ins are loaded besides those the inventory names
 */
export function crossProblems(inventory: InventoryInput, file: YamlFile, plugins = false): Problem[] {
  return [
    ...nameProblems(inventory, file),
    ...jumpProblems(inventory, file),
    ...proxyProblems(inventory, file),
    ...accountProblems(inventory, file),
    ...awsProblems(inventory, file),
    ...(typeof inventory.policy === 'object'
      ? policyProblems(inventory.policy, file, {
          at: ['policy'],
          plugins: plugins || (inventory.plugins ?? []).length > 0,
        })
      : []),
    ...secretProblems(inventory, file),
  ];
}

function nameProblems({ hosts, bastions = [] }: InventoryInput, file: YamlFile): Problem[] {
  const first = new Map<string, Path>();
  const problems: Problem[] = [];
  const entries = [
    ...hosts.map((entry, index) => ({ entry, path: ['hosts', index] as Path })),
    ...bastions.map((entry, index) => ({ entry, path: ['bastions', index] as Path })),
  ];
  for (const { entry, path } of entries) {
    const at = [...path, 'name'];
    const key = entry.name.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, at);
    else {
      const line = file.locate(earlier).line ?? 1;
      problems.push({
        at: file.locate(at),
        message: `the name ${quoted(entry.name)} is taken: line ${line} has it too (upper and lower case are the same)`,
        hint: 'give every host and bastion a name of its own',
      });
    }
    const wrong = entry.address === undefined ? addressProblem(entry.name) : null;
    if (wrong !== null) {
      problems.push({
        at: file.locate(at),
        message: `without address the name is connected to, but ${wrong}`,
        hint: 'add address',
      });
    }
  }
  return problems;
}

function accountProblems(inventory: InventoryInput, file: YamlFile): Problem[] {
  return [
    ...sharedAccounts(inventory.accounts, ['accounts'], file),
    ...inventory.hosts.flatMap((host, index) =>
      sharedAccounts(host.accounts, ['hosts', index, 'accounts'], file),
    ),
  ];
}

/** Each actor type's accounts must hold exactly its own principals: one account cannot do that for two. */
function sharedAccounts(accounts: ActorAccountsInput | undefined, path: Path, file: YamlFile): Problem[] {
  const owner = new Map<string, string>();
  const problems: Problem[] = [];
  for (const actor of ACTORS) {
    for (const [index, account] of (accounts?.[actor] ?? []).entries()) {
      const earlier = owner.get(account);
      owner.set(account, actor);
      if (earlier === undefined) continue;
      problems.push({
        at: file.locate([...path, actor, index]),
        message:
          earlier === actor
            ? `the account ${quoted(account)} is listed twice under ${actor}`
            : `the account ${quoted(account)} is listed under ${earlier} and under ${actor}`,
        hint:
          earlier === actor
            ? 'list it once'
            : 'give each actor type accounts of its own, or use the exact map principals',
      });
    }
  }
  return problems;
}

function secretProblems({ sources = {} }: InventoryInput, file: YamlFile): Problem[] {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (!Array.isArray(value) && SECRET_KEY.test(key) && child !== null && typeof child !== 'object') {
        const message = `${[...path, key].join('.')}: a secret in a file that is kept in Git`;
        problems.push({
          at: file.locateKey(path, key),
          message,
          hint: `remove and rotate it; use ${key}_file, ${key}_command or the environment`,
        });
      }
      walk(child, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  walk(sources, ['sources']);
  return problems;
}
