/** Commands that ask hosts. */
import type { Command } from '../command.js';
import { GATHER, RUN, WORKER } from './flags.js';

export const HOSTS: readonly Command[] = [
  {
    name: 'run',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'audit every host and say whether the directive is met',
    examples: [
      ['ssh-scorecard run inventory.yaml', 'audit the fleet'],
      ['ssh-scorecard run inventory.yaml -o junit=junit.xml -o json=results.json', 'in CI'],
      ["ssh-scorecard run inventory.yaml --host 'web*' --check password-auth", 'a part'],
      ['ssh-scorecard run inventory.yaml --dry-run', 'connect to nothing'],
      ['ssh-scorecard run --local', 'this machine, without an inventory'],
      ['ssh-scorecard run --resume runs/2026-11-21T02-00-00Z-1a2b3c', 'finish an interrupted run'],
    ],
    options: RUN,
    load: async () => (await import('../run.js')).run,
  },
  {
    name: 'gather',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'only collect evidence, to be judged later or elsewhere; prints the run folder',
    examples: [
      ['ssh-scorecard gather inventory.yaml --evidence runs', 'collect; judge with audit'],
      ['ssh-scorecard gather inventory.yaml --shard 2/4', 'a quarter of the fleet'],
    ],
    options: GATHER,
    load: async () => (await import('../gather.js')).gatherOnly,
  },
  {
    name: 'worker',
    positionals: [],
    describe: 'ask the hosts of an environment for runs with --queue, from a machine that reaches them',
    examples: [
      ['ssh-scorecard worker --queue rediss://HOST --environment production', ''],
      ['ssh-scorecard run inventory.yaml --queue rediss://HOST', 'where it is judged'],
    ],
    options: WORKER,
    load: async () => (await import('../worker.js')).worker,
  },
];
