// SPDX-License-Identifier: GPL-2.0-only
import { git, reproducibleGitEnvironment } from '../git.js';
import type { PreparedSeries } from '../prepared-series.js';
import { trailerAddress, type Address } from './address.js';

/** Adds trailers to the end of a commit's message, the last one last. */
async function addTrailers(
	repository: string,
	message: string,
	trailers: readonly string[],
): Promise<string> {
	const args = trailers.flatMap((trailer) => ['--trailer', trailer]);
	const options = ['--if-exists=addIfDifferent', '--if-missing=add', '--where=end', '--no-divider'];
	return await git(repository, ['interpret-trailers', ...options, ...args], { input: message });
}

/**
 * Makes commits like those of the series, by the sender: the same trees and messages, with the
 * tools that helped and, last, the sender's sign-off.
 * @returns the last one
 */
export async function signCommits(
	{ source: { repository, commit }, tip }: PreparedSeries,
	sender: Address,
	assistedBy: readonly string[],
): Promise<string> {
	const trailers = [
		...assistedBy.map((tool) => `Assisted-by: ${tool}`),
		`Signed-off-by: ${trailerAddress(sender)}`,
	];
	const list = await git(repository, ['rev-list', '--reverse', `${commit}..${tip}`]);
	let parent = commit;
	for (const each of list.split('\n').filter((line) => line !== '')) {
		const message = await git(repository, ['log', '-1', '--format=%B', each]);
		const date = (await git(repository, ['log', '-1', '--format=%ad', '--date=raw', each])).trim();
		const made = await git(repository, ['commit-tree', `${each}^{tree}`, '-p', parent, '-F', '-'], {
			input: await addTrailers(repository, `${message.trimEnd()}\n`, trailers),
			env: {
				...reproducibleGitEnvironment(),
				GIT_AUTHOR_NAME: sender.name,
				GIT_AUTHOR_EMAIL: sender.address,
				GIT_AUTHOR_DATE: date,
				GIT_COMMITTER_DATE: date,
			},
		});
		parent = made.trim();
	}
	return parent;
}
