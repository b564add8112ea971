// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readAptConfiguration, aptPath } from './apt-configuration.js';
import { exists, readIfPresent } from './files.js';
import { tryRun } from './run.js';
import { UserError } from './user-error.js';

/** A line each of what apt can tell about an archive; see apt-get(8), indextargets. */
const indexTargetFormat = '$(REPO_URI)\t$(ORIGIN)\t$(LABEL)\t$(COMPONENT)';

/** Drops repetitions and final slashes; keeps the order. */
function distinctSites(sites: readonly string[]): string[] {
	return [...new Set(sites.map((site) => site.replace(/\/+$/, '')))];
}

/**
 * The sites of Debian's main archive in what `apt-get indextargets` printed, in order. The
 * security archive has another pool and is left out.
 */
export function parseIndexTargets(text: string): string[] {
	const sites = text
		.split('\n')
		.map((line) => line.split('\t'))
		.filter(([, origin, label, component]) => {
			return origin === 'Debian' && label !== 'Debian-Security' && component === 'main';
		})
		.map(([site]) => site ?? '');
	return distinctSites(sites.filter((site) => site !== ''));
}

/** Without apt's word on who made an archive, its address has to tell. */
function looksLikeDebian(site: string): boolean {
	return /debian/i.test(site) && !/security/i.test(site);
}

/**
 * The sites in a one-line-style sources.list; see sources.list(5).
 * Only archives that look like Debian's are returned.
 */
export function parseSourcesList(text: string): string[] {
	const sites = text
		.split('\n')
		.map((line) => /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s/.exec(line)?.[1] ?? '')
		.filter(looksLikeDebian);
	return distinctSites(sites);
}

/**
 * The sites in a deb822-style *.sources file; see sources.list(5).
 * Only archives that look like Debian's, and only enabled ones, are returned.
 */
export function parseDeb822Sources(text: string): string[] {
	const withoutComments = text
		.split('\n')
		.filter((line) => !line.startsWith('#'))
		.join('\n');
	const sites = withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
		const fields = new Map(
			// A field goes on in the lines that begin with white space.
			Array.from(stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t]+.*)*)/gm), (match) => [
				(match[1] ?? '').toLowerCase(),
				(match[2] ?? '').trim(),
			]),
		);
		const enabled = !/^(no|false|0|off|without|disable)$/i.test(fields.get('enabled') ?? 'yes');
		const binary = (fields.get('types') ?? '').split(/\s+/).includes('deb');
		return enabled && binary ? (fields.get('uris') ?? '').split(/\s+/) : [];
	});
	return distinctSites(sites.filter(looksLikeDebian));
}

/** The sites in the list that a mirror+file: address names; see apt-transport-mirror(1). */
export function parseMirrorList(text: string): string[] {
	const sites = text
		.split('\n')
		.map((line) => line.split(/[\t ]/)[0] ?? '')
		.filter((site) => /^https?:/.test(site));
	return distinctSites(sites);
}

async function readSourcesFiles(): Promise<string[]> {
	const configuration = await readAptConfiguration();
	const list = aptPath(configuration, 'Dir::Etc::sourcelist');
	const folder = aptPath(configuration, 'Dir::Etc::sourceparts');
	const names = exists(folder) ? (await readdir(folder)).toSorted() : [];
	const parts = await Promise.all(
		names.map(async (name) => {
			if (!name.endsWith('.list') && !name.endsWith('.sources')) {
				return [];
			}
			const text = await readFile(path.join(folder, name), 'utf8');
			return name.endsWith('.list') ? parseSourcesList(text) : parseDeb822Sources(text);
		}),
	);
	return distinctSites([...parseSourcesList((await readIfPresent(list)) ?? ''), ...parts.flat()]);
}

async function followMirrorLists(sites: readonly string[]): Promise<string[]> {
	const followed = await Promise.all(
		sites.map(async (site) => {
			const list = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(site)?.[1];
			return list === undefined ? [site] : parseMirrorList((await readIfPresent(list)) ?? '');
		}),
	);
	return distinctSites(followed.flat());
}

/**
 * The Debian archives that this machine's own apt uses, in its order, reachable over HTTP.
 * apt itself is asked first; where it has fetched no lists yet (as in a fresh container) it tells
 * nothing, and its sources files are read.
 * @returns addresses without a final slash, at least one
 * @throws UserError if apt names no Debian archive
 */
export async function findArchiveSites(): Promise<string[]> {
	const { stdout } = await tryRun('apt-get', [
		'indextargets',
		'--format',
		indexTargetFormat,
		'Created-By: Packages',
	]);
	const known = parseIndexTargets(stdout);
	const sites = await followMirrorLists(known.length > 0 ? known : await readSourcesFiles());
	const usable = sites.filter((site) => /^https?:/.test(site));
	if (usable.length === 0) {
		throw new UserError(
			`apt's sources name no Debian archive reachable over HTTP (got: ${sites.join(', ') || 'none'}): name one in /etc/apt/sources.list.d, or give a Linux git tree of your own with --tree`,
		);
	}
	return usable;
}
