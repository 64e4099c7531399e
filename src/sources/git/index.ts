/** `sources.git`. */
import { gitSettings, type GitSettings } from '../settings/git.js';
import type { SourceContext, SourceDiagnosis, SourceType } from '../source.js';
import { askGit } from './ask.js';

/** Git is asked with whatever the user's own Git would use: there is no credential of ours. */
async function diagnose(settings: GitSettings, context: SourceContext): Promise<SourceDiagnosis[]> {
  const { answers, failures } = await askGit(settings, context);
  return [
    ...failures.map(({ detail, hint }): SourceDiagnosis => ({
      level: 'problem',
      text: hint === undefined ? detail : `${detail} (${hint})`,
    })),
    ...(answers['central']?.status === 0
      ? [
          {
            level: 'ok' as const,
            text: `the central repository answers: ${answers['remote-url']?.body.trim() ?? ''}`,
          },
        ]
      : []),
    { level: 'ok', text: 'only reads: ls-remote, rev-parse, log; with the credentials of your own Git' },
  ];
}

export const sourceTypes = [
  {
    source: 'git',
    type: 'git',
    schema: gitSettings,
    ask: askGit,
    diagnose,
  } satisfies SourceType<GitSettings>,
];
