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

/** The tests that look at labels, which AppArmor doesn't give to what passes AF_UNIX. */
const testsOfLabels: Readonly<Record<string, readonly string[]>> = {
	'net/dbus/as_unix': ['credentials', 'peer'],
	'net/dbus/dbus_direct': ['security_label'],
};

/**
 * Of compiled selftests those that look at labels, with the tests that do.
 * @throws Error that names one that isn't there
 */
export function chooseTestsOfLabels(
	selftests: readonly Selftest[],
): (Selftest & { only: readonly string[] })[] {
	return Object.entries(testsOfLabels).map(([name, only]) => {
		const selftest = selftests.find((each) => each.name === name);
		if (selftest === undefined) {
			throw new Error(`no series has the selftest ${name}, whose tests look at labels`);
		}
		return { ...selftest, only };
	});
}

/**
 * The tests of labels once more, in a guest whose security module is Smack: it labels messages, and
 * needs no policy for that.
 */
export async function runSelftestsUnderSmack(
	options: GuestStageOptions,
	run: TestRun,
): Promise<StageReport> {
	const { flavour, report } = options;
	const stage = await runStage(
		run,
		`${flavour}-smack`,
		async (output) => {
			const selftests = chooseTestsOfLabels(await ensureSelftests(flavour, { report }));
			const kernel = await options.findKernel(flavour);
			const underSmack = { ...options, append: 'lsm=landlock,yama,smack' };
			return runInGuest(underSmack, kernel, selftestCommand(selftests), run, output);
		},
		parseKtap,
	);
	return run.match === undefined ? stage : onlyMatching(stage, run.match);
}

/** A selftest's program runs whole; of what it tells, that is kept which was asked for. */
function onlyMatching(stage: StageReport, pattern: string): StageReport {
	const tests = stage.tests.filter(({ title, status }) => {
		return status === 'crashed' || isMatch(title, pattern);
	});
	return { ...stage, tests };
}
