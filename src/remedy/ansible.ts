/**
 * The plan as an Ansible playbook. Made as a YAML document, never by joining text; everything that comes from a host is
 * tagged `!unsafe`, so that Jinja finds nothing in it. Source: Ansible, "Advanced playbook syntax", Unsafe or raw strings.
 */
import { Document } from 'yaml';
import { editTasks, inert, type Task, type Yaml } from './ansible-edits.js';
import { DEAD_MAN, LOGIN_RECORD, PATHS, RELOAD, UNDO } from './scripts.js';
import type { Edit, Group, Guard, HostPlan, Proof, RemedyPlan } from './types.js';

const MARKER = '/run/ssh-scorecard.armed';
/** Seconds until a change that cut the way in is taken back by the host itself. */
const PATIENCE = 90;

const REFUSED =
  "This host is left as it is: sshd's log does not show that this login is one that stays open, and the change could shut it out. Log in with a certificate, as another account than root. A host that logs too little for that: mend audit-logging first (--check audit-logging), and log in anew. If you know that this login is by certificate, add -e scorecard_login_is_certificate=true.";

export function ansiblePlaybook(plan: RemedyPlan): string {
  const plays = [known(plan), ...plan.groups.map(play), ...byHand(plan.hosts), ...refused(plan)];
  const document = new Document(plays, { aliasDuplicateObjects: false });
  document.commentBefore = heading(plan);
  return document.toString({ lineWidth: 0 });
}

function heading({ run, now, hosts, groups }: RemedyPlan): string {
  const manual = hosts.reduce((sum, host) => sum + host.manual.length, 0);
  const unknown = hosts.filter((host) => host.unknown !== undefined);
  const lines = [
    `Mends what the run ${run} found, judged at ${now}. Written by ssh-scorecard remediate.`,
    '',
    'Write the inventory, look first, then run:',
    '  ssh-scorecard remediate RUN -f ansible-inventory > inventory.yaml',
    '  ansible-playbook -i inventory.yaml remediate.yml --check --diff',
    '  ansible-playbook -i inventory.yaml remediate.yml',
    'Then audit again: only a new run proves anything.',
    '',
    'One host of a group first, then a quarter of it at a time; a failure ends the playbook. A host where the login in',
    'use could be closed is left as it is, and said so at the end. A change that cuts the way in is taken back by the',
    `host itself after ${PATIENCE} seconds.`,
    '',
    ...groups.map(({ automatic, hosts: names }) => `${automatic.causes.join(', ')}: ${names.join(', ')}`),
    ...(manual > 0 ? [`Steps only a person can take: ${manual}; the last play prints them.`] : []),
    ...unknown.map(({ host }) => `Not gathered, so nothing is planned for it: ${host}`),
  ];
  return lines.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
}

/** A host the inventory does not name would be passed over with a warning: nobody vanishes. */
function known({ hosts }: RemedyPlan): Yaml {
  const names = hosts
    .filter(({ automatic, manual }) => automatic || manual.length > 0)
    .map(({ host }) => host);
  return {
    name: 'Every host of the plan is in the inventory',
    hosts: 'localhost',
    connection: 'local',
    gather_facts: false,
    vars: { wanted: names },
    tasks: [
      {
        name: 'No host is missing',
        'ansible.builtin.assert': {
          that: ["wanted | difference(groups['all']) | length == 0"],
          fail_msg: "Not in the inventory: {{ wanted | difference(groups['all']) | join(', ') }}",
          quiet: true,
        },
      },
    ],
  };
}

