/** GitHub Actions, as far as runs of one workflow go. Source: GitHub REST API, versions of 2022-11-28. */
import { serve, type Served, type Trouble } from './serve.js';

export interface GithubRun {
  readonly id: number;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

interface Options {
  readonly trouble?: Trouble;
  readonly scopes?: string;
  readonly quotaUsed?: boolean;
}

export function fakeGithub(
  runs: readonly GithubRun[],
  { trouble, scopes, quotaUsed }: Options = {},
): Promise<Served> {
  return serve(({ url }) => {
    const headers = { ...(scopes !== undefined && { 'x-oauth-scopes': scopes }) };
    if (quotaUsed)
      return {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795226400' },
        body: { message: 'API rate limit exceeded' },
      };
    if (!url.pathname.endsWith('/runs'))
      return {
        headers,
        body: {
          id: 1,
          path: '.github/workflows/converge.yml',
          state: 'active',
          permissions: { admin: false, push: false, pull: true },
        },
      };
    const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name))) as [
      number,
      number,
    ];
    const part = runs.slice((page - 1) * size, page * size);
    const link = page * size < runs.length ? { link: `<http://fake/runs?page=${page + 1}>; rel="next"` } : {};
    return { headers: { ...headers, ...link }, body: { total_count: runs.length, workflow_runs: part } };
  }, trouble);
}
