/** Commands to begin with, and to look things up. */
import type { Command } from '../command.js';
import { ONLY_RUN, REACH, SHOW } from './flags.js';

export const SETUP: readonly Command[] = [
  {
    name: 'validate',
    positionals: [{ name: 'inventory', required: true }],
    describe: 'check an inventory and say what is wrong, line by line',
    examples: [['ssh-scorecard validate inventory.yaml', '']],
    options: ['policy', 'plugin', 'quiet', 'config'],
    load: async () => (await import('../validate.js')).validate,
  },
  {
    name: 'checks',
    positionals: [
      { name: 'action', required: true },
      { name: 'id', required: false },
    ],
    describe: 'list the checks, or explain one: checks list, checks explain ID',
    examples: [
      ['ssh-scorecard checks list', ''],
      ['ssh-scorecard checks explain ca-trust', ''],
    ],
    options: ['plugin', 'format', 'color', 'no-color'],
    load: async () => (await import('../checks.js')).checks,
  },
  {
    name: 'init',
    positionals: [{ name: 'file', required: false }],
    describe: 'write a commented inventory to start from',
    examples: [['ssh-scorecard init inventory.yaml', '']],
    options: [],
    load: async () => (await import('../init.js')).init,
  },
  {
    name: 'inventory',
    positionals: [
      { name: 'action', required: true },
      { name: 'kind', required: true },
      { name: 'path', required: false },
    ],
    describe: "print another tool's list of hosts as an inventory: inventory import KIND",
    examples: [
      ['ssh-scorecard inventory import ansible hosts.ini > inventory.yaml', 'INI, YAML, or a folder of them'],
      [
        'ansible-inventory --list | ssh-scorecard inventory import ansible -',
        'what Ansible itself understands',
      ],
      ['ssh-scorecard inventory import aws --region eu-central-1 --tag Team=web', 'managed nodes of AWS'],
    ],
    options: ['host', 'tag', 'environment', 'region', 'role-arn', 'environment-tag', 'quiet', 'config'],
    load: async () => (await import('../inventory.js')).inventory,
  },
  {
    name: 'collector',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'print the collector as a script: for Ansible, or as a forced command on the hosts',
    examples: [
      ['ssh-scorecard collector inventory.yaml > ssh-access-scorecard.sh', "with the policy's wrappers"],
      [
        'ansible all -m script -a ssh-access-scorecard.sh --become --tree evidence',
        'run it; then audit --from-ansible evidence',
      ],
      ['ssh-scorecard collector --forced-command', 'see docs/auditor-access.md'],
    ],
    options: ['forced-command', 'policy', 'config'],
    load: async () => (await import('../collector.js')).collector,
  },
  {
    name: 'schema',
    positionals: [{ name: 'kind', required: false }],
    describe: 'print a JSON Schema for editors and programs: inventory, policy or results',
    examples: [['ssh-scorecard schema inventory > inventory.schema.json', '']],
    options: [],
    load: async () => (await import('../schema.js')).schema,
  },
  {
    name: 'doctor',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'what is missing on this machine, and where each setting came from',
    examples: [
      ['ssh-scorecard doctor inventory.yaml', ''],
      ['ssh-scorecard doctor inventory.yaml --sources', 'log in to Vault, SIEM … and see with which rights'],
    ],
    options: [
      'sources',
      ...REACH.filter((name) => !ONLY_RUN.has(name)),
      'concurrency',
      'config',
      'color',
      'no-color',
    ],
    load: async () => (await import('../doctor.js')).doctor,
  },
  {
    name: 'demo',
    positionals: [{ name: 'folder', required: false }],
    describe: 'audit an embedded fleet on this machine: no inventory, no network',
    examples: [['ssh-scorecard demo', 'writes demo-out/']],
    options: ['check', 'skip-check', 'no-guidance', 'plugin', ...SHOW, 'concurrency'],
    load: async () => (await import('../demo.js')).demo,
  },
];
