/**
 * What a command changes on the system, told from its words. It errs towards "alters": a report that calls a session
 * read-only must be right. Source: the manual pages of the programs named.
 */
import { wordsOf } from '../facts/command-text.js';
import type { Effect } from './types.js';

export interface CommandEffect {
  readonly alters: readonly Effect[];
  /** It could have done anything: an interpreter, an editor, a program nobody knows. */
  readonly opaque: boolean;
}

const NOTHING: CommandEffect = { alters: [], opaque: false };
const OPAQUE: CommandEffect = { alters: [], opaque: true };
const DEEPEST = 6;

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Programs that alter whenever they run. */
const ALWAYS: readonly (readonly [Effect, ReadonlySet<string>])[] = [
  ['files', list('tee mkdir rmdir rm mv cp ln touch truncate install unlink shred mknod mkfifo chmod chown chgrp chattr setfacl dd patch rename unzip gunzip cpio split csplit logrotate update-alternatives ldconfig update-ca-certificates sudoedit restorecon semanage setsebool')],
  ['users', list('useradd userdel usermod groupadd groupdel groupmod adduser deluser addgroup delgroup chpasswd chage chfn chsh gpasswd newusers vipw vigr visudo pwconv pwunconv')],
  ['mounts', list('umount swapon swapoff mkswap mkfs fdisk sfdisk parted wipefs lvcreate lvremove lvextend lvresize lvreduce vgcreate vgremove vgextend pvcreate pvremove cryptsetup resize2fs xfs_growfs tune2fs fsck mdadm')],
  ['services', list('reboot shutdown halt poweroff telinit kexec kill pkill killall killall5 start stop restart')],
  ['kernel', list('modprobe insmod rmmod depmod update-initramfs mkinitramfs dracut update-grub grub-install grub2-mkconfig setenforce')],
  ['packages', list('dpkg-reconfigure unattended-upgrade do-release-upgrade rpm-ostree')],
  ['network', list('ifup ifdown dhclient brctl')],
]; // prettier-ignore

