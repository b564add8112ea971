// SPDX-License-Identifier: GPL-2.0-only
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lendTree } from '../check/lent-tree.js';
import { completeOrAbsent, exists } from '../files.js';
import { formatSeries } from '../format-series.js';
import { withPreparedSeries, type PreparedSeries } from '../prepared-series.js';
import type { Reporter } from '../reporter.js';
import { rangeDiff } from '../revision-range.js';
import { formatCommand } from '../run.js';
import { coverName, type Series } from '../series.js';
import type { KernelSource } from '../source.js';
import { applyRevision, committedRevision, readSentTag, sentTag } from '../stored-revision.js';
import { UserError } from '../user-error.js';
import { trailerAddress, type Address } from './address.js';
import { readChanges } from './changes.js';
import { completeCover, completeOnlyPatch, describeBase } from './cover.js';
import { withHeader } from './headers.js';
import { findRecipients, tidyRecipients, type Recipients } from './recipients.js';
import { signCommits } from './signed-commits.js';
import { tryToSend, verifyMails } from './verify.js';

/** What whoever mails a series decides. */
export interface MailOptions {
	sender: Address;
	/** Counted from 1. */
	version: number;
	/** Whether it is sent for comments only. */
	rfc: boolean;
	/** The folder to make. */
	out: string;
	/** The tools that helped, as the sender names them. */
	assistedBy: readonly string[];
}

/** What was made, and what to do with it. */
export interface MailResult {
	out: string;
	/** Names of the mails, the cover letter first. */
	names: string[];
	/** Command lines that send the mails, and that remember what was sent. */
	commands: string[];
}

/** The words in the brackets of the subjects. */
export function mailPrefix(
	prefix: string,
	{ rfc, version }: Pick<MailOptions, 'rfc' | 'version'>,
): string {
	const plain = prefix.replace(/\bRFC\s+|\s*\bv\d+\b/g, '').trim();
	return `${rfc ? 'RFC ' : ''}${plain}${version > 1 ? ` v${version}` : ''}`;
}

/** Names that no other mail has, and that tell people what it is. */
function messageIds(
	names: readonly string[],
	series: Series,
	tip: string,
	{ sender, version }: MailOptions,
): string[] {
	const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
	const domain = sender.address.split('@')[1] ?? '';
	return names.map((name) => {
		const number = Number(name.slice(0, 4));
		return `<${day}-${series.name}-v${version}-${number}-${tip.slice(0, 12)}@${domain}>`;
	});
}

/** What changed since the version before, and where that is. */
async function describeChanges(
	prepared: PreparedSeries,
	{ version }: MailOptions,
	report: Reporter,
): Promise<{ changes: string; rangeDiff: string }> {
	if (version === 1) {
		return { changes: '', rangeDiff: '' };
	}
	const { series } = prepared;
	const changes = await readChanges(series, version);
	const link = /^Link: (\S+)$/m.exec(await readSentTag(series, version - 1))?.[1];
	const before = await applyRevision(series, `refs/tags/${sentTag(series, version - 1)}`, report);
	const difference = await rangeDiff(before, prepared);
	return {
		changes: link === undefined ? changes : `${changes}\nLink to v${version - 1}: ${link}\n`,
		rangeDiff: `Range-diff against v${version - 1}:\n${difference}`,
	};
}

/** To whom each mail goes; the first, which introduces the others, to everybody. */
async function addressMails(
	names: readonly string[],
	folder: string,
	tree: string,
	{ lists, project }: Series,
): Promise<Recipients[]> {
	const own: Recipients[] = [];
	for (const name of names.filter((each) => each !== coverName)) {
		own.push(
			project === 'linux'
				? await findRecipients(path.join(folder, name), tree, lists)
				: tidyRecipients({ to: [], cc: lists.map((address) => ({ name: '', address })) }),
		);
	}
	const everybody = tidyRecipients({
		to: own.flatMap(({ to }) => to),
		cc: own.flatMap(({ cc }) => cc),
	});
	return names.includes(coverName) ? [everybody, ...own] : own;
}

/** Writes all mails into a folder that is not there yet. */
async function writeMails(
	prepared: PreparedSeries,
	base: KernelSource,
	options: MailOptions,
	folder: string,
	report: Reporter,
): Promise<{ names: string[]; ids: string[] }> {
	const { series, source } = prepared;
	const { sender, assistedBy } = options;
	const { changes, rangeDiff: difference } = await describeChanges(prepared, options, report);
	const signed = await signCommits(prepared, sender, assistedBy);
	const mailed = { ...series, prefix: mailPrefix(series.prefix, options) };
	const range = { base: source.commit, tip: signed };
	const names = await formatSeries(source.repository, mailed, range, folder);
	const ids = messageIds(names, series, prepared.tip, options);
	const recipients = await lendTree(prepared, base, report, (tree) =>
		addressMails(names, folder, tree, series),
	);
	const additions = {
		assistedBy,
		changes,
		rangeDiff: difference,
		base: await describeBase(prepared, base),
	};
	for (const [index, name] of names.entries()) {
		const file = path.join(folder, name);
		const text = await readFile(file, 'utf8');
		const complete =
			name === coverName
				? completeCover(text, additions)
				: names.length === 1
					? completeOnlyPatch(text, additions)
					: text;
		const header = {
			sender,
			recipients: recipients[index] ?? { to: [], cc: [] },
			messageId: ids[index] ?? '',
			inReplyTo: index === 0 ? undefined : ids[0],
		};
		await writeFile(file, withHeader(complete, header));
	}
	return { names, ids };
}

/** What is to be typed afterwards. */
function nextCommands(
	series: Series,
	{ sender, out, version }: MailOptions,
	revision: string,
	firstId: string,
): string[] {
	const send = formatCommand('git', [
		'send-email',
		`--from=${trailerAddress(sender)}`,
		'--no-thread',
		'--suppress-cc=self',
		'--confirm=always',
	]);
	const link = `Link: https://lore.kernel.org/r/${firstId.slice(1, -1)}`;
	const tag = formatCommand('git', [
		'-C',
		series.directory,
		'tag',
		'--annotate',
		`--message=${link}`,
		sentTag(series, version),
		revision,
	]);
	return [`${send} ${formatCommand(out, []).replace(/\/?$/, '/')}*.patch`, tag];
}

/**
 * Makes a folder of mails of a series, ready for `git send-email`; sends nothing. The folder is
 * complete and was tried, or it is not there.
 * @param base the tree that the series goes to, without any series
 * @throws UserError if the series does not apply there, is not committed, or the version before is
 *   not known; or if the mails don't make the tree that was tested
 */
export async function mailSeries(
	base: KernelSource,
	series: Series,
	options: MailOptions,
	report: Reporter,
): Promise<MailResult> {
	const { out, sender } = options;
	if (exists(out)) {
		throw new UserError(`${out} is there already: remove it, or name another folder with --out`);
	}
	if (series.patches.length > 1 && series.cover === undefined) {
		throw new UserError(`${series.name} has more than one patch and no ${coverName}: write one`);
	}
	const revision = await committedRevision(series);
	return await withPreparedSeries(base, series, report, async (prepared) => {
		const { names, ids } = await completeOrAbsent(out, async (part) => {
			const written = await writeMails(prepared, base, options, part, report);
			const files = written.names.map((name) => path.join(part, name));
			await verifyMails(prepared, files, sender, report);
			await tryToSend(files, sender, report);
			return written;
		});
		return { out, names, commands: nextCommands(series, options, revision, ids[0] ?? '') };
	});
}
