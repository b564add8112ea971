// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readAptConfiguration } from './apt-configuration.js';
import { findArchiveSites } from './archive-sites.js';
import type { Base } from './base.js';
import { cachePath } from './cache.js';
import { downloadFile } from './download.js';
import { exists, requireSpace } from './files.js';
import { withLock } from './lock.js';
import { findProxy } from './proxies.js';
import { reportStage, type Reporter } from './reporter.js';
import { UserError } from './user-error.js';

/** How long a site may stay silent, in milliseconds. */
const stallTimeout = 30_000;

/** Where a .deb of the archive's pool is kept. */
export function downloadPath(pool: string): string {
	return cachePath('downloads', path.basename(pool));
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(file), hash);
	return hash.digest('hex');
}

/** Whether the file is there and is the right one; a wrong one is removed, and that is said. */
async function isDownloaded(base: Base, file: string, report: Reporter): Promise<boolean> {
	if (!exists(file)) {
		return false;
	}
	const { size } = await stat(file);
	if (size === base.size && (await hashFile(file)) === base.sha256) {
		return true;
	}
	report.say(`${file} has a wrong size or SHA-256: removing it`);
	await rm(file);
	return false;
}

/** Advice for when no site gave the file. */
function unreachableError(base: Base, file: string, failures: readonly string[]): UserError {
	return new UserError(
		`${path.basename(base.pool)} could not be downloaded:${failures.map((failure) => `\n    ${failure}`).join('')}
Check the network and, if there is one, the proxy (apt's Acquire::http::Proxy, or http_proxy), and run the command again. Or put the file there by hand: ${file}`,
	);
}

async function downloadFromSites(
	base: Base,
	sites: readonly string[],
	report: Reporter,
): Promise<string | undefined> {
	const target = downloadPath(base.pool);
	const configuration = await readAptConfiguration();
	const failures: string[] = [];
	let goneEverywhere = true;
	for (const site of sites) {
		const url = `${site}/${base.pool}`;
		const proxy = findProxy(new URL(url), configuration, process.env);
		report.say(`downloading ${url}${proxy === undefined ? '' : ` through the proxy ${proxy}`}`);
		const { size, sha256 } = base;
		const failure = await downloadFile({ url, target, size, sha256, proxy, stallTimeout, report });
		if (failure === undefined) {
			return target;
		}
		report.say(`${url}: ${failure.reason}`);
		failures.push(`${url}: ${failure.reason}`);
		goneEverywhere &&= failure.gone;
	}
	if (goneEverywhere) {
		return undefined;
	}
	throw unreachableError(base, target, failures);
}

/**
 * Gets the pinned .deb into the cache's downloads folder, checked by size and SHA-256.
 * @param sites archives to try, in order; default: those of this machine's apt
 * @returns its path, or undefined if every archive answers that it has no such file
 * @throws UserError if none could be reached or gave the right file
 */
export async function fetchPinned(
	base: Base,
	report: Reporter,
	sites?: readonly string[],
): Promise<string | undefined> {
	const target = downloadPath(base.pool);
	const name = path.basename(target);
	return await withLock(`download/${name}`, name, report, async () => {
		if (await isDownloaded(base, target, report)) {
			return target;
		}
		await mkdir(path.dirname(target), { recursive: true });
		await requireSpace(path.dirname(target), base.size, `downloading ${name}`);
		return await reportStage(
			report,
			(file) => (file === undefined ? `${name} is in none of the archives` : `fetched ${file}`),
			async () => await downloadFromSites(base, sites ?? (await findArchiveSites()), report),
		);
	});
}
