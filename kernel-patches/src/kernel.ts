// SPDX-License-Identifier: GPL-2.0-only
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from './applied-commit.js';
import { planBuild, type BuildPlan } from './build-plan.js';
import { compileKernel } from './compile.js';
import { configureKernel } from './configure.js';
import type { KernelFlavour } from './flavours.js';
import { findKernel, pruneKernels, storeKernel, type KernelImage } from './kernel-store.js';
import { withLock } from './lock.js';
import { reportStage, type Reporter } from './reporter.js';
import { ensureSource, fetchOther, type KernelSource } from './source.js';
import { checkOut } from './work-tree.js';

/** What every stage takes. */
export interface KernelOptions {
	/** A folder of a Linux git tree of the user's, instead of the pinned base. It is only read. */
	tree?: string | undefined;
	report: Reporter;
}

/** Applies the plan's series and checks the result out; the caller holds the flavour's lock. */
async function prepareTree(plan: BuildPlan, report: Reporter): Promise<string> {
	const applied = await ensureAppliedCommit(plan.source, plan.series, report);
	await mkdir(plan.directory, { recursive: true });
	await reportStage(
		report,
		() => `${plan.tree} has commit ${applied.slice(0, 12)} checked out`,
		() => checkOut(plan.source.repository, plan.tree, applied, report),
	);
	return applied;
}

async function configure(plan: BuildPlan, report: Reporter): Promise<string> {
	return await reportStage(
		report,
		(config) => `configured: all ${plan.requested.length} options asked for are in ${config}`,
		() => configureKernel(plan, report),
	);
}

/** Runs `work` while no other run uses the flavour's build folder. */
async function withBuildLock<Result>(
	plan: BuildPlan,
	report: Reporter,
	work: () => Promise<Result>,
): Promise<Result> {
	const name = path.basename(plan.directory);
	return await withLock(`build/${name}`, `the kernel ${name}`, report, work);
}

async function buildKernel(plan: BuildPlan, report: Reporter): Promise<KernelImage> {
	return await withBuildLock(plan, report, async () => {
		// Another run may have built it while this one waited.
		const present = await findKernel(plan.key);
		if (present !== undefined) {
			return present;
		}
		const applied = await prepareTree(plan, report);
		await configure(plan, report);
		const { log } = await reportStage(
			report,
			({ objects, ccache: { hits, misses } }) => {
				const cached = hits + misses > 0 ? `, ccache had ${hits} of ${hits + misses}` : '';
				return `built ${plan.flavour}: ${objects} objects${cached}`;
			},
			() => compileKernel(plan, report),
		);
		const kernel = await storeKernel(plan, applied, log);
		report.say(`the kernel is ${kernel.image}`);
		await pruneKernels(plan.flavour, report);
		return kernel;
	});
}

/**
 * Stage 1: the source, fetched, verified and in a git repository.
 * @throws UserError for everything that a person can put right
 */
export async function fetchKernel(options: KernelOptions): Promise<KernelSource> {
	return await ensureSource(options.tree, options.report);
}

/**
 * The source of another version that Debian has, to try `--tree` on.
 * @param minor such as `7.2`
 * @throws UserError for everything that a person can put right
 */
export async function fetchOtherKernel(
	minor: string,
	{ report }: Pick<KernelOptions, 'report'>,
): Promise<KernelSource> {
	return await fetchOther(minor, report);
}

/**
 * Stage 2: the flavour's series applied and checked out.
 * @returns the path of the tree
 */
export async function applyKernel(flavour: KernelFlavour, options: KernelOptions): Promise<string> {
	const plan = await planBuild(flavour, await fetchKernel(options));
	return await withBuildLock(plan, options.report, async () => {
		await prepareTree(plan, options.report);
		return plan.tree;
	});
}

/**
 * Stage 3: configured, and the configuration checked.
 * @returns the path of the final .config
 */
export async function configKernel(
	flavour: KernelFlavour,
	options: KernelOptions,
): Promise<string> {
	const plan = await planBuild(flavour, await fetchKernel(options));
	return await withBuildLock(plan, options.report, async () => {
		await prepareTree(plan, options.report);
		return await configure(plan, options.report);
	});
}

/**
 * Stage 4: the finished kernel, out of the cache if it was built before from the same base,
 * patches, options and compiler; else everything up to it is done now.
 * @throws UserError for everything that a person can put right
 */
export async function ensureKernel(
	flavour: KernelFlavour,
	options: KernelOptions,
): Promise<KernelImage> {
	const plan = await planBuild(flavour, await fetchKernel(options));
	return (await findKernel(plan.key)) ?? (await buildKernel(plan, options.report));
}
