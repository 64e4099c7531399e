/** The frame of every page: one file, no asset, no request, and a policy that lets nothing else in. */
import { html as escaped } from '../escape.js';
import { SCRIPT_SHA256, STYLE_SHA256 } from './hashes.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

export interface PageParts {
  /** Plain text. */
  readonly title: string;
  /** Markup that is already escaped. */
  readonly body: string;
  /** Search and filters of the scorecard. */
  readonly script: boolean;
}

/** Nothing is fetched, nothing is sent, and only this style and this script count. */
export function htmlDocument({ title, body, script }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_SHA256}'`,
    ...(script ? [`script-src 'sha256-${SCRIPT_SHA256}'`] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    `<body>${body}`,
    ...(script ? [`<script>${SCRIPT}</script>`] : []),
    '</body>',
    '</html>\n',
  ].join('\n');
}
