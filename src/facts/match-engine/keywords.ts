/**
 * The sshd_config keywords: which are evaluated, how their arguments read, and which may stand inside Match.
 * Source: the keyword tables of servconf.c from 7.4 to 10.6.
 */
import type { Dialect } from './dialect.js';

/** How a keyword's arguments become a value. */
type ValueKind =
  | 'flag'
  | 'root-login'
  | 'algorithms'
  | 'filename'
  | 'principals-file'
  | 'word'
  | 'file-list'
  | 'command'
  | 'force-command'
  | 'user-patterns'
  | 'group-patterns'
  | 'methods'
  | 'log-level'
  | 'log-facility'
  | 'log-verbose'
  | 'user-environment'
  | 'digest'
  | 'port'
  | 'listen-address'
  | 'address-family';

export interface Keyword {
  /** The name settings are kept under: lower case, the newest spelling. */
  readonly name: string;
  readonly kind: ValueKind;
  /** May stand inside a Match block, where it then overrides. */
  readonly inMatch: boolean;
}

const IN_MATCH: readonly (readonly [string, ValueKind])[] = [
  ['passwordauthentication', 'flag'],
  ['kbdinteractiveauthentication', 'flag'],
  ['permitemptypasswords', 'flag'],
  ['permitrootlogin', 'root-login'],
  ['authenticationmethods', 'methods'],
  ['pubkeyauthentication', 'flag'],
  ['pubkeyacceptedalgorithms', 'algorithms'],
  ['hostbasedauthentication', 'flag'],
  ['gssapiauthentication', 'flag'],
  ['kerberosauthentication', 'flag'],
  ['trustedusercakeys', 'filename'],
  ['authorizedkeysfile', 'file-list'],
  ['authorizedkeyscommand', 'command'],
  ['authorizedkeyscommanduser', 'word'],
  ['authorizedprincipalsfile', 'principals-file'],
  ['authorizedprincipalscommand', 'command'],
  ['authorizedprincipalscommanduser', 'word'],
  ['loglevel', 'log-level'],
  ['forcecommand', 'force-command'],
  ['allowusers', 'user-patterns'],
  ['denyusers', 'user-patterns'],
  ['allowgroups', 'group-patterns'],
  ['denygroups', 'group-patterns'],
];

const GLOBAL_ONLY: readonly (readonly [string, ValueKind])[] = [
  ['usepam', 'flag'],
  ['strictmodes', 'flag'],
  ['usedns', 'flag'],
  ['syslogfacility', 'log-facility'],
  ['permituserenvironment', 'user-environment'],
  ['fingerprinthash', 'digest'],
  ['port', 'port'],
  ['listenaddress', 'listen-address'],
  ['addressfamily', 'address-family'],
];

/** Keywords that set nothing this engine evaluates but are legal, by where they may stand. */
const OTHERS_IN_MATCH = new Set(
  `acceptenv allowagentforwarding allowstreamlocalforwarding allowtcpforwarding authorizedkeysfile2 banner
  channeltimeout chrootdirectory clientalivecountmax clientaliveinterval disableforwarding exposeauthinfo
  gatewayports gssapienablek5users gssapiindicators hostbasedacceptedalgorithms hostbasedacceptedkeytypes hostbasedusesnamefrompacketonly
  hpnbuffersize hpndisabled ignorerhosts ipqos kerberosusekuserok maxauthtries maxsessions noneenabled permitlisten
  permitopen permittty permittunnel permituserrc pubkeyauthoptions rdomain rekeylimit requiredrsasize
  rhostsrsaauthentication rsaauthentication setenv streamlocalbindmask streamlocalbindunlink tcprcvbufpoll
  unusedconnectiontimeout x11displayoffset x11forwarding x11maxdisplays x11uselocalhost`.split(/\s+/),
);

