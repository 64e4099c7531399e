/**
 * The match engine: from the text of a host's sshd configuration, what any user on any connection can get.
 *
 *   const config = parseConfig({ mainPath, files, listing, commandLine, version, accounts });
 *   const { cases, gaps } = enumerateCases(config, accounts);   // all distinct effective configurations
 *   const settings = evaluate(config, connection, account);     // one of them
 *   const differing = compareWithSshd(config, connection, parseSshdT(output)); // the engine against the host
 */
export { parseConfig } from './parse.js';
export { evaluate } from './evaluate.js';
export { enumerateCases, MOST_BOXES, type Cases } from './cases.js';
export { compareWithSshd } from './compare.js';
export { matchBlocks } from './blocks.js';
export type { ConfigInput, ParsedConfig } from './types.js';
