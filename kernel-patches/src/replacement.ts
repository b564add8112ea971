// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findArchiveSites } from './archive-sites.js';
import { parseBase, type Base } from './base.js';
import { exists } from './files.js';
import type { Reporter } from './reporter.js';
import { lastLines, tryRun, type RunResult } from './run.js';
import { withTemporaryFolder } from './temporary-folder.js';
import { UserError } from './user-error.js';

/** Where Debian's archive keys are; the second is the name in newer releases. */
const keyrings = [
	'/usr/share/keyrings/debian-archive-keyring.gpg',
	'/usr/share/keyrings/debian-archive-keyring.pgp',
];

/** apt's settings for a state of its own in `folder`: no root needed, the machine's stays as it is. */
function privateState(folder: string): string[] {
	return [
		`Dir::Etc::sourcelist=${path.join(folder, 'sources.list')}`,
		'Dir::Etc::sourceparts=/dev/null',
		'Dir::Etc::preferences=/dev/null',
		'Dir::Etc::preferencesparts=/dev/null',
		`Dir::State=${folder}`,
		`Dir::State::lists=${path.join(folder, 'lists')}`,
		`Dir::State::status=${path.join(folder, 'status')}`,
		`Dir::Cache=${path.join(folder, 'cache')}`,
		// The folder belongs to this user, and apt's sandbox user could not read it.
		'APT::Sandbox::User=root',
		'Acquire::Languages=none',
		// Whatever the machine allows itself: nothing here is taken without a signature.
		'Acquire::AllowInsecureRepositories=false',
		'Acquire::AllowDowngradeToInsecureRepositories=false',
		'APT::Get::AllowUnauthenticated=false',
	].flatMap((setting) => ['-o', setting]);
}

async function writeState(folder: string, site: string, suites: readonly string[]): Promise<void> {
	const keyring = keyrings.find((file) => exists(file));
	const signedBy = keyring === undefined ? '' : `[signed-by=${keyring}] `;
	const sources = suites.map((suite) => `deb ${signedBy}${site} ${suite} main\n`);
	await mkdir(path.join(folder, 'lists', 'partial'), { recursive: true });
	await mkdir(path.join(folder, 'cache', 'archives', 'partial'), { recursive: true });
	await writeFile(path.join(folder, 'status'), '');
	await writeFile(path.join(folder, 'sources.list'), sources.join(''));
}

/**
 * Reads the line that `apt-get --print-uris download` prints, and makes a base of it.
 * The hash comes out of the archive's signed index.
 * @param text such as `'http://…/pool/main/l/linux/linux-source-7.3_7.3.9-1_all.deb' NAME 123 SHA256:…`
 * @returns undefined if there is no such line
 */
export function parsePrintedUri(text: string, base: Base): Base | undefined {
	const match = /^'([^']+)' \S+ (\d+) SHA256:([0-9a-f]{64})$/m.exec(text);
	const pool = /\/(pool\/.+)$/.exec(decodeURIComponent(match?.[1] ?? ''))?.[1];
	const packageVersion = pool?.split('_')[1];
	const version = /^\d+\.\d+\.\d+/.exec(packageVersion ?? '')?.[0];
	if (match === null || pool === undefined) {
		return undefined;
	}
	const found = {
		...base,
		version,
		packageVersion,
		pool,
		size: Number(match[2]),
		sha256: match[3],
	};
	return parseBase(JSON.stringify(found), "the archive's newest linux-source");
}

async function askArchive(
	base: Base,
	site: string,
	report: Reporter,
): Promise<{ found: Base | undefined; update: RunResult; answer: RunResult }> {
	return await withTemporaryFolder('apt', async (folder) => {
		await writeState(folder, site, [base.suite, 'testing', 'unstable']);
		const settings = privateState(folder);
		const update = await tryRun('apt-get', [...settings, 'update'], { report });
		const args = [...settings, '--print-uris', 'download', base.package];
		const answer = await tryRun('apt-get', args, { report });
		return { found: parsePrintedUri(answer.stdout, base), update, answer };
	});
}

/**
 * Asks each archive for its newest package of a name. apt checks the archive's signature, and its
 * index vouches for the file's hash.
 * @param like the base that it would take the place of
 * @returns what the first archive that has it has, or apt's words, an archive each
 */
export async function findNewest(like: Base, report: Reporter): Promise<Base | string[]> {
	const failures: string[] = [];
	for (const site of await findArchiveSites()) {
		const { found, update, answer } = await askArchive(like, site, report);
		if (found !== undefined) {
			return found;
		}
		failures.push(`\n  ${site}:${lastLines(update.stderr + answer.stderr, 10)}`);
	}
	return failures;
}

/**
 * Finds the newest package of the same minor version that the archives offer, for when the pinned
 * one is gone.
 * @throws UserError with apt's words if there is none
 */
export async function findReplacement(base: Base, report: Reporter): Promise<Base> {
	const found = await findNewest(base, report);
	if (Array.isArray(found)) {
		throw new UserError(
			`${path.basename(base.pool)} is gone from the archives, and apt offers no other ${base.package}:${found.join('')}
Pin another version in kernel-patches/base.json, or give a Linux git tree of your own with --tree.`,
		);
	}
	return found;
}
