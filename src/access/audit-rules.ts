/** Whether the kernel's audit records what login sessions run. Source: auditctl(8), audit.rules(7). */
import type { AccessFacts } from '../facts/access-facts.js';

const WORD_SIZES = ['b64', 'b32'] as const;

export interface Auditing {
  readonly state: 'on' | 'off' | 'unknown';
  readonly because: string;
}

/** Whether the kernel records every program a login session runs. */
export function auditingOf({ changes }: AccessFacts): Auditing {
  if (!changes.ok) return { state: 'unknown', because: changes.detail };
  const { recorder, enabled, rules } = changes.value.auditing;
  if (recorder === 'none')
    return { state: 'off', because: 'auditd does not run: what sessions did cannot be known' };
  if (enabled === false) return { state: 'off', because: 'the kernel’s audit is switched off (auditctl -s)' };
  if (enabled === null) return { state: 'unknown', because: 'auditctl could not be asked' };
  if (rules.length === 0)
    return {
      state: 'off',
      because: 'no rule records execve (auditctl -l): what sessions ran cannot be known',
    };
  return WORD_SIZES.every((arch) => rules.some((rule) => isFor(rule, arch)))
    ? { state: 'on', because: `${recorder} records every program of login sessions` }
    : {
        state: 'unknown',
        because: 'the rules record programs of one word size only (arch=b32 and arch=b64 are both needed)',
      };
}

/**
 * Whether programs of a login user are recorded, of both word sizes.
 * @param uid undefined: not known, so only rules for everybody count.
 */
export function recordsLogin(rules: readonly string[], uid: number | undefined): boolean {
  return WORD_SIZES.every((arch) => rules.some((rule) => isFor(rule, arch) && covers(rule, uid)));
}

function isFor(rule: string, arch: (typeof WORD_SIZES)[number]): boolean {
  return !/-F arch=/.test(rule) || rule.includes(`arch=${arch}`);
}

/** A rule holds when all its conditions do. */
function covers(rule: string, uid: number | undefined): boolean {
  if (/-F success=(?:0|no)\b/.test(rule)) return false;
  return Array.from(rule.matchAll(/-F auid(>=|<=|!=|=|>|<)(\S+)/g)).every(([, is = '', value = '']) => {
    // Login sessions have a login user, so this one leaves none of them out.
    if (/^(?:-1|unset|4294967295)$/.test(value)) return is === '!=';
    if (uid === undefined || !/^\d{1,10}$/.test(value)) return false;
    const bound = Number(value);
    if (is === '>=') return uid >= bound;
    if (is === '<=') return uid <= bound;
    if (is === '!=') return uid !== bound;
    if (is === '=') return uid === bound;
    return is === '>' ? uid > bound : uid < bound;
  });
}
