/** Where rsyslog sends sshd's lines, and what keeps them from getting there. */
import type { Forwarder } from '../types.js';
import { DEFAULT_RULESET, parseRsyslog } from './rsyslog-parse.js';
import type {
  ConfigurationFiles,
  Parameters,
  Place,
  RsyslogConfiguration,
  Statement,
} from './rsyslog-types.js';
import { and, FACILITIES, INFO, or, type Sample, type Truth } from './sample.js';

/** How a message can end up: where it was sent, surely or perhaps, and whether rules still see it. */
interface Course {
  readonly sent: ReadonlyMap<string, Truth>;
  readonly alive: Truth;
}

/** Where local messages come in. `socket` is null for the default one. */
interface Source {
  readonly input: Sample['input'];
  readonly socket: string | null;
  readonly ruleset: string;
}

/** Facilities sshd can be told to use. sshd_config(5), SyslogFacility. */
const SSHD_FACILITIES = [
  'daemon',
  'user',
  'auth',
  'authpriv',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;
const PROGRAMS = ['sshd', 'sshd-session'] as const;

/** Parameters that name the far end, by output module. Databases count: they may be the central store. */
const REMOTE: Readonly<Record<string, readonly string[]>> = {
  omfwd: ['target', 'targetsrv'],
  omrelp: ['target'],
  omdtls: ['target'],
  omelasticsearch: ['server'],
  omkafka: ['broker'],
  omhttp: ['server'],
  omhiredis: ['server'],
  omrabbitmq: ['host'],
  omamqp1: ['host'],
  omazureeventhubs: ['azurehost'],
  omclickhouse: ['server'],
  omgssapi: ['target'],
  ommongodb: ['server', 'uristr'],
  ommysql: ['server', 'target'],
  ompgsql: ['server', 'target'],
  omsnmp: ['server'],
  omczmq: ['endpoints'],
};
/** These work without naming one: they then use this machine. */
const LOCAL_DEFAULT: Readonly<Record<string, string>> = {
  omelasticsearch: 'localhost',
  omkafka: 'localhost',
  omhiredis: 'localhost',
};
const LOCAL = new Set([
  'local',
  'none',
  'omfile',
  'omusrmsg',
  'omjournal',
  'omstdout',
  'omtesting',
  'omuxsock',
  'ompipe',
  'omdiscard',
  'mmjsonparse',
]);

/** Every input is followed through the rules for every facility. */
const MOST_SOURCES = 10;
/** Destinations of one message. */
const MOST_SENT = 200;

/** Whether sshd's lines come in there. */
export type Feeds = (input: Sample['input'], socket: string | null) => Truth;

/**
 * @param main path of the configuration file the process was started with
 * @param running whether the process runs
 */
export function readRsyslog(
  main: string,
  files: ConfigurationFiles,
  running: boolean,
  feeds: Feeds,
): Forwarder {
  const configuration = parseRsyslog(main, files);
  const found = localSources(configuration);
  const sources = found.slice(0, MOST_SOURCES);
  const places = new Map<string, Place>();
  const stops = new Map<string, Place>();
  const { troubles } = configuration;
  if (found.length > MOST_SOURCES) troubles.push(`more than ${MOST_SOURCES} local inputs`);
  const problems = [...troubles];
  const shipped = (facility: number, program: string): Truth => {
    // Inputs that lead to the same rules differ in nothing that rules look at.
    const known = new Map<string, Truth>();
    const through = ({ input, ruleset }: Source): Truth => {
      const run = new Run(configuration, { facility, severity: INFO, program, input }, places, stops);
      const { sent } = run.ruleset(ruleset, { sent: new Map(), alive: true });
      return or(false, ...sent.values());
    };
    return or(
      false,
      ...sources.map((source) => {
        const key = `${source.input} ${source.ruleset}`;
        const sent = known.get(key) ?? (known.has(key) ? null : through(source));
        known.set(key, sent);
        return and(feeds(source.input, source.socket), sent, source.input === 'imfile' ? null : true);
      }),
    );
  };
  const selection = SSHD_FACILITIES.flatMap((facility) =>
    PROGRAMS.map((program) => {
      const ships = shipped(FACILITIES.indexOf(facility), program);
      return { facility, program, ships: configuration.troubles.length > 0 ? null : ships };
    }),
  );
  const usual = selection.filter(({ facility }) => facility.startsWith('auth')).map(({ ships }) => ships);
  const shipsAuth = usual.every((ships) => ships === usual[0]) ? (usual[0] ?? null) : null;
  if (sources.length === 0)
    problems.push('rsyslog has no local input (imuxsock or imjournal): it never sees what sshd writes');
  if (
    sources.length > 0 &&
    sources.every(({ socket, input }) => input === 'imuxsock' && feeds(input, socket) === false)
  )
    problems.push(
      'rsyslog listens where sshd’s lines do not arrive: journald does not hand them on (ForwardToSyslog), and imjournal is not loaded',
    );
  if (shipsAuth !== true)
    for (const place of stops.values())
      problems.push(`${place.path}:${place.line} throws lines of sshd away: ${place.text}`);
  // What is sent elsewhere than sshd's lines shows where the store is, when they go nowhere.
  const all = places.size > 0 ? places : everywhere(configuration);
  return {
    name: 'rsyslog',
    running,
    destinations: [...all.keys()],
    shipsAuth,
    selection,
    evidence: [...all.values()],
    problems,
  };
}

/** Every destination any rule names, whatever it is for. */
function everywhere({ rulesets }: RsyslogConfiguration): Map<string, Place> {
  const found = new Map<string, Place>();
  const walk = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      if (statement.kind === 'when') {
        walk(statement.body);
        walk(statement.otherwise);
      }
      const to = statement.kind === 'action' ? destination(statement.type, statement.parameters) : null;
      if (to !== null && statement.kind === 'action') found.set(to.name, statement.place);
    }
  };
  for (const { statements } of rulesets.values()) walk(statements);
  return found;
}

