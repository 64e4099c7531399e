/**
 * Log agents other than syslog daemons: what of their configuration names a destination, and what reads the journal or
 * sshd's text log. Sources: each project's configuration reference. Where rules narrow what is read, nothing is claimed.
 */
import { and, type Truth } from './sample.js';

export interface ConfigText {
  readonly path: string;
  readonly text: string;
}

export interface AgentReading {
  readonly destinations: readonly string[];
  /** Where sshd's lines come from, and whether all of them do. Absent: no such input was found. */
  readonly journal?: Truth;
  readonly file?: Truth;
  readonly evidence: readonly { readonly path: string; readonly line: number; readonly text: string }[];
  readonly problems: readonly string[];
}

interface Agent {
  /** The first group is the destination. */
  readonly destination: RegExp;
  /** Where it sends when the configuration names nothing. */
  readonly implied?: string;
  readonly journal?: RegExp;
  /** Settings that leave lines out. */
  readonly narrowed?: RegExp;
  /** Without it, nothing is shipped. */
  readonly needed?: { readonly pattern: RegExp; readonly says: string };
}

const ALWAYS = /^/;
const HASH = /^\s*(?:#|\/\/|;)|^\s*<!--.*-->\s*$/;
/** Files sshd's lines are in. `messages` and `syslog` hold them on some systems only. */
const AUTH_FILE =
  /\/var\/log(?:\/(?:auth\.log|secure|auth\*|secure\*|\*\.log|\*\*?(?:\/\*(?:\.log)?)?)(?![\w.])|\/?[\]"'])/;
const MAYBE_FILE = /\/var\/log\/(?:messages|syslog)\b/;

export const AGENTS: Readonly<Record<string, Agent>> = {
  'journal-upload': { destination: /^\s*URL\s*=\s*(\S+)/i, journal: ALWAYS },
  netlogd: {
    destination: /^\s*Address\s*=\s*(\S+)/i,
    journal: ALWAYS,
    narrowed: /^\s*(?:ExcludeSyslogFacility|ExcludeSyslogLevel|Namespace)\s*=/i,
  },
  promtail: {
    destination: /^\s*-?\s*url:\s*["']?([^\s"']+)/,
    journal: /^\s*-?\s*journal:/,
    narrowed: /^\s*-?\s*(?:matches:|drop:|match:|limit:|action:\s*["']?(?:drop|keep))/,
  },
  alloy: {
    destination: /^\s*-?\s*url\s*[=:]\s*["']?([^\s"']+)/,
    journal: /loki\.source\.journal\s+"|^\s*-?\s*journal:/,
    narrowed: /matches\s*[=:]|action\s*[=:]\s*["']?(?:drop|keep)|stage\.(?:drop|match|limit)/,
  },
  'fluent-bit': {
    destination: /^\s*(?:host|region|log_group_name|address|endpoint|upstream|brokers|bucket)\b:?\s+(\S+)/i,
    journal: /^\s*(?:-\s*)?name:?\s+systemd\b/i,
    narrowed: /^\s*systemd_filter|^\s*(?:-\s*)?name:?\s+(?:grep|throttle|lua|rewrite_tag)\b/i,
  },
  fluentd: {
    destination: /^\s*(?:host|hosts|endpoint|url|brokers|log_group_name|hec_host|endpoint_url)\s+(\S+)/,
    journal: /@type\s+systemd/,
    narrowed: /^\s*(?:matches|filters)\b|@type\s+(?:grep|throttle)|<exclude>/,
  },
  vector: {
    destination:
      /^\s*(?:endpoints?|address|uri|bootstrap_servers|brokers|group_name)\s*[:=]\s*\[?\s*["']?([^"'\]\s]+)|^\s*-\s*["']?(https?:\/\/[^\s"']+)/,
    journal: /type["']?\s*[:=]\s*["']?journald/,
    narrowed:
      /(?:include|exclude)_(?:units|matches)|type["']?\s*[:=]\s*["']?(?:filter|sample|throttle|remap|route|dedupe)/,
  },
  filebeat: {
    destination:
      /^\s*(?:output\.\w+\.)?hosts:\s*\[?\s*["']?([^"'\]\s]+)|^\s*-\s*["']?((?:https?:\/\/)?[\w.-]+:\d+)|^\s*cloud\.id:\s*(\S+)/,
    journal: /type:\s*["']?journald/,
    narrowed: /drop_event|(?:include|exclude)_(?:lines|matches|files)|^\s*-?\s*units:/,
  },
  'elastic-agent': {
    destination: /^\s*hosts?:\s*\[?\s*["']?([^"'\]\s]+)|^\s*-\s*["']?(https?:\/\/[^\s"']+)/,
    narrowed: ALWAYS,
  },
  otelcol: {
    destination: /^\s*(?:endpoint|brokers):\s*\[?\s*["']?(?!0\.0\.0\.0)([^"'\]\s]+)/,
    journal: /^\s*journald(?:\/\S+)?:/,
    narrowed: /^\s*(?:units|matches|priority|grep|filter(?:\/\S+)?|operators):/,
    needed: { pattern: /^\s*logs(?:\/\S+)?:/, says: 'no pipeline for logs is configured' },
  },
  datadog: {
    destination: /^\s*(?:dd_url|logs_dd_url|site):\s*(\S+)/,
    implied: 'datadoghq.com',
    journal: /type:\s*["']?journald/,
    narrowed: /(?:include|exclude)_units|log_processing_rules/,
    needed: { pattern: /^\s*logs_enabled:\s*true/, says: 'logs_enabled is not true' },
  },
  wazuh: {
    destination: /<address>\s*([^<\s]+)/,
    journal: /<log_format>\s*journald/,
    narrowed: /<(?:filter|ignore|restrict)\b/,
  },
  splunk: {
    destination: /^\s*server\s*=\s*(\S.*?)\s*$/,
    journal: /^\s*\[journald:\/\//,
    narrowed: /^\s*(?:whitelist|blacklist|journalctl-filter)\s*=|^\s*disabled\s*=\s*(?:1|true)/i,
  },
  cloudwatch: {
    destination: /"log_group_name"\s*:\s*"([^"]+)"/,
    journal: /"journald"\s*:/,
    narrowed: /"(?:filters|units)"\s*:/,
  },
};

export function readAgent(name: string, files: readonly ConfigText[]): AgentReading {
  const agent = AGENTS[name];
  const lines = files
    .flatMap(({ path, text }) =>
      text.split('\n').map((line, at) => ({ path, line: at + 1, text: line.slice(0, 2000) })),
    )
    .filter(({ text }) => !HASH.test(text));
  if (!agent)
    return {
      destinations: [],
      evidence: [],
      problems: [`how ${name} is configured is not known to this version`],
    };
  const targets = lines.flatMap((line) => {
    const found = agent.destination
      .exec(line.text)
      ?.slice(1)
      .find((group) => group !== undefined && group !== '');
    return found === undefined ? [] : [{ ...line, found }];
  });
  const narrowing = lines.filter(({ text }) => agent.narrowed?.test(text) === true && !/ssh/.test(text));
  const all: Truth = narrowing.length > 0 ? null : true;
  const journal = lines.find(({ text }) => agent.journal?.test(text));
  // Filebeat names its inputs in a module, on two lines.
  const module =
    name === 'filebeat'
      ? files.find(({ text }) =>
          /^[ \t]*auth:[ \t\r]*\n(?:[ \t]*#.*\n|[ \t\r]*\n)*[ \t]*enabled:[ \t]*true/m.test(text),
        )
      : undefined;
  const file =
    lines.find(({ text }) => AUTH_FILE.test(text)) ??
    (module && { path: module.path, line: 1, text: 'auth: enabled: true' });
  const perhaps = lines.find(({ text }) => MAYBE_FILE.test(text));
  const missing =
    agent.needed && !lines.some(({ text }) => agent.needed?.pattern.test(text)) ? agent.needed.says : null;
  const problems = narrowing
    .slice(0, 3)
    .map(
      ({ path, line, text }) => `${path}:${line} may leave sshd's lines out: ${text.trim().slice(0, 120)}`,
    );
  if (missing !== null) problems.push(missing);
  const destinations =
    targets.length > 0
      ? targets.map(({ found }) => found)
      : agent.implied !== undefined && files.length > 0
        ? [agent.implied]
        : [];
  const active: Truth = missing === null;
  return {
    destinations: [...new Set(destinations)],
    ...(journal && { journal: and(all, active) }),
    ...((file ?? perhaps) && { file: and(file ? all : null, active) }),
    evidence: [...targets, ...[journal, file].flatMap((one) => one ?? [])]
      .slice(0, 20)
      .map(({ path, line, text }) => ({ path, line, text: text.trim().slice(0, 300) })),
    problems,
  };
}
