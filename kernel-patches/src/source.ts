// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import { z } from 'zod';
import { baseRepository, baseTag, parseBase, readBase, type Base } from './base.js';
import { cachePath } from './cache.js';
import { exists, parseJson, readIfPresent, writeWhole } from './files.js';
import { fetchPinned } from './fetch.js';
import { findCommit, git } from './git.js';
import { withLock } from './lock.js';
import { findNewest, findReplacement } from './replacement.js';
import type { Reporter } from './reporter.js';
import { unpackBase } from './unpack.js';
import { openUsersTree } from './users-tree.js';
import { UserError } from './user-error.js';

/** A Linux that series can be applied to. */
export interface KernelSource {
	/** A bare git repository of ours. */
	repository: string;
	/** Full hash of the base commit in it. */
	commit: string;
	/** Such as `7.3.4`; with --tree whatever the tree's Makefile says. */
	version: string;
	/** What the folders made of this source are told apart by: empty for the pinned base. */
	suffix: string;
}

/** The base out of its repository, or undefined if there is none yet. */
async function openRepository(base: Base): Promise<KernelSource | undefined> {
	const repository = baseRepository(base.version);
	if (!exists(repository)) {
		return undefined;
	}
	const commit = await findCommit(repository, baseTag(base.version));
	const message = commit && (await git(repository, ['log', '-1', '--format=%B', commit]));
	if (!commit || !message?.includes(base.sha256)) {
		throw new UserError(
			`${repository} was not made of ${base.pool} (${base.sha256}): export what you changed in ${cachePath('trees')}, remove ${repository} and ${cachePath('build')}, and run the command again`,
		);
	}
	return { repository, commit, version: base.version, suffix: '' };
}

const replacementSchema = z.strictObject({ pinned: z.string(), base: z.unknown() });

/** Where it is remembered that the pinned file is gone and what is taken instead. */
function replacementFile(): string {
	return cachePath('linux', 'replacement.json');
}

async function readReplacement(pinned: Base): Promise<Base | undefined> {
	const text = await readIfPresent(replacementFile());
	if (text === undefined) {
		return undefined;
	}
	const stored = parseJson(text, replacementSchema, replacementFile());
	return stored.pinned === pinned.sha256
		? parseBase(JSON.stringify(stored.base), replacementFile())
		: undefined;
}

function warnOfReplacement(pinned: Base, replacement: Base, report: Reporter): void {
	report.say(
		`WARNING: ${path.basename(pinned.pool)} is gone from the archives; the base is ${replacement.package} ${replacement.packageVersion} (Linux ${replacement.version}) instead of the pinned ${pinned.version}`,
	);
}

async function fetchReplacement(pinned: Base, report: Reporter): Promise<KernelSource> {
	const replacement = await findReplacement(pinned, report);
	warnOfReplacement(pinned, replacement, report);
	const source = (await openRepository(replacement)) ?? (await makeSource(replacement, report));
	if (source === undefined) {
		throw new UserError(
			`apt names ${replacement.pool}, and no archive has it: run apt-get update and try again`,
		);
	}
	const remembered = { pinned: pinned.sha256, base: replacement };
	await writeWhole(replacementFile(), `${JSON.stringify(remembered, undefined, 2)}\n`);
	return source;
}

/** Fetches and unpacks; undefined if the archives no longer have the file. */
async function makeSource(base: Base, report: Reporter): Promise<KernelSource | undefined> {
	const deb = await fetchPinned(base, report);
	if (deb === undefined) {
		return undefined;
	}
	await unpackBase(deb, base, baseRepository(base.version), report);
	return await openRepository(base);
}

async function openPinned(pinned: Base, report: Reporter): Promise<KernelSource | undefined> {
	const source = await openRepository(pinned);
	if (source !== undefined) {
		return source;
	}
	const replacement = await readReplacement(pinned);
	const replaced = replacement && (await openRepository(replacement));
	if (replaced !== undefined) {
		warnOfReplacement(pinned, replacement ?? pinned, report);
	}
	return replaced;
}

/**
 * Makes sure that a pinned base is there, fetched and unpacked if need be.
 * @throws UserError for everything that a person can put right
 */
export async function ensureBase(pinned: Base, report: Reporter): Promise<KernelSource> {
	const present = await openPinned(pinned, report);
	if (present !== undefined) {
		return present;
	}
	const subject = `Linux ${pinned.version}`;
	return await withLock(`linux/${pinned.version}`, subject, report, async () => {
		// Another run may have made it while this one waited.
		return (
			(await openPinned(pinned, report)) ??
			(await makeSource(pinned, report)) ??
			(await fetchReplacement(pinned, report))
		);
	});
}

/**
 * Fetches another Linux that Debian has, for trying what `--tree` does.
 * @param minor its version, such as `7.2`; the newest of it is taken
 * @throws UserError for everything that a person can put right
 */
export async function fetchOther(minor: string, report: Reporter): Promise<KernelSource> {
	const pinned = await readBase();
	const name = `linux-source-${minor}`;
	const tarball = pinned.tarball.replace(pinned.package, name);
	const like = { ...pinned, minor, package: name, tarball };
	const newest = await findNewest(like, report);
	if (Array.isArray(newest)) {
		throw new UserError(`no archive offers ${name}:${newest.join('')}`);
	}
	const subject = `Linux ${newest.version}`;
	return await withLock(`linux/${newest.version}`, subject, report, async () => {
		const source = (await openRepository(newest)) ?? (await makeSource(newest, report));
		if (source === undefined) {
			throw new UserError(
				`apt names ${newest.pool}, and no archive has it: run apt-get update and try again`,
			);
		}
		return source;
	});
}

/**
 * Makes sure that the kernel's source is there: the pinned base or the user's own git tree.
 * @param tree a folder of the user's Linux git tree
 * @throws UserError for everything that a person can put right
 */
export async function ensureSource(
	tree: string | undefined,
	report: Reporter,
): Promise<KernelSource> {
	return tree === undefined
		? await ensureBase(await readBase(), report)
		: await openUsersTree(tree, report);
}
