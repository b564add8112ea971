// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { parseBase } from './base.js';
import { askUsersGit } from './git.js';
import { ensureAppliedCommit } from './applied-commit.js';
import { ensureProjectBase } from './project-base.js';
import type { Reporter } from './reporter.js';
import { run } from './run.js';
import { findSeries, type Series } from './series.js';
import { ensureBase, type KernelSource } from './source.js';
import { readSeriesBelow, stackedSource } from './stacked-source.js';
import { UserError } from './user-error.js';
import { withTemporary } from './files.js';
import { cachePath } from './cache.js';

/** Asks git about the repository that a series is stored in. */
async function askRepository(series: Series, args: readonly string[]): Promise<string> {
	const { status, stdout, stderr } = await askUsersGit(series.directory, args);
	if (status !== 0) {
		throw new UserError(
			`git ${args.join(' ')} in ${series.directory} failed: ${stderr.trim().replaceAll('\n', '; ')}`,
		);
	}
	return stdout.trimEnd();
}

/**
 * The commit of the repository that a series is stored in, as it is stored.
 * @throws UserError if there are changes to the series that are not committed, or it is in no
 *   repository
 */
export async function committedRevision(series: Series): Promise<string> {
	const changes = await askRepository(series, ['status', '--porcelain', '--', '.']);
	if (changes !== '') {
		throw new UserError(
			`${series.directory} has changes that are not committed, so what is mailed could not be found again:\n${changes}\nCommit them first`,
		);
	}
	return await askRepository(series, ['rev-parse', '--verify', 'HEAD^{commit}']);
}

/** The name of the tag for a version that was sent. */
export function sentTag(series: Series, version: number): string {
	return `sent/${series.name}/v${version}`;
}

/**
 * What the tag of a version that was sent says, such as the name of its first mail.
 * @throws UserError if there is no such tag, or it has no text
 */
export async function readSentTag(series: Series, version: number): Promise<string> {
	const name = sentTag(series, version);
	const { status, stdout } = await askUsersGit(series.directory, [
		'for-each-ref',
		'--format=%(contents)',
		`refs/tags/${name}`,
	]);
	if (status !== 0 || stdout.trim() === '') {
		throw new UserError(
			`version ${version} of ${series.name} is not known: the repository has no annotated tag ${name}. Take it from where it was sent (git fetch --tags), or make it as mail said then`,
		);
	}
	return stdout;
}

/** Writes the stored series as they were in a revision, with base.json, into an empty folder. */
async function extractRevision(series: Series, revision: string, folder: string): Promise<void> {
	const top = await askRepository(series, ['rev-parse', '--show-toplevel']);
	const root = path.relative(await realpath(top), await realpath(path.dirname(series.directory)));
	const archive = path.join(folder, 'revision.tar');
	await mkdir(folder, { recursive: true });
	const { status, stderr } = await askUsersGit(top, [
		'archive',
		'--format=tar',
		`--output=${archive}`,
		root === '' ? revision : `${revision}:${root}`,
	]);
	if (status !== 0) {
		throw new UserError(`there is no ${root} in ${revision}: ${stderr.trim()}`);
	}
	await run('tar', ['--extract', `--file=${archive}`, `--directory=${folder}`]);
}

/** What a series was in a revision: what it went on top of, and the commit with it applied. */
export interface StoredRevision {
	series: Series;
	source: KernelSource;
	tip: string;
}

/** The base that was pinned then. */
async function baseOfRevision(
	series: Series,
	folder: string,
	report: Reporter,
): Promise<KernelSource> {
	if (series.project !== 'linux') {
		return await ensureProjectBase(series, { report });
	}
	const file = path.join(folder, 'base.json');
	return await ensureBase(parseBase(await readFile(file, 'utf8'), file), report);
}

/**
 * Applies a series as it was stored in a revision of the repository, to the base of then.
 * @throws UserError if there is no such revision, or it has no such series
 */
export async function applyRevision(
	series: Series,
	revision: string,
	report: Reporter,
): Promise<StoredRevision> {
	const commit = await askRepository(series, ['rev-parse', '--verify', `${revision}^{commit}`]);
	const folder = cachePath('revisions', `${series.name}-${commit.slice(0, 16)}-${process.pid}`);
	return await withTemporary(folder, async () => {
		await extractRevision(series, commit, folder);
		const stored = await findSeries(series.name, folder);
		const base = await baseOfRevision(stored, folder, report);
		const source = await stackedSource(base, stored, report);
		const all = [...(await readSeriesBelow(stored)), stored];
		return { series: stored, source, tip: await ensureAppliedCommit(base, all, report) };
	});
}