/** Programs that only look, unless a word of theirs says otherwise: `[effect, words that alter]`. */
const WHEN: Readonly<Record<string, readonly [Effect, RegExp]>> = {
  apt: ['packages', /^(install|remove|purge|upgrade|full-upgrade|dist-upgrade|autoremove|update|reinstall|satisfy|edit-sources|clean|autoclean|build-dep)$/],
  'apt-get': ['packages', /^(install|remove|purge|upgrade|dist-upgrade|dselect-upgrade|autoremove|update|build-dep|clean|autoclean|source)$/],
  'apt-mark': ['packages', /^(hold|unhold|auto|manual|minimize-manual)$/],
  aptitude: ['packages', /^(install|remove|purge|upgrade|safe-upgrade|full-upgrade|update|hold|reinstall)$/],
  dpkg: ['packages', /^(-i|--install|-r|--remove|-P|--purge|--unpack|--configure|--set-selections|-a|--force.*|--add-architecture|--clear-.*)$/],
  rpm: ['packages', /^(-[a-zA-Z]*[iUFe][a-zA-Z]*|--install|--upgrade|--freshen|--erase|--import|--rebuilddb|--reinstall)$/],
  yum: ['packages', /^(install|localinstall|update|upgrade|remove|erase|downgrade|reinstall|autoremove|swap|distro-sync|group|groupinstall|module|clean|makecache|config-manager)$/],
  dnf: ['packages', /^(install|localinstall|update|upgrade|remove|erase|downgrade|reinstall|autoremove|swap|distro-sync|group|module|clean|makecache|config-manager|copr)$/],
  microdnf: ['packages', /^(install|update|upgrade|remove|reinstall|downgrade|module|clean)$/],
  zypper: ['packages', /^(in|install|rm|remove|up|update|dup|dist-upgrade|patch|ar|addrepo|rr|removerepo|mr|modifyrepo|ref|refresh|al|addlock)$/],
  apk: ['packages', /^(add|del|upgrade|update|fix|cache)$/],
  pacman: ['packages', /^(-[SRUD]\w*|--sync|--remove|--upgrade|--database)$/],
  pip: ['packages', /^(install|uninstall|download|wheel)$/],
  npm: ['packages', /^(i|install|ci|uninstall|update|link|run|exec|rebuild|publish)$/],
  gem: ['packages', /^(install|uninstall|update)$/],
  snap: ['packages', /^(install|remove|refresh|revert|enable|disable|set|connect|disconnect)$/],
  flatpak: ['packages', /^(install|uninstall|update|remote-add)$/],
  systemctl: ['services', /^(start|stop|restart|reload|try-restart|reload-or-restart|try-reload-or-restart|enable|disable|reenable|preset|mask|unmask|link|edit|set-default|set-property|isolate|kill|daemon-reload|daemon-reexec|reset-failed|set-environment|unset-environment|import-environment|reboot|poweroff|halt|suspend|emergency|rescue|default|revert|hibernate|hybrid-sleep|suspend-then-hibernate|soft-reboot|kexec|cancel|log-level|log-target|add-wants|add-requires|clean|freeze|thaw|bind|mount-image|switch-root)$/],
  service: ['services', /^(start|stop|restart|reload|force-reload|try-restart|condrestart)$/],
  'rc-service': ['services', /^(start|stop|restart|reload|zap)$/],
  'rc-update': ['services', /^(add|del|delete)$/],
  chkconfig: ['services', /^(on|off|--add|--del)$/],
  init: ['services', /^[0-6sSqQ]$/],
  docker: ['services', /^(run|start|stop|restart|kill|rm|rmi|pull|push|build|exec|cp|create|commit|load|import|tag|up|down|prune|update|rename|pause|unpause|deploy)$/],
  podman: ['services', /^(run|start|stop|restart|kill|rm|rmi|pull|push|build|exec|cp|create|commit|load|import|tag|play|prune|update|rename|pause|unpause)$/],
  kubectl: ['services', /^(apply|create|delete|edit|patch|replace|scale|set|rollout|exec|cp|drain|cordon|uncordon|label|annotate|taint|run|expose|autoscale)$/],
  loginctl: ['services', /^(terminate-\S+|kill-\S+|enable-linger|disable-linger|activate|lock-\S+|unlock-\S+|attach|flush-devices)$/],
  ip: ['network', /^(a|ad|add|addr-add|d|de|del|delete|set|flush|replace|change|append|prepend|exec)$/],
  ifconfig: ['network', /^(up|down|add|del|netmask|mtu|hw|inet6?|\d+\.\d+\.\d+\.\d+)/],
  route: ['network', /^(add|del|delete|flush|change)$/],
  iptables: ['network', /^(-[ADIRFXPNZE]\w*|--(append|delete|insert|replace|flush|delete-chain|policy|new-chain|zero|rename-chain))$/],
  ip6tables: ['network', /^(-[ADIRFXPNZE]\w*|--(append|delete|insert|replace|flush|delete-chain|policy|new-chain|zero|rename-chain))$/],
  nft: ['network', /^(add|create|delete|flush|insert|replace|rename|destroy|-f|--file)$/],
  ufw: ['network', /^(allow|deny|reject|limit|enable|disable|reload|reset|delete|insert|default|route)$/],
  'firewall-cmd': ['network', /^--(add|remove|change|set|reload|complete-reload|new|delete|runtime-to-permanent|panic-on|panic-off)/],
  nmcli: ['network', /^(up|down|add|modify|delete|edit|connect|disconnect|reload|on|off|set)$/],
  tc: ['network', /^(add|del|delete|change|replace)$/],
  ethtool: ['network', /^-[A-Zspr]/],
  hostname: ['network', /^[A-Za-z0-9]/],
  hostnamectl: ['network', /^(set-\S+|hostname|chassis|deployment|location|icon-name)$/],
  resolvectl: ['network', /^(dns|domain|flush-caches|revert|default-route)$/],
  sysctl: ['kernel', /^(-w|-p|--write|--load|--system)|=/],
  dmesg: ['kernel', /^(-C|-c|--clear|--read-clear|-[DE]|-n)$/],
  date: ['time', /^(-s|--set)|^\d{8,12}(\.\d\d)?$/],
  timedatectl: ['time', /^(set-\S+)$/],
  hwclock: ['time', /^(-w|-s|-[a-z]*[ws]|--(systohc|hctosys|set|adjust))$/],
  sed: ['files', /^(-[a-zA-Z]*i|--in-place)/],
  find: ['files', /^-(delete|exec|execdir|ok|okdir|fprint\S*|fls)$/],
  tar: ['files', /^-?[a-zA-Z]*[xcruA][a-zA-Z]*$|^--(extract|create|append|update|delete|get)$/],
  scp: ['files', /^-[a-zA-Z]*t|^[^-]/],
  curl: ['files', /^(-[a-zA-Z]*[oOTJ]|--(output|remote-name|upload-file))/],
  sort: ['files', /^(-o|--output)/],
  git: ['files', /^(clone|pull|checkout|switch|reset|merge|rebase|commit|push|apply|clean|stash|restore|rm|mv|init|am|cherry-pick|fetch|config|gc)$/],
  journalctl: ['files', /^--(vacuum-\S+|rotate|flush|sync|update-catalog|setup-keys|relinquish-var)/],
  auditctl: ['kernel', /^(-[aAdDwWebrf]|--(reset|signal)\S*)/],
  openssl: ['files', /^-out(form)?$/],
  postconf: ['files', /^-e|=/],
  augtool: ['files', /./],
  less: ['files', /^-[a-zA-Z]*[oO]/],
  tcpdump: ['files', /^-[a-zA-Z]*[wz]/],
  tree: ['files', /^-o$/],
  sar: ['files', /^-o/],
  yq: ['files', /^(-[a-zA-Z]*i|--in-?place)/],
  ss: ['network', /^(-[a-zA-Z]*K|--kill)/],
  arp: ['network', /^(-[a-zA-Z]*[dsf]|--(delete|set|file))/],
  chronyc: ['time', /^(makestep|burst|add|delete|online|offline|settime|reset|reload|shutdown|cyclelogs|dump|rekey|local|manual|allow|deny|smoothing|trimrtc|writertc)/],
}; // prettier-ignore