function play({ hosts, automatic }: Group): Yaml {
  const { causes, edits, sshd, guard } = automatic;
  const backed = edits.map((edit, index) => ({ edit, index })).filter(({ edit }) => isBacked(edit));
  return {
    name: `Mend ${causes.join(', ')}`,
    hosts: [...hosts],
    become: true,
    gather_facts: false,
    serial: [1, '25%'],
    max_fail_percentage: 0,
    vars: { scorecard_paths: backed.map(({ edit }) => inert(edit.path)) },
    tasks: [
      ...guardTasks(guard),
      {
        name: 'Change, prove, and take it back when the proof fails',
        block: [
          ...edits.flatMap(editTasks),
          collectUndo(backed.map(({ index }) => index)),
          ...(sshd ? sshdTasks(sshd) : []),
          ...armed(sshd !== undefined),
        ],
        rescue: [
          shellTask('Put the files back', `${PATHS}${RELOAD}${UNDO}undo "$@"\nreload\n`, {
            args: '{{ scorecard_undo | default([]) }}',
            when: ['scorecard_undo | default([]) | length > 0'],
          }),
          { name: 'Disarm', 'ansible.builtin.file': { path: MARKER, state: 'absent' } },
          {
            name: 'Say so',
            'ansible.builtin.fail': {
              msg: 'What was changed is put back as it was. The failed task above says why.',
            },
          },
        ],
      },
    ],
  };
}

function isBacked({ kind }: Edit): boolean {
  return kind !== 'owner' && kind !== 'folder';
}

function shellTask(
  name: string,
  script: string,
  more: { readonly args: string; readonly when?: readonly string[]; readonly extra?: Task },
): Task {
  return {
    name,
    'ansible.builtin.command': { argv: `{{ ['sh', '-c', script, 'sh'] + ${unwrapped(more.args)} }}` },
    vars: { script: inert(script) },
    ...(more.when && { when: ['not ansible_check_mode', ...more.when] }),
    ...more.extra,
  };
}

function unwrapped(expression: string): string {
  return `(${expression.replace(/^\{\{|\}\}$/g, '').trim()})`;
}

function isGuarded({ keysOf, passwords, root }: Guard): boolean {
  return keysOf.length > 0 || passwords || root;
}

/** Finds out how the login in use came in, and stops on this host when the change would close it. */
function guardTasks({ keysOf, passwords, root }: Guard): Task[] {
  if (!isGuarded({ keysOf, passwords, root })) return [];
  const trusted = 'scorecard_login_is_certificate | default(false) | bool';
  const that = [
    ...(keysOf.length > 0
      ? [`scorecard_me.stdout_lines[0] not in closed or '-CERT ' in scorecard_login.stdout or (${trusted})`]
      : []),
    ...(passwords ? [`'Accepted publickey ' in scorecard_login.stdout or (${trusted})`] : []),
    ...(root ? ["scorecard_me.stdout_lines[1] != '0'"] : []),
  ];
  return [
    {
      name: 'See who this login is',
      'ansible.builtin.command': { argv: ['sh', '-c', 'id -un; id -u; printf "%s\\n" "${SSH_CONNECTION-}"'] },
      become: false,
      register: 'scorecard_me',
      changed_when: false,
      check_mode: false,
    },
    {
      name: "Find sshd's record of this login",
      'ansible.builtin.command': { argv: ['sh', '-c', inert(LOGIN_RECORD)] },
      environment: { WHERE: "{{ scorecard_me.stdout_lines[2] | default('') }}" },
      register: 'scorecard_login',
      changed_when: false,
      failed_when: false,
      check_mode: false,
    },
    {
      name: 'Leave the host as it is when the change could close this login',
      vars: { closed: keysOf.map(inert) },
      'ansible.builtin.set_fact': { scorecard_refused: REFUSED },
      when: [`not (${that.map((each) => `(${each})`).join(' and ')})`],
    },
    {
      name: 'Say so',
      'ansible.builtin.debug': { var: 'scorecard_refused' },
      when: ['scorecard_refused is defined'],
    },
    {
      name: 'Go on to the next host',
      'ansible.builtin.meta': 'end_host',
      when: ['scorecard_refused is defined'],
    },
  ];
}

/** Pairs of path and copy, of what was really changed; of a loop, the copy of its first change. */
function collectUndo(indexes: readonly number[]): Task {
  const pairs = indexes.map((index, position) => {
    const of = (result: string) =>
      `${result}.backup_file | default(${result}.backup | default('', true), true)`;
    const name = `scorecard_${index}`;
    const first = `((${name}.results | selectattr('changed') | list | first) if ${name}.results is defined else ${name})`;
    return `([scorecard_paths[${position}], ${of(first)}] if ${name} is changed else [])`;
  });
  return {
    name: 'Remember how to put it back',
    'ansible.builtin.set_fact': { scorecard_undo: `{{ ${['[]', ...pairs].join(' + ')} }}` },
    when: ['not ansible_check_mode'],
  };
}

