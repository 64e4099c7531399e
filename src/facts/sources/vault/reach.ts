/** Which policies reach a CA: for every act, a request path a policy allows and the rule that allows it. */
import type { CaAct, PolicyReach } from '../../types.js';
import { covers, deciding, granted, isPattern, type Rule } from './rules.js';

/** Paths an act uses: a fixed part and, unless it is exact, one free name after it. */
interface Family {
  readonly act: CaAct;
  readonly prefix: string;
  /** Names that exist; the prefix alone is the path when there is no free name. */
  readonly names: readonly string[] | null;
  /** Any of these capabilities is enough … */
  readonly needs: readonly string[];
  /** … together with `sudo`, for root-protected paths. */
  readonly sudo: boolean;
}

export interface ReachMount {
  readonly path: string;
  readonly roles: readonly string[];
}

const WRITE = ['create', 'update', 'patch', 'delete'];
const SET = ['create', 'update', 'patch'];
/** Stands for a name that does not exist yet. */
const ANY_NAME = 'any-name';
const MAX_WITNESSES = 3;

function familiesOf(mount: ReachMount): Family[] {
  const below = (act: CaAct, prefix: string, needs: readonly string[]): Family => ({
    act,
    prefix: `${mount.path}${prefix}`,
    names: mount.roles,
    needs,
    sudo: false,
  });
  const exact = (act: CaAct, path: string): Family => ({
    act,
    prefix: path,
    names: null,
    needs: WRITE,
    sudo: false,
  });
  const bare = mount.path.replace(/\/$/, '');
  return [
    below('sign', 'sign/', ['update']),
    below('issue', 'issue/', ['update']),
    below('change-role', 'roles/', WRITE),
    exact('configure-ca', `${mount.path}config/ca`),
    // OpenBao: another key, or another one by default.
    exact('configure-ca', `${mount.path}issuers/import`),
    { act: 'configure-ca', prefix: `${mount.path}issuers/import/`, names: [], needs: WRITE, sudo: false },
    exact('configure-ca', `${mount.path}config/issuers`),
    exact('change-mount', `sys/mounts/${bare}`),
  ];
}

const SYSTEM: readonly Family[] = [
  // Root-protected paths (concepts/policies, "Root protected API endpoints").
  { act: 'change-audit', prefix: 'sys/audit/', names: [], needs: WRITE, sudo: true },
  { act: 'raw-storage', prefix: 'sys/raw/', names: [], needs: ['read', 'list', ...WRITE], sudo: true },
  { act: 'change-login', prefix: 'sys/auth/', names: [], needs: WRITE, sudo: true },
  // With sudo any policy may be asked for; without it a token has a subset of its maker's policies.
  { act: 'any-token', prefix: 'auth/token/create', names: null, needs: SET, sudo: true },
  { act: 'any-token', prefix: 'auth/token/create-orphan', names: null, needs: SET, sudo: true },
  // A token role names the policies its tokens may have, whatever its maker holds.
  { act: 'any-token', prefix: 'auth/token/roles/', names: [], needs: SET, sudo: false },
  // Entities and groups carry policies, and who belongs to them is written there, too.
  ...['entity', 'entity-alias', 'group', 'group-alias']
    .map((kind) => `identity/${kind}`)
    .flatMap((prefix): Family[] => [
      { act: 'change-login', prefix, names: null, needs: SET, sudo: false },
      { act: 'change-login', prefix: `${prefix}/id/`, names: [], needs: SET, sudo: false },
      { act: 'change-login', prefix: `${prefix}/name/`, names: [], needs: SET, sudo: false },
    ]),
  { act: 'change-mount', prefix: 'sys/remount', names: null, needs: SET, sudo: true },
  { act: 'change-policy', prefix: 'sys/policies/acl/', names: [], needs: WRITE, sudo: false },
  { act: 'change-policy', prefix: 'sys/policy/', names: [], needs: WRITE, sudo: false },
];

/** How many times a rule may still be held against a path: the other side decides how many there are of both. */
export interface Budget {
  left: number;
}

/**
 * What one policy allows, at most a few witnesses for an act and mount.
 * @param budget is used up; below zero afterwards, the result is not whole.
 */
export function reachOf(
  namespace: string,
  policy: string,
  all: readonly Rule[],
  mounts: readonly ReachMount[],
  budget: Budget,
): PolicyReach[] {
  return [...mounts.flatMap(familiesOf), ...SYSTEM].flatMap((family) => {
    budget.left -= all.length;
    if (budget.left < 0) return [];
    const rules = all.filter((rule) => reaches(rule, family));
    const paths = candidates(family, rules);
    budget.left -= rules.length * paths.length;
    if (budget.left < 0) return [];
    const bounded = family.act !== 'sign' && family.act !== 'issue';
    const found = paths.flatMap((path): PolicyReach[] => {
      const rule = decidingFor(rules, path, family);
      if (rule === null) return [];
      const name = path.slice(family.prefix.length);
      return [
        {
          namespace,
          policy,
          act: family.act,
          path,
          rule: rule.path,
          capabilities: granted(rule),
          role: bounded ? null : name,
          broad: isPattern(rule.path),
          approvals: rule.approvals,
        },
      ];
    });
    return bounded ? found.slice(0, MAX_WITNESSES) : found;
  });
}

/**
 * The rule that allows the act on a path, or null. A rule with a template stands for another path for every
 * requester, so it decides for itself and never takes a path away from the others.
 */
function decidingFor(rules: readonly Rule[], path: string, family: Family): Rule | null {
  const plain = rules.filter((rule) => !rule.path.includes('{{'));
  const decider = deciding(plain, path);
  if (decider !== null && allows(decider, family)) return decider;
  if (decider !== null && decider.capabilities.includes('deny') && decider.path === path) return null;
  return (
    rules.find((rule) => rule.path.includes('{{') && covers(rule.path, path) && allows(rule, family)) ?? null
  );
}

function allows(rule: Rule, { needs, sudo }: Family): boolean {
  const capabilities = granted(rule);
  return needs.some((need) => capabilities.includes(need)) && (!sudo || capabilities.includes('sudo'));
}

/** Request paths worth a question: names that exist, and one for every rule that reaches into the family. */
function candidates({ prefix, names }: Family, rules: readonly Rule[]): string[] {
  if (names === null) return [prefix];
  const named = names.map((name) => `${prefix}${name}`);
  const fromRules = rules.flatMap((rule) => {
    const path = witness(rule.path, prefix);
    return path === null ? [] : [path];
  });
  const known = new Set(named);
  // A glob over names that exist adds nothing to them.
  const others = fromRules.filter(
    (path) => !known.has(path) && (names.length === 0 || !path.endsWith(ANY_NAME)),
  );
  return [...new Set([...named, ...others])];
}

/** Whether a rule covers any path of a family. */
function reaches({ path }: Rule, { prefix, names }: Family): boolean {
  return names === null ? covers(path, prefix) : witness(path, prefix) !== null;
}

/** A path in the family that the rule covers; null when there is none. */
function witness(rule: string, prefix: string): string | null {
  const fixed = prefix.split('/').slice(0, -1);
  const segments = (rule.endsWith('*') ? rule.slice(0, -1) : rule).split('/');
  const tail = segments
    .slice(fixed.length)
    .map((segment) => (segment === '+' || segment.includes('{{') ? ANY_NAME : segment))
    .join('/');
  const path = `${prefix}${tail}${rule.endsWith('*') && segments.length > fixed.length ? ANY_NAME : ''}`;
  const whole = tail === '' && path === prefix ? `${prefix}${ANY_NAME}` : path;
  return covers(rule, whole) ? whole : null;
}
