/** Reading saved answers: JSON that a remote system wrote. Nothing here throws for what it wrote. */
import type { Reading, SourceAnswer, SourceEvidence, SourceFailure } from '../../model.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Deeper nesting than any documented answer has; `JSON.parse` itself would exhaust the stack far beyond. */
const MAX_DEPTH = 64;

/** Undefined when the answer is missing, failed, cut, or not JSON. */
export function jsonOf(answer: SourceAnswer | undefined): Json | undefined {
  if (answer === undefined || answer.cut || answer.encoding !== 'utf8') return undefined;
  if (answer.status < 200 || answer.status >= 300) return undefined;
  return parseJson(answer.body);
}

/** Undefined when the text is not JSON, or nested too deep to be honest. */
export function parseJson(text: string): Json | undefined {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Null when it is no mapping. */
export function object(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** An own member of a mapping. */
export function member(value: Json | undefined, key: string): Json | undefined {
  const mapping = object(value);
  return mapping !== null && Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Numbers and booleans as text too; empty for anything else. */
export function scalar(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? `${value}`
    : '';
}

export function texts(value: Json | undefined): readonly string[] {
  return list(value).filter((one) => typeof one === 'string');
}

/** Why a source that could not be read could not be: its first failure, in the words of a Reading. */
export function unreadable({ source, failures }: SourceEvidence, otherwise: string): Reading<never> {
  const [first] = failures;
  if (first === undefined) return { ok: false, reason: 'failed', detail: `sources.${source}: ${otherwise}` };
  return {
    ok: false,
    reason: first.code === 'denied' || first.code === 'credential' ? 'denied' : 'failed',
    detail: `sources.${source}: ${sentence(first)}`,
  };
}

export function sentence({ detail, hint }: SourceFailure): string {
  return hint === undefined ? detail : `${detail} (${hint})`;
}

function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
