// SPDX-License-Identifier: GPL-2.0-only
import { ensureSelftests, type Selftest } from '@fastipc/kernel-patches';
import { parseKtap, selftestCommand, type StageReport } from '@fastipc/ltp-style-tests';
import { isMatch } from 'matcher';
import { runInGuest, type GuestStageOptions } from './guest-stage.js';
import { runStage, type TestRun } from './stage.js';

/** The kselftests that the series bring along; the unpatched kernel has none. */
export async function runSelftests(options: GuestStageOptions, run: TestRun): Promise<StageReport> {
	const { flavour, report } = options;
	const stage = await runStage(
		run,
		`${flavour}-selftests`,
		async (output) => {
			const selftests = await ensureSelftests(flavour, { report });
			const kernel = await options.findKernel(flavour);
			return runInGuest(options, kernel, selftestCommand(selftests), run, output);
		},
		parseKtap,
	);
	return run.match === undefined ? stage : onlyMatching(stage, run.match);
}

/** A security module that takes AppArmor's place in a boot of its own. */
export type SecurityModule = 'smack' | 'selinux';

/**
 * The tests that need it. Smack gives labels to what passes AF_UNIX, and needs no policy for that;
 * SELinux tells others of new policies.
 */
const testsUnder: Readonly<Record<SecurityModule, Readonly<Record<string, readonly string[]>>>> = {
	smack: {
		'net/dbus/as_unix': ['credentials', 'peer'],
		'net/dbus/dbus_direct': ['security_label'],
	},
	selinux: { 'net/dbus/dbus_direct': ['new_policy'] },
};

/**
 * Of compiled selftests those that need a security module, with the tests that do.
 * @throws Error that names one that isn't there
 */
export function chooseTestsUnder(
	module: SecurityModule,
	selftests: readonly Selftest[],
): (Selftest & { only: readonly string[] })[] {
	return Object.entries(testsUnder[module]).map(([name, only]) => {
		const selftest = selftests.find((each) => each.name === name);
		if (selftest === undefined) {
			throw new Error(`no series has the selftest ${name}, whose tests need ${module}`);
		}
		return { ...selftest, only };
	});
}

/** The tests that need another security module, in a guest that boots with it. */
export async function runSelftestsUnder(
	module: SecurityModule,
	options: GuestStageOptions,
	run: TestRun,
): Promise<StageReport> {
	const { flavour, report } = options;
	const stage = await runStage(
		run,
		`${flavour}-${module}`,
		async (output) => {
			const selftests = chooseTestsUnder(module, await ensureSelftests(flavour, { report }));
			const kernel = await options.findKernel(flavour);
			const under = { ...options, append: `lsm=landlock,yama,${module}` };
			return runInGuest(under, kernel, selftestCommand(selftests), run, output);
		},
		parseKtap,
	);
	return run.match === undefined ? stage : onlyMatching(stage, run.match);
}

const stormProgram = 'net/dbus/dbus_direct';

/**
 * Of compiled selftests the one with the storm, in which clients of AF_DBUS call each other at random,
 * and that test alone of it. Its clients are threads, which are to meet: it has both processors.
 * @throws Error if it isn't there
 */
export function chooseStorm(
	selftests: readonly Selftest[],
): Selftest & { only: readonly string[]; cpus: string } {
	const selftest = selftests.find(({ name }) => name === stormProgram);
	if (selftest === undefined) {
		throw new Error(`no series has the selftest ${stormProgram}, in which the storm is`);
	}
	return { ...selftest, only: ['storm'], cpus: '0,1' };
}

/** The storm alone, for as long as it is wanted. */
export function runStorm(options: GuestStageOptions, run: TestRun): Promise<StageReport> {
	const { flavour, report, stormSeconds } = options;
	return runStage(
		run,
		`storm-${flavour}`,
		async (output) => {
			const selftest = chooseStorm(await ensureSelftests(flavour, { report }));
			const kernel = await options.findKernel(flavour);
			const env = { DBUS_DIRECT_SECONDS: String(stormSeconds) };
			return runInGuest(options, kernel, { ...selftestCommand([selftest]), env }, run, output);
		},
		parseKtap,
	);
}

/** A selftest's program runs whole; of what it tells, that is kept which was asked for. */
function onlyMatching(stage: StageReport, pattern: string): StageReport {
	const tests = stage.tests.filter(({ title, status }) => {
		return status === 'crashed' || isMatch(title, pattern);
	});
	return { ...stage, tests };
}