/** One message on its way through the rules. A bounded walk: rulesets may call each other in circles. */
class Run {
  #steps = 0;
  #depth = 0;
  readonly #configuration: RsyslogConfiguration;
  readonly #sample: Sample;
  readonly #places: Map<string, Place>;
  readonly #stops: Map<string, Place>;

  constructor(
    configuration: RsyslogConfiguration,
    sample: Sample,
    places: Map<string, Place>,
    stops: Map<string, Place>,
  ) {
    this.#configuration = configuration;
    this.#sample = sample;
    this.#places = places;
    this.#stops = stops;
  }

  ruleset(name: string, course: Course): Course {
    const ruleset = this.#configuration.rulesets.get(name);
    if (!ruleset || ++this.#depth > 20) return { sent: course.sent, alive: null };
    const after = this.#all(ruleset.statements, course);
    this.#depth--;
    // With a queue of its own it works on a copy: a stop in it stops nothing outside.
    return ruleset.queued ? { sent: after.sent, alive: course.alive } : after;
  }

  #all(statements: readonly Statement[], course: Course): Course {
    return statements.reduce(
      (before, statement) => (before.alive === false ? before : this.#one(statement, before)),
      course,
    );
  }

  #one(statement: Statement, course: Course): Course {
    if (++this.#steps > 5000) return { sent: course.sent, alive: null };
    switch (statement.kind) {
      case 'stop':
        this.#stops.set(`${statement.place.path}:${statement.place.line}`, statement.place);
        return { ...course, alive: false };
      case 'call':
        return this.ruleset(statement.name, course);
      case 'unknown':
        return { ...course, alive: null };
      case 'action':
        return this.#act(statement, course);
      case 'when': {
        const truth = statement.condition(this.#sample);
        if (truth === true) return this.#all(statement.body, course);
        if (truth === false) return this.#all(statement.otherwise, course);
        return merged(this.#all(statement.body, course), this.#all(statement.otherwise, course));
      }
    }
  }

  #act({ type, parameters, sometimes, place }: Statement & { kind: 'action' }, course: Course): Course {
    const to = destination(type, parameters);
    if (to === null) return course;
    // It is sent somewhere already, and what comes of it is not known.
    if (course.sent.size >= MOST_SENT && !course.sent.has(to.name)) return { ...course, alive: null };
    this.#places.set(to.name, place);
    const sure = and(course.alive, sometimes ? null : true, to.sure);
    return {
      ...course,
      sent: new Map([...course.sent, [to.name, or(course.sent.get(to.name) ?? false, sure)]]),
    };
  }
}

/** What holds whichever of two ways was taken. */
function merged(one: Course, other: Course): Course {
  const both = (left: Truth, right: Truth): Truth => (left === right ? left : null);
  const names = new Set([...one.sent.keys(), ...other.sent.keys()]);
  return {
    sent: new Map(
      [...names].map((name) => [name, both(one.sent.get(name) ?? false, other.sent.get(name) ?? false)]),
    ),
    alive: both(one.alive, other.alive),
  };
}

function destination(type: string, parameters: Parameters): { name: string; sure: Truth } | null {
  if (LOCAL.has(type)) return null;
  if (type === 'omprog')
    return {
      name: `the program ${parameters.get('binary')?.[0] ?? parameters.get('target')?.[0] ?? ''}`,
      sure: null,
    };
  const named = (REMOTE[type] ?? [])
    .flatMap((name) => parameters.get(name) ?? [])
    .filter((value) => value !== '');
  const target = named.length > 0 ? named.join(', ') : LOCAL_DEFAULT[type];
  if (target === undefined)
    return type in REMOTE || !type.startsWith('om')
      ? null
      : { name: `${type} (not known to this version)`, sure: null };
  const port = parameters.get('port')?.[0];
  return {
    name: `${type} ${parameters.get('protocol')?.[0]?.toLowerCase() ?? ''} ${target}${port === undefined ? '' : `:${port}`}`.replace(
      / +/g,
      ' ',
    ),
    sure: true,
  };
}

function localSources({ modules, inputs, directives }: RsyslogConfiguration): Source[] {
  const directive = (name: string) => directives.findLast((one) => one.name === name)?.value;
  const loaded = (name: string) =>
    modules.find((module) => moduleName(module.get('load')?.[0] ?? '') === name);
  const legacy = (name: string) =>
    directives.some((one) => one.name === 'modload' && moduleName(one.value) === name);
  const standard = (directive('defaultruleset') ?? DEFAULT_RULESET).toLowerCase();
  const rulesetOf = (parameters: Parameters | undefined, ...names: readonly string[]) =>
    names.flatMap((name) => parameters?.get(name) ?? [])[0]?.toLowerCase() ?? standard;
  const sources: Source[] = [];
  const imuxsock = loaded('imuxsock');
  if (imuxsock || legacy('imuxsock')) {
    const off =
      /^(off|no|0)$/i.test(imuxsock?.get('syssock.use')?.[0] ?? 'on') ||
      /^(on|yes|1)$/i.test(directive('omitlocallogging') ?? 'off');
    if (!off)
      sources.push({
        input: 'imuxsock',
        socket: imuxsock?.get('syssock.name')?.[0] ?? directive('systemlogsocketname') ?? null,
        ruleset: rulesetOf(imuxsock, 'syssock.ruleset', 'ruleset'),
      });
  }
  const imjournal = loaded('imjournal');
  if (imjournal || legacy('imjournal'))
    sources.push({
      input: 'imjournal',
      socket: null,
      ruleset: rulesetOf(imjournal, 'ruleset', 'defaultruleset'),
    });
  for (const input of inputs) {
    const type = input.get('type')?.[0]?.toLowerCase();
    const ruleset = rulesetOf(input, 'ruleset');
    if (type === 'imuxsock')
      sources.push({ input: 'imuxsock', socket: input.get('socket')?.[0] ?? null, ruleset });
    if (type === 'imjournal') sources.push({ input: 'imjournal', socket: null, ruleset });
    if (type === 'imfile' && /\/(auth\.log|secure|messages|syslog)\b|\*/.test(input.get('file')?.[0] ?? ''))
      sources.push({ input: 'imfile', socket: null, ruleset });
  }
  return sources;
}

function moduleName(load: string): string {
  return load.replace(/^.*\//, '').replace(/\.so$/, '').toLowerCase();
}
