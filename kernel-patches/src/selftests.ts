// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { copyFile, mkdir, realpath, utimes } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from './applied-commit.js';
import { cachePath } from './cache.js';
import { completeOrAbsent, exists, withTemporary } from './files.js';
import { flavourContents, type KernelFlavour } from './flavours.js';
import { git } from './git.js';
import { keepNewest } from './keep-newest.js';
import type { KernelOptions } from './kernel.js';
import { withLock } from './lock.js';
import { reportStage, type Reporter } from './reporter.js';
import { run } from './run.js';
import { listSeries } from './series.js';
import { ensureSource, type KernelSource } from './source.js';
import { buildEnvironment, findToolchain, jobCount } from './toolchain.js';
import { UserError } from './user-error.js';

/** Counts up when what is done here changes in a way that its inputs don't show. */
const recipe = 1;

/** What of the tree the exported headers, and the selftests with them, are made from. */
const neededParts = [
	'Makefile',
	'Kbuild',
	'arch/x86',
	'include',
	'mm',
	'scripts',
	'tools',
	'usr/include',
];

/** A compiled selftest, or a suite of KUnit. */
export interface Selftest {
	/** Its path below tools/testing/selftests, such as `mm/cross_memory`; `kunit/` and a suite. */
	name: string;
	/** The program's path; of a suite, that of its folder in the guest. */
	program: string;
}

/** Where a kernel with KUnit has its suites run. */
const kunitFolder = '/sys/kernel/debug/kunit';

/** Writes the parts of the commit that are needed: 200 MB where the whole is 1.8 GB. */
async function extractParts({ repository }: KernelSource, applied: string, tree: string) {
	const archive = `${tree}/parts.tar`;
	await mkdir(tree, { recursive: true });
	await git(repository, ['archive', `--output=${archive}`, applied, '--', ...neededParts]);
	await run('tar', ['--extract', `--file=${archive}`, `--directory=${tree}`]);
}

/** Compiles one selftest by the Makefile of its folder, against the headers in the tree. */
async function compileSelftest(
	name: string,
	tree: string,
	env: NodeJS.ProcessEnv,
	report: Reporter,
): Promise<string> {
	// These Makefiles know their targets only by the path that pwd prints.
	const program = path.join(await realpath(tree), 'tools/testing/selftests', name);
	await run('make', ['--silent', '-C', path.dirname(program), program], { env, report });
	// What make has no rule for it calls up to date.
	if (!exists(program)) {
		throw new UserError(
			`make in tools/testing/selftests/${path.dirname(name)} did not make ${path.basename(name)}: is it in TEST_GEN_FILES or TEST_GEN_PROGS of the Makefile there?`,
		);
	}
	return program;
}

async function compileAll(
	names: readonly string[],
	tree: string,
	target: string,
	report: Reporter,
): Promise<void> {
	const env = buildEnvironment(path.join(tree, 'ccache.log'));
	const headers = ['--silent', `--jobs=${jobCount()}`, '-C', tree, 'ARCH=x86', 'headers'];
	await run('make', headers, { env, report });
	for (const name of names) {
		const program = await compileSelftest(name, tree, env, report);
		await mkdir(path.dirname(path.join(target, name)), { recursive: true });
		await copyFile(program, path.join(target, name));
	}
}

async function fillTarget(
	source: KernelSource,
	applied: string,
	names: readonly string[],
	target: string,
	report: Reporter,
): Promise<void> {
	const tree = cachePath('build', 'selftests');
	await withTemporary(tree, async () => {
		await extractParts(source, applied, tree);
		await completeOrAbsent(target, async (part) => {
			await compileAll(names, tree, part, report);
		});
	});
	await keepNewest(path.dirname(target), '', 'selftest', report);
}

/**
 * Compiles selftests out of a commit, or finds them in the cache.
 * @param names their paths below tools/testing/selftests
 * @throws UserError if they don't compile, or the Makefile doesn't know them
 */
export async function buildSelftests(
	source: KernelSource,
	applied: string,
	names: readonly string[],
	report: Reporter,
): Promise<Selftest[]> {
	const inputs = [recipe, applied, names, (await findToolchain()).versions];
	const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
	const target = cachePath('selftests', key);
	await withLock('build/selftests', 'the selftests', report, async () => {
		if (!exists(target)) {
			await reportStage(
				report,
				() => `built the selftests ${names.join(', ')}`,
				() => fillTarget(source, applied, names, target, report),
			);
		}
		const now = new Date();
		await utimes(target, now, now);
	});
	return names.map((name) => ({ name, program: path.join(target, name) }));
}

/**
 * The KUnit suites of a flavour's series, which are in the debug kernel, and the selftests that
 * they add, compiled by the kernel's own Makefiles out of the
 * applied tree and against its exported headers; out of the cache if they were before.
 * @throws UserError for everything that a person can put right
 */
export async function ensureSelftests(
	flavour: KernelFlavour,
	{ tree, report }: KernelOptions,
): Promise<Selftest[]> {
	const { series } = flavourContents(flavour, await listSeries());
	const names = series.flatMap(({ selftests }) => selftests);
	const suites = flavour === 'debug' ? series.flatMap(({ kunit }) => kunit) : [];
	const kunit = suites.map((suite) => ({
		name: `kunit/${suite}`,
		program: path.join(kunitFolder, suite),
	}));
	if (names.length === 0) {
		return kunit;
	}
	const source = await ensureSource(tree, report);
	const applied = await ensureAppliedCommit(source, series, report);
	return [...kunit, ...(await buildSelftests(source, applied, names, report))];
}
