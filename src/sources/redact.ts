/** Takes secrets out of text by value, in the forms they travel in. */

const SHORTEST = 4;
export const MASK = '[redacted]';

export type Redact = (text: string) => string;

/** @param secrets values; ones shorter than four characters would mask ordinary words and are left. */
export function redactor(secrets: readonly string[]): Redact {
  const forms = new Set(
    secrets
      .filter(({ length }) => length >= SHORTEST)
      .flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('base64url'),
      ]),
  );
  // Longest first: a form that contains another is masked whole.
  const ordered = [...forms].toSorted((a, b) => b.length - a.length);
  return (text) => ordered.reduce((rest, form) => rest.replaceAll(form, MASK), text);
}
