/** journald's effective settings. Source: journald.conf(5): the first main file, then drop-ins by name, /etc before /run before /usr. */
import type { ConfigText } from './forwarders/agents.js';
import { INFO, SEVERITIES } from './forwarders/sample.js';
import type { LoggingFacts } from './types.js';

interface Setting {
  readonly value: string;
  readonly path: string;
  readonly line: number;
}

const FOLDERS = ['/etc/systemd/', '/run/systemd/', '/usr/local/lib/systemd/', '/usr/lib/systemd/'];

/** @param kept whether /var/log/journal is a folder: `Storage=auto` asks for it. */
export function readJournald(
  files: readonly ConfigText[],
  running: boolean,
  kept: boolean,
): LoggingFacts['journald'] {
  const settings = effective(files);
  const storage = settings.get('storage')?.value.toLowerCase() ?? 'auto';
  const forward = settings.get('forwardtosyslog')?.value ?? compiledDefault(files, 'ForwardToSyslog');
  const drops = [
    lossy(settings.get('maxlevelstore')),
    storage === 'none' ? settings.get('storage') : undefined,
  ].flatMap((setting) => (setting ? [{ path: setting.path, line: setting.line, text: setting.value }] : []));
  return {
    running,
    storage,
    persistent: storage === 'persistent' ? true : storage === 'auto' ? kept : false,
    forwardsToSyslog: lossy(settings.get('maxlevelsyslog'))
      ? false
      : forward === undefined
        ? null
        : /^(?:yes|true|on|1|y|t)$/i.test(forward),
    drops: drops.map((drop) => ({
      ...drop,
      text: `${drop.text === storage ? 'Storage' : 'MaxLevelStore'}=${drop.text}`,
    })),
  };
}

/** A limit that leaves out what sshd writes about a login. */
function lossy(limit: Setting | undefined): Setting | undefined {
  if (!limit) return undefined;
  const level = /^\d$/.test(limit.value)
    ? Number(limit.value)
    : SEVERITIES.indexOf(limit.value.toLowerCase() as (typeof SEVERITIES)[number]);
  return level >= 0 && level < INFO ? limit : undefined;
}

function effective(files: readonly ConfigText[]): ReadonlyMap<string, Setting> {
  const main = FOLDERS.flatMap(
    (folder) => files.find(({ path }) => path === `${folder}journald.conf`) ?? [],
  ).slice(0, 1);
  const dropIns = new Map<string, ConfigText>();
  for (const folder of FOLDERS.toReversed()) {
    for (const file of files)
      if (file.path.startsWith(`${folder}journald.conf.d/`))
        dropIns.set(file.path.slice(file.path.lastIndexOf('/') + 1), file);
  }
  const ordered = [...dropIns].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, file]) => file);
  const settings = new Map<string, Setting>();
  for (const { path, text } of [...main, ...ordered]) {
    let section = '';
    text.split('\n').forEach((line, index) => {
      section = /^\s*\[(\w+)\]/.exec(line)?.[1]?.toLowerCase() ?? section;
      const [, key = '', value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (section !== 'journal' || key === '') return;
      // An empty value goes back to the default.
      if (value === '') settings.delete(key.toLowerCase());
      else settings.set(key.toLowerCase(), { value, path, line: index + 1 });
    });
  }
  return settings;
}

/** The file a package installs shows every compiled default as a comment. */
function compiledDefault(files: readonly ConfigText[], key: string): string | undefined {
  const comment = new RegExp(`^#${key}=(yes|no)\\s*$`, 'm');
  return files
    .filter(({ path }) => path.endsWith('/journald.conf'))
    .flatMap(({ text }) => comment.exec(text)?.[1] ?? [])[0];
}
