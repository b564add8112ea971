// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { cachePath } from './cache.js';
import { parseJson } from './files.js';

/** This package's folder, whether the caller runs the sources or what tsc made of them. */
export const packageDirectory: string = path.dirname(
	fileURLToPath(import.meta.resolve('@fastipc/kernel-patches/package.json')),
);

const relativePath = z
	.string()
	.regex(/^(?!.*\.\.)[\w.+~-]+(\/[\w.+~-]+)*$/, 'must be a relative path without ..');

const baseSchema = z
	.strictObject({
		/** Linux's version, such as `7.3.4`. */
		version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 7.3.4'),
		/** The minor version that a replacement has to have, such as `7.3`. */
		minor: z.string().regex(/^\d+\.\d+$/, 'must be a version such as 7.3'),
		/** Debian's package, such as `linux-source-7.3`. */
		package: z.string().regex(/^linux-source-[\d.]+$/, 'must be linux-source-VERSION'),
		/** The package's version, such as `7.3.4-1~bpo13+1`. */
		packageVersion: z.string().regex(/^\d[\w.+~-]*$/, 'must be a Debian version'),
		/** The suite to look in for a newer one, such as `trixie-backports`. */
		suite: z.string().regex(/^[a-z][\w-]*$/, 'must be the name of a suite'),
		/** Path of the .deb below an archive's root. */
		pool: relativePath.startsWith('pool/').endsWith('.deb'),
		/** Length of the .deb in bytes. */
		size: z.int().positive(),
		/** Of the .deb. */
		sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 small hexadecimal digits'),
		/** Path of the sources inside the .deb. */
		tarball: relativePath.endsWith('.tar.xz'),
	})
	.refine((base) => base.version.startsWith(`${base.minor}.`), 'version must be of the minor')
	.refine(
		(base) => path.basename(base.pool).startsWith(`${base.package}_${base.packageVersion}_`),
		'pool must name the package and its version',
	);

/** Which Linux the series apply to, and where it comes from. */
export type Base = z.infer<typeof baseSchema>;

/**
 * Checks the text of a base.json.
 * @throws UserError that says what is wrong in it
 */
export function parseBase(text: string, file = 'base.json'): Base {
	return parseJson(text, baseSchema, file);
}

/** Reads this package's base.json. */
export async function readBase(): Promise<Base> {
	const file = path.join(packageDirectory, 'base.json');
	return parseBase(await readFile(file, 'utf8'), file);
}

/** Where the repository of a base is. */
export function baseRepository(version: string): string {
	return cachePath('linux', `${version}.git`);
}

/** The tag that marks the base in its repository. */
export function baseTag(version: string): string {
	return `fastipc-base-${version}`;
}
