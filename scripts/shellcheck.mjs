/** Shellchecks what runs: every probe with the prelude and set-up before it. Says what is missing when it is. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dir = fileURLToPath(new URL('../src/collector/probes/', import.meta.url));
const found = spawnSync('shellcheck', ['--version']);
if (found.error) {
  console.error('shellcheck is missing: apt-get install shellcheck');
  process.exit(process.env.SSH_SCORECARD_REQUIRE_ALL ? 1 : 0);
}
const read = (name) => readFileSync(`${dir}${name}`, 'utf8');
const first = ['prelude.sh', 'sshd-setup.sh'];
const names = readdirSync(dir)
  .filter((name) => name.endsWith('.sh') && !first.includes(name))
  .sort();
const present = first.filter((name) => readdirSync(dir).includes(name));
// One file, as the host gets it: functions defined before and used after count as used.
const whole = [...present, ...names].map(read).join('\n');
const run = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034,SC2329', '-'], {
  input: whole,
  encoding: 'utf8',
});
process.stdout.write(run.stdout);
process.exit(run.status ?? 1);
