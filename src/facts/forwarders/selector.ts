/** `auth,authpriv.*;mail.none`. Source: syslog.conf(5), rsyslog.conf(5) "Selectors". */
import { FACILITIES, SEVERITIES, type Truth } from './sample.js';

const FACILITY_ALIAS: Readonly<Record<string, string>> = {
  security: 'auth',
  console: 'alert',
  'solaris-cron': 'clock',
};
const SEVERITY_ALIAS: Readonly<Record<string, string>> = { panic: 'emerg', error: 'err', warn: 'warning' };

/** @returns whether a message of that facility and severity is selected; null when the selector makes no sense. */
export function selects(selector: string, facility: number, severity: number): Truth {
  let selected = false;
  for (const part of selector
    .toLowerCase()
    .split(';')
    .filter((text) => text !== '')) {
    const [, names = '', rule = ''] = /^([^.]*)\.(.*)$/.exec(part) ?? [];
    const facilities = names.split(',').filter((name) => name !== '');
    const indices = facilities.map((name) =>
      name === '*' ? facility : indexOf(FACILITIES, FACILITY_ALIAS[name] ?? name),
    );
    const [, negated = '', single = '', level = ''] = /^(!?)(=?)(.*)$/.exec(rule) ?? [];
    const known =
      level === '*' || level === 'none' || indexOf(SEVERITIES, SEVERITY_ALIAS[level] ?? level) >= 0;
    if (indices.length === 0 || indices.includes(-1) || !known) return null;
    if (!indices.includes(facility)) continue;
    if (level === 'none') selected = false;
    else if (level === '*') selected = negated === '';
    else {
      const limit = indexOf(SEVERITIES, SEVERITY_ALIAS[level] ?? level);
      if (single === '=' ? severity === limit : severity <= limit) selected = negated === '';
    }
  }
  return selected;
}

function indexOf(names: readonly string[], name: string): number {
  if (/^\d{1,2}$/.test(name)) return Number(name) < names.length ? Number(name) : -1;
  return names.indexOf(name);
}