/** Programs that alter unless a word of theirs says that they only look. */
const UNLESS: Readonly<Record<string, readonly [Effect, RegExp]>> = {
  crontab: ['services', /^-l$/],
  passwd: ['users', /^(-S|--status)$/],
  losetup: ['mounts', /^(-a|-l|-j|--(all|list|associated))$/],
  rsync: ['files', /^(-n|-[a-zA-Z]*n[a-zA-Z]*|--dry-run|--version|--help)$/],
  wget: ['files', /^(-qO-|--(version|help|spider))$/],
  gzip: ['files', /^(-l|-t|--list|--test|-[a-z]*c[a-z]*|--stdout)$/],
  'ssh-keygen': ['files', /^-[lLFQYB]/],
};

/** Programs that only look, unless a word of theirs says that they may have done anything. */
const OPAQUE_WHEN: Readonly<Record<string, RegExp>> = {
  // `>` may be a comparison: nobody can tell without reading the program.
  awk: /[>|]|system\s*\(|^-[a-zA-Z]*[fiEl]|^--/,
  curl: /^(-[a-zA-Z]*[XdFK]|--(request|data|form|json|config)\S*)/,
  pidstat: /^-e$/,
  env: /^(-[a-zA-Z]*S|--split-string)/,
};

/** Programs in which keys kill processes, unless a word says that nobody sits before them. */
const OPAQUE_UNLESS: Readonly<Record<string, RegExp>> = {
  top: /^-[HicS1]*b/,
};

/** Programs whose second file is written. */
const WRITES_SECOND = list('uniq xxd');

/** Programs that only show. */
const LOOKS = list('ls ll dir cat tac head tail more zless zcat zgrep grep egrep fgrep rg awk cut tr wc uniq column diff cmp comm stat file du df free uptime w who whoami id groups last lastlog ps top pstree vmstat iostat mpstat pidstat lsof netstat lscpu lsblk lspci lsusb lsmod blkid dmidecode uname arch nproc env printenv echo printf true false test [ pwd basename dirname readlink realpath which whereis type getent getfacl getcap getsebool sestatus host dig nslookup ping ping6 traceroute tracepath mtr ngrep gstack pmap jstack md5sum sha1sum sha256sum sha512sum cksum base64 od xxd hexdump strings sleep date seq expr clear tput stty tty locale mesg execsnoop opensnoop biolatency tcpconnect ausearch aureport faillog findmnt mountpoint dpkg-query apt-cache rpmquery cal jq nologin logger sync ldd nm objdump readelf numfmt fold fmt paste join tsort getconf lsns lsipc ipcs uuidgen lesspipe dircolors'); // prettier-ignore

/** Programs that run the rest of their words. Value: options that take a word of their own. */
const RUNS: Readonly<Record<string, RegExp>> = {
  sudo: /^-[ugCDhpRrtTU]$/,
  doas: /^-[uC]$/,
  env: /^-[uCS]$/,
  nice: /^-n$/,
  ionice: /^-[cnp]$/,
  nohup: /^$/,
  setsid: /^$/,
  stdbuf: /^-[ioe]$/,
  timeout: /^-[ks]$/,
  time: /^-[fo]$/,
  xargs: /^-[nILPsdEa]$/,
  chroot: /^$/,
  unshare: /^$/,
  nsenter: /^-[tSG]$/,
  'systemd-run': /^-[pEu]$/,
  flock: /^-[wE]$/,
  command: /^$/,
  exec: /^-a$/,
  busybox: /^$/,
  watch: /^-[nq]$/,
  strace: /^-[aeIopPsSuUXbE]$/,
  ltrace: /^-[aADeFlnopsuwx]$/,
};
const SHELLS = list('sh bash dash ash ksh mksh zsh fish csh tcsh rbash');

/** @param argv the program and its arguments. @param root run with the rights of root, where a shell alone can write anything. */
export function effectOf(argv: readonly string[], root: boolean, depth = 0): CommandEffect {
  const [first = '', ...rest] = argv;
  const name = first.slice(first.lastIndexOf('/') + 1).replace(/^-/, '');
  if (name === '' || depth > DEEPEST) return OPAQUE;
  const effect = effectByName(name, rest, root, depth);
  // A program of another folder is only called like one that is known.
  return first.includes('/') && !SYSTEM.test(first) ? { ...effect, opaque: true } : effect;
}

/**
 * The effect of a program that ran. What it was called is its caller's choice (`exec -a ls rm`); the file it was is not,
 * but some programs are many in one file.
 * @param executable path of the program's file; empty when it is not known.
 */
export function effectOfProgram(argv: readonly string[], executable: string, root: boolean): CommandEffect {
  const called = effectOf(argv, root);
  if (executable === '' || MANY_IN_ONE.test(executable)) return called;
  const was = effectOf([executable.replace(/\.(procps|db)$/, ''), ...argv.slice(1)], root);
  return {
    alters: [...new Set([...called.alters, ...was.alters])],
    opaque: called.opaque || was.opaque,
  };
}

/** Where a system keeps its programs. */
const SYSTEM = /^\/(?:usr|bin|sbin|lib|lib64|libexec|snap|nix\/store|run\/current-system)\//;
const MANY_IN_ONE =
  /^\/(?:usr\/)?s?bin\/(?:busybox|coreutils|toybox|kmod|systemctl|xtables-(?:nft|legacy)-multi)$/;

function effectByName(name: string, rest: readonly string[], root: boolean, depth: number): CommandEffect {
  if (SHELLS.has(name)) return shellEffect(rest, root, depth);
  const runs = Object.hasOwn(RUNS, name) ? RUNS[name] : undefined;
  if (runs && !(name === 'env' && rest.some((word) => OPAQUE_WHEN['env']?.test(word))))
    return runnerEffect(name, rest, runs, root, depth);
  const always = ALWAYS.find(
    ([, names]) => names.has(name) || (name.startsWith('mkfs.') && names.has('mkfs')),
  );
  if (always) return { alters: [always[0]], opaque: false };
  const plain = name.replace(/^pip3?(\.\d+)?$/, 'pip').replace(/^[gm]awk$/, 'awk');
  const opaque = Object.hasOwn(OPAQUE_WHEN, plain) ? OPAQUE_WHEN[plain] : undefined;
  if (opaque && rest.some((word) => opaque.test(word))) return { ...whenEffect(plain, rest), opaque: true };
  const quiet = Object.hasOwn(OPAQUE_UNLESS, plain) ? OPAQUE_UNLESS[plain] : undefined;
  if (quiet && !rest.some((word) => quiet.test(word))) return OPAQUE;
  if (WRITES_SECOND.has(name) && rest.filter((word) => !word.startsWith('-')).length > 1)
    return { alters: ['files'], opaque: false };
  if (Object.hasOwn(WHEN, plain)) return whenEffect(plain, rest);
  const unless = Object.hasOwn(UNLESS, plain) ? UNLESS[plain] : undefined;
  if (unless)
    return rest.some((word) => unless[1].test(word)) ? NOTHING : { alters: [unless[0]], opaque: false };
  // Without words it lists what is mounted.
  if (name === 'mount')
    return rest.length === 0 || rest.some((word) => /^-[lVh]$/.test(word))
      ? NOTHING
      : { alters: ['mounts'], opaque: false };
  return LOOKS.has(plain) ? NOTHING : OPAQUE;
}

function whenEffect(name: string, rest: readonly string[]): CommandEffect {
  const when = Object.hasOwn(WHEN, name) ? WHEN[name] : undefined;
  return when && rest.some((word) => when[1].test(word)) ? { alters: [when[0]], opaque: false } : NOTHING;
}

/** A line as sudo or a shell has it. */
export function effectOfLine(text: string, root: boolean): CommandEffect {
  return effectOf(wordsOf(text), root);
}

function runnerEffect(
  name: string,
  words: readonly string[],
  takesWord: RegExp,
  root: boolean,
  depth: number,
): CommandEffect {
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (name === 'sudo' && /^(-e|--edit)$/.test(word)) return { alters: ['files'], opaque: false };
    if (/^[sl]trace$/.test(name) && /^(-o|--output)/.test(word)) return { alters: ['files'], opaque: true };
    if (word === '--') {
      at += 1;
      break;
    }
    if (takesWord.test(word)) at += 1;
    else if (!word.startsWith('-') && !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word)) break;
  }
  // `timeout 5 …`, `chroot DIR …`, `flock FILE …`
  if (['timeout', 'chroot', 'flock'].includes(name)) at += 1;
  const rest = words.slice(at);
  if (rest.length === 0) return /^(sudo|doas|chroot|unshare|nsenter|busybox)$/.test(name) ? OPAQUE : NOTHING;
  return effectOf(rest, root || name === 'sudo' || name === 'doas', depth + 1);
}

