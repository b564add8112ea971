// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { applyMailbox } from '../apply-mailbox.js';
import { cachePath } from '../cache.js';
import { withTemporary } from '../files.js';
import { git, reproducibleGitEnvironment } from '../git.js';
import { readPatch } from '../patch.js';
import type { PreparedSeries } from '../prepared-series.js';
import type { Reporter } from '../reporter.js';
import { commandError, tryRun } from '../run.js';
import { coverName } from '../series.js';
import { UserError } from '../user-error.js';
import { trailerAddress, type Address } from './address.js';

/** The last line of each patch's text is the sender's sign-off. */
async function checkSignOffs(files: readonly string[], sender: Address): Promise<void> {
	const expected = `Signed-off-by: ${trailerAddress(sender)}`;
	for (const file of files) {
		const { body, name } = await readPatch(file);
		const last = body.findLast(({ text }) => text !== '')?.text;
		if (last !== expected) {
			throw new UserError(`${name} ends with "${last ?? ''}", expected "${expected}"`);
		}
	}
}

/** The tree, by its hash, that `git am` of the mails makes of what they are for. */
async function applyMails(
	{ series, source }: PreparedSeries,
	patches: readonly string[],
	report: Reporter,
): Promise<string> {
	const { repository, commit } = source;
	const tree = cachePath('mail', `${series.name}-${process.pid}`);
	return await withTemporary(tree, async () => {
		const add = ['worktree', 'add', '--quiet', '--detach', '--no-checkout', tree, commit];
		await git(repository, add);
		try {
			await git(tree, ['read-tree', 'HEAD']);
			const mails = { ...series, directory: path.dirname(patches[0] ?? ''), patches: [...patches] };
			await applyMailbox(tree, mails, () => '  No mails were left behind.', report);
			return (await git(tree, ['rev-parse', 'HEAD^{tree}'])).trim();
		} finally {
			await git(repository, ['worktree', 'remove', '--force', tree]);
		}
	});
}

/**
 * Applies mails as a maintainer would, and compares the tree with the one that was tested.
 * @throws UserError if it is another one, or a sign-off is missing
 */
export async function verifyMails(
	prepared: PreparedSeries,
	files: readonly string[],
	sender: Address,
	report: Reporter,
): Promise<void> {
	const patches = files.filter((file) => path.basename(file) !== coverName);
	await checkSignOffs(patches, sender);
	const made = await applyMails(prepared, patches, report);
	const { repository } = prepared.source;
	const tested = (await git(repository, ['rev-parse', `${prepared.tip}^{tree}`])).trim();
	if (made !== tested) {
		const difference = await git(repository, ['diff', '--stat', tested, made]);
		throw new UserError(
			`the mails don't make the tree that was tested:\n${difference.trimEnd()}\nExport the series again (npm run series -- export ${prepared.series.name}), and run the command again.`,
		);
	}
	report.say(`git am of the mails makes the tree that was tested, ${tested}`);
}

/**
 * Has `git send-email` do everything but send.
 * @throws UserError with its words if it does not accept the mails
 */
export async function tryToSend(
	files: readonly string[],
	sender: Address,
	report: Reporter,
): Promise<void> {
	const args = [
		'send-email',
		'--dry-run',
		`--from=${trailerAddress(sender)}`,
		'--no-thread',
		'--suppress-cc=self',
		'--confirm=never',
		...files,
	];
	const { status, stdout, stderr } = await tryRun('git', args, {
		env: reproducibleGitEnvironment(),
		cwd: path.dirname(files[0] ?? '.'),
		report,
	});
	const accepted = stdout.match(/^(?:Dry-OK|Dry-Sent)\b/gm)?.length ?? 0;
	if (status !== 0 || accepted !== files.length) {
		const missing = stderr.includes('is not a git command') ? '\nDebian has it in git-email.' : '';
		const error = commandError('git', args.slice(0, 6), status, stderr || stdout);
		throw new UserError(`${error.message}${missing}`);
	}
}