const OTHERS_GLOBAL_ONLY = new Set(
  `afstokenpassing agentsocketpath checkmail ciphers compression debianbanner gssapicleanupcredentials
  gssapikexalgorithms gssapikeyexchange gssapistorecredentialsonrekey gssapistrictacceptorcheck hostcertificate
  hostdsakey hostkey hostkeyagent hostkeyalgorithms ignoreuserknownhosts keepalive kerberosgetafstoken
  kerberosorlocalpasswd kerberostgtpassing kerberosticketcleanup kerberosuniqueccache kexalgorithms
  keyregenerationinterval logingracetime macs maxstartups modulifile pamauthenticationviakbdint
  persourcemaxstartups persourcenetblocksize persourcepenalties persourcepenaltyexemptlist pidfile printlastlog
  printmotd protocol reversemappingcheck rhostsauthentication rsaminsize securitykeyprovider serverkeybits
  showpatchlevel skeyauthentication sshdauthpath sshdsessionpath tcpkeepalive useblacklist useblocklist uselogin
  useprivilegeseparation verifyreversemapping versionaddendum warnweakcrypto xauthlocation`.split(/\s+/),
);

/** Spellings of one setting; the right side is the name settings are kept under. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['pubkeyacceptedkeytypes', 'pubkeyacceptedalgorithms'],
  ['hostbasedacceptedkeytypes', 'hostbasedacceptedalgorithms'],
]);

/** The name a setting is kept under, whatever spelling or case a version prints: `PubkeyAcceptedKeyTypes` and its successor are one. */
export function canonicalKeyword(keyword: string): string {
  const lower = keyword.toLowerCase();
  return ALIASES.get(lower) ?? lower;
}

export type KeywordLookup =
  | { readonly found: 'evaluated'; readonly keyword: Keyword }
  | { readonly found: 'ignored'; readonly inMatch: boolean }
  | { readonly found: 'unknown' };

/** What a keyword (lower case) is in one version. `match` and `include` are not settings and not found here. */
export function lookupKeyword(lower: string, dialect: Dialect): KeywordLookup {
  const table = keywordTable(dialect);
  const keyword = table.get(lower);
  if (keyword !== undefined) return { found: 'evaluated', keyword };
  if (OTHERS_IN_MATCH.has(lower)) return { found: 'ignored', inMatch: true };
  if (lower === 'subsystem') return { found: 'ignored', inMatch: dialect.level >= 905 };
  if (OTHERS_GLOBAL_ONLY.has(lower)) return { found: 'ignored', inMatch: false };
  return { found: 'unknown' };
}

const tables = new Map<number, ReadonlyMap<string, Keyword>>();

/** Every keyword evaluated for a version, by accepted spelling. */
export function keywordTable(dialect: Dialect): ReadonlyMap<string, Keyword> {
  const known = tables.get(dialect.level);
  if (known !== undefined) return known;
  const table = new Map<string, Keyword>();
  const add = (name: string, kind: ValueKind, inMatch: boolean, spelling = name): void => {
    table.set(spelling, { name, kind, inMatch });
  };
  for (const [name, kind] of IN_MATCH) add(name, kind, true);
  for (const [name, kind] of GLOBAL_ONLY) add(name, kind, false);
  add('pubkeyauthentication', 'flag', false, 'dsaauthentication');
  add('pubkeyacceptedalgorithms', 'algorithms', true, 'pubkeyacceptedkeytypes');
  if (dialect.level < 805) table.delete('pubkeyacceptedalgorithms');
  add('revokedkeys', dialect.severalRevokedKeys ? 'file-list' : 'filename', true);
  if (dialect.level >= 709) add('casignaturealgorithms', 'algorithms', true);
  if (dialect.level >= 805) add('logverbose', 'log-verbose', true);
  if (dialect.level >= 908) add('pamservicename', 'word', true);
  if (dialect.level >= 909) add('refuseconnection', 'flag', true);
  if (dialect.kbdInteractiveAlias) {
    add('kbdinteractiveauthentication', 'flag', true, 'challengeresponseauthentication');
    add('kbdinteractiveauthentication', 'flag', true, 'skeyauthentication');
  } else add('challengeresponseauthentication', 'flag', false);
  tables.set(dialect.level, table);
  return table;
}
