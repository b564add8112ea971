// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFlavour, Reporter } from '@fastipc/kernel-patches';
import type { TestPart } from '@fastipc/ltp-style-tests';
import type { TestArguments } from './arguments.js';
import { runDbusTests } from './dbus-tests-stage.js';
import { runGuestTests } from './guest-stage.js';
import { runHostTests } from './host-stage.js';
import type { KernelFinder } from './kernel-finder.js';
import { kernelsToTest, type KernelToTest } from './kernels-to-test.js';
import type { PlannedStage } from './run-stages.js';
import {
	runSelftests,
	runSelftestsUnder,
	runStorm,
	type SecurityModule,
} from './selftest-stage.js';
import { runSeriesChecks } from './series-stage.js';
import type { TestRun } from './stage.js';

/** Kernels with tests of buses; on that with the module it has to be loaded first. */
function hasDbus(flavour: KernelFlavour): boolean {
	return flavour !== 'base' && flavour !== 'module';
}

/** What can run in the place of AppArmor, on the kernel that has it. */
function otherSecurityModules(flavour: KernelFlavour): readonly SecurityModule[] {
	return flavour === 'debug' ? ['smack', 'selinux'] : [];
}

/** What all stages need. */
export interface PlanOptions {
	checkout: string;
	findKernel: KernelFinder;
	report: Reporter;
}

/** Whether a stage needs the whole machine. */
type Share = 'half' | 'whole';

/** The stages of a test run, in an order in which the longest begin first. */
export function planStages(
	given: Pick<TestArguments, 'kernel' | 'hostOnly' | 'races' | 'dbusTests' | 'storm'>,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	const kernels = kernelsToTest(given).map((kernel) => planKernel(kernel, options, run));
	// The debug kernel's selftests take longest, and its conformance tests most of an hour.
	const selftests = kernels.toReversed().flatMap((kernel) => kernel.selftests);
	const alone = [given.races, given.dbusTests, given.storm].some((each) => each !== undefined);
	const host = stageIf(!alone, 'host', 'half', () => runHostTests(options.checkout, run));
	const ofAll = given.kernel === undefined || given.kernel === 'all';
	const series = stageIf(!alone && !given.hostOnly && ofAll, 'series', 'half', () =>
		runSeriesChecks(options.report, run),
	);
	return [
		...selftests.slice(0, 1),
		...host,
		...series,
		...selftests.slice(1),
		...kernels.flatMap(({ dbus }) => dbus),
		...kernels.flatMap(({ conformance }) => conformance),
		...kernels.flatMap(({ dbusTests }) => dbusTests),
		...kernels.flatMap(({ storm }) => storm),
	];
}

function stageIf(
	wanted: boolean,
	name: string,
	share: Share,
	run: PlannedStage['run'],
): PlannedStage[] {
	return wanted ? [{ name, wholeMachine: share === 'whole', run }] : [];
}

/** Under KVM; they are as many again as those of the calls, and start daemons. */
const moreSecondsForBuses = 300;

/** A kernel's stages by what they are about: none, one, or several. */
function planKernel(
	{ flavour, conformance, raceSeconds, selftests, dbusTests, stormSeconds }: KernelToTest,
	plan: PlanOptions,
	run: TestRun,
): Record<'selftests' | 'dbus' | 'conformance' | 'dbusTests' | 'storm', PlannedStage[]> {
	const options = { ...plan, flavour };
	const runGuest = (part: TestPart) => () =>
		runGuestTests(
			{
				...options,
				part,
				...(part === 'races' && { raceSeconds }),
				...(part === 'dbus' && { moreSeconds: moreSecondsForBuses }),
			},
			run,
		);
	return {
		selftests: [
			...stageIf(selftests, `${flavour}-selftests`, 'half', () => runSelftests(options, run)),
			...otherSecurityModules(flavour).flatMap((module) =>
				stageIf(selftests, `${flavour}-${module}`, 'half', () =>
					runSelftestsUnder(module, options, run),
				),
			),
		],
		// They wait for daemons and clients, each in turn, so that one processor is enough.
		dbus: stageIf(conformance && hasDbus(flavour), `dbus-${flavour}`, 'half', runGuest('dbus')),
		conformance: [
			// The unpatched kernel has a handful.
			...stageIf(conformance, flavour, flavour === 'base' ? 'half' : 'whole', runGuest('calls')),
			...stageIf(raceSeconds !== undefined, `races-${flavour}`, 'whole', runGuest('races')),
		],
		dbusTests: stageIf(dbusTests, `dbus-tests-${flavour}`, 'whole', () =>
			runDbusTests(options, run),
		),
		storm: stageIf(stormSeconds !== undefined, `storm-${flavour}`, 'whole', () =>
			runStorm({ ...options, stormSeconds }, run),
		),
	};
}
