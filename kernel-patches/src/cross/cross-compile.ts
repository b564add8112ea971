// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit, hashPatches } from '../applied-commit.js';
import { cachePath } from '../cache.js';
import { completeOrAbsent, exists } from '../files.js';
import { flavourContents } from '../flavours.js';
import { formatFragment } from '../fragments.js';
import type { KernelOptions } from '../kernel.js';
import { withLock } from '../lock.js';
import { readPatch } from '../patch.js';
import { reportStage, type Reporter } from '../reporter.js';
import { run } from '../run.js';
import { listSeries } from '../series.js';
import { ensureSource } from '../source.js';
import { findToolchain } from '../toolchain.js';
import { touchedFiles } from '../touched-files.js';
import { UserError } from '../user-error.js';
import { checkOut } from '../work-tree.js';
import type { Architecture } from './architectures.js';
import { compileVariant, type CrossPlace, type CrossProblem } from './compile-variant.js';
import { variantObjects, variantOptions, variants, type Variant } from './variants.js';

/** Counts up when what is done here changes in a way that its inputs don't show. */
const recipe = 2;

/** What came of one architecture and variant. */
export interface CrossResult {
	architecture: Architecture;
	variant: Variant;
	/** What was compiled: objects, and folders of objects. */
	objects: readonly string[];
	/** What is wrong; empty if all is well. */
	problems: readonly CrossProblem[];
	/** Whether it was found out earlier. */
	cached: boolean;
}

/** Works out whether one has been compiled before, and compiles it if not. */
async function compileOnce(
	architecture: Architecture,
	variant: Variant,
	inputs: readonly string[],
	place: CrossPlace,
	touched: readonly string[],
	report: Reporter,
): Promise<CrossResult> {
	const { name, prefix } = architecture;
	const compiler = await run(`${prefix}gcc`, ['--version']);
	const options = formatFragment(await variantOptions(variant));
	const objects = variantObjects(variant, architecture, touched);
	const all = JSON.stringify([
		recipe,
		...inputs,
		compiler,
		architecture,
		variant,
		options,
		objects,
	]);
	const hash = createHash('sha256').update(all).digest('hex').slice(0, 16);
	const done = cachePath('cross', `${name}-${variant.name}-${hash}`);
	if (exists(done)) {
		return { architecture, variant, objects, problems: [], cached: true };
	}
	const problems = await reportStage(
		report,
		() => `compiled for ${name} ${variant.description}`,
		() => compileVariant(architecture, variant, place, { wanted: objects, touched }, report),
	).catch((error: unknown) => {
		if (error instanceof UserError) {
			return [{ message: error.message }];
		}
		throw error;
	});
	if (problems.length === 0) {
		await mkdir(path.dirname(done), { recursive: true });
		await completeOrAbsent(done, (part) => writeFile(part, ''));
	}
	return { architecture, variant, objects, problems, cached: false };
}

/**
 * Compiles what the series touch for other architectures, in each variant, and tells the results
 * as they come. What was all right is remembered by series, base, compiler, architecture and variant.
 * @throws UserError for everything that a person can put right, but for what does not compile
 */
export async function crossCompile(
	chosen: readonly Architecture[],
	{ tree, report }: KernelOptions,
	tell: (result: CrossResult) => void,
): Promise<void> {
	const { series } = flavourContents('release', await listSeries());
	const source = await ensureSource(tree, report);
	const inputs = [source.commit, await hashPatches(series)];
	const patches = series.flatMap((each) => each.patches);
	const touched = touchedFiles(await Promise.all(patches.map(readPatch)));
	const { ccache } = await findToolchain();
	const directory = cachePath('build', `cross${source.suffix}`);
	const sources = path.join(directory, 'tree');
	await mkdir(directory, { recursive: true });
	await withLock(path.join('build', path.basename(directory)), directory, report, async () => {
		const applied = await ensureAppliedCommit(source, series, report);
		await checkOut(source.repository, sources, applied, report);
		for (const architecture of chosen) {
			const objects = path.join(directory, architecture.name);
			for (const variant of variants) {
				const place = { tree: sources, objects, ccache };
				tell(await compileOnce(architecture, variant, inputs, place, touched, report));
			}
		}
	});
}