function sshdTasks({
  binary,
  main,
  proofs,
}: {
  binary: string;
  main: string;
  proofs: readonly Proof[];
}): Task[] {
  return [
    {
      name: 'sshd accepts the configuration',
      'ansible.builtin.command': { argv: [inert(binary), '-t', '-f', inert(main)] },
      changed_when: false,
      when: ['not ansible_check_mode'],
    },
    {
      name: 'sshd says what is wanted',
      'ansible.builtin.command': {
        argv: [inert(binary), '-T', '-f', inert(main), '-C', '{{ item.connection }}'],
      },
      loop: proofs.map(({ connection, wanted }) => ({
        connection: inert(connection),
        wanted: wanted.map(inert),
      })),
      register: 'scorecard_proof',
      changed_when: false,
      failed_when: 'item.wanted | difference((scorecard_proof.stdout | lower).splitlines()) | length > 0',
      when: ['not ansible_check_mode'],
    },
  ];
}

/** Reload under a dead man's switch, log in anew, and only then call it done. */
function armed(reload: boolean): Task[] {
  const changed = 'scorecard_undo | default([]) | length > 0';
  const when = ['not ansible_check_mode', changed];
  return [
    { name: 'Arm', 'ansible.builtin.file': { path: MARKER, state: 'touch', mode: '0600' }, when },
    shellTask('The host takes the change back unless it is disarmed', DEAD_MAN, {
      args: `{{ ['${MARKER}', '${PATIENCE}'] + scorecard_undo }}`,
      when: [changed],
      extra: { async: PATIENCE + 60, poll: 0 },
    }),
    ...(reload
      ? [shellTask('Reload sshd', `${PATHS}${RELOAD}reload\n`, { args: '{{ [] }}', when: [changed] })]
      : []),
    { name: 'Leave', 'ansible.builtin.meta': 'reset_connection' },
    {
      name: 'Log in anew',
      'ansible.builtin.wait_for_connection': { timeout: 45 },
      when,
    },
    { name: 'Disarm', 'ansible.builtin.file': { path: MARKER, state: 'absent' }, when },
    {
      name: 'Remove the copies: the run folder holds what was there',
      'ansible.builtin.file': { path: '{{ item }}', state: 'absent' },
      loop: "{{ (scorecard_undo | default([]))[1::2] | reject('equalto', '') | list }}",
      when: ['not ansible_check_mode'],
    },
  ];
}

/** Hosts that were left as they are fail at the very end: the others are mended, and the exit code says no. */
function refused({ groups }: RemedyPlan): Yaml[] {
  const hosts = groups.filter(({ automatic: { guard } }) => isGuarded(guard)).flatMap((group) => group.hosts);
  if (hosts.length === 0) return [];
  return [
    {
      name: 'Hosts that were left as they are',
      hosts,
      gather_facts: false,
      tasks: [
        {
          name: 'None',
          'ansible.builtin.fail': { msg: '{{ scorecard_refused }}' },
          when: ['scorecard_refused is defined'],
        },
      ],
    },
  ];
}

/** What no program can do, printed for each host. */
function byHand(hosts: readonly HostPlan[]): Yaml[] {
  const some = hosts.filter(({ manual }) => manual.length > 0);
  if (some.length === 0) return [];
  const steps = some.map(({ host, manual }) => [
    host,
    manual.map(({ check, text }) => inert(`${check}: ${text}`)),
  ]);
  return [
    {
      name: 'Steps only a person can take',
      hosts: some.map(({ host }) => host),
      gather_facts: false,
      vars: { steps: Object.fromEntries(steps) as Task },
      tasks: [{ name: 'By hand', 'ansible.builtin.debug': { msg: '{{ steps[inventory_hostname] }}' } }],
    },
  ];
}
