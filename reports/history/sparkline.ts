/** A row of numbers as a row of bars, as wide as there are numbers. */
const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII = '_.:-=+*#';

/** The smallest bar is 0, the tallest `most` (of all, when not given). Numbers below 0 count as 0. */
export function sparkline(
  numbers: readonly number[],
  ascii: boolean,
  most = Math.max(0, ...numbers),
): string {
  const bars = ascii ? ASCII : BLOCKS;
  return numbers
    .map((one) => {
      const part = most > 0 ? Math.min(1, Math.max(0, one) / most) : 0;
      // Something is never drawn as nothing.
      const step = part === 0 ? 0 : Math.max(1, Math.round(part * (bars.length - 1)));
      return bars[step] ?? '';
    })
    .join('');
}