/** A shell that reads what somebody types: what it does by itself is in no log of programs. */
export function isInteractiveShell([first = '', ...rest]: readonly string[]): boolean {
  const name = first.slice(first.lastIndexOf('/') + 1).replace(/^-/, '');
  return SHELLS.has(name) && !rest.some((word) => /^-[a-z]*c$/.test(word));
}

function shellEffect(words: readonly string[], root: boolean, depth: number): CommandEffect {
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  const script = words.slice(0, at < 0 ? undefined : at).find((word) => !/^[-+]/.test(word));
  // A login shell by itself shows nothing; as root it may write by redirection, which no log of programs holds.
  if (at < 0) return script !== undefined || root ? OPAQUE : NOTHING;
  const line = words[at + 1] ?? '';
  const parts = line
    .split(/&&|\|\||[;|&\n]/)
    .map((part) => part.trim())
    .filter(Boolean);
  const all = parts.map((part) =>
    effectOf(wordsOf(part.replace(/\d?>&\d|\d?>\s*\/dev\/null/g, ' ')), root, depth + 1),
  );
  const writes = />/.test(line.replace(/\d?>&\d|[&\d]?>>?\s*\/dev\/null/g, ' '));
  const expands = /[`]|[$<>]\(/.test(line);
  return {
    alters: [...new Set([...all.flatMap(({ alters }) => alters), ...(writes ? (['files'] as const) : [])])],
    opaque: expands || all.some(({ opaque }) => opaque),
  };
}
