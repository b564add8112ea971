// SPDX-License-Identifier: GPL-2.0-only
import type { KernelFlavour, Reporter } from '@fastipc/kernel-patches';
import type { TestArguments } from './arguments.js';
import { runDbusTests } from './dbus-tests-stage.js';
import { runGuestTests } from './guest-stage.js';
import { runHostTests } from './host-stage.js';
import type { KernelFinder } from './kernel-finder.js';
import { kernelsToTest, type KernelToTest } from './kernels-to-test.js';
import type { PlannedStage } from './run-stages.js';
import { runSelftests } from './selftest-stage.js';
import type { TestRun } from './stage.js';

/** Kernels with tests of buses; on that with the module it has to be loaded first. */
function hasDbus(flavour: KernelFlavour): boolean {
	return flavour !== 'base' && flavour !== 'module';
}

/** What all stages need. */
export interface PlanOptions {
	checkout: string;
	findKernel: KernelFinder;
	report: Reporter;
}

/** The stages of a test run, in an order in which the longest begin first. */
export function planStages(
	given: Pick<TestArguments, 'kernel' | 'hostOnly' | 'races' | 'dbusTests'>,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	const kernels = kernelsToTest(given);
	// The debug kernel's selftests take longest, and its conformance tests most of an hour.
	const selftests = [...kernels].reverse().flatMap((kernel) => selftestStage(kernel, options, run));
	const host: PlannedStage = {
		name: 'host',
		wholeMachine: false,
		run: () => runHostTests(options.checkout, run),
	};
	return [
		...selftests.slice(0, 1),
		...(given.races === undefined && given.dbusTests !== true ? [host] : []),
		...selftests.slice(1),
		...kernels.flatMap((kernel) => dbusStage(kernel, options, run)),
		...kernels.flatMap((kernel) => conformanceStages(kernel, options, run)),
		...kernels.flatMap((kernel) => dbusTestsStage(kernel, options, run)),
	];
}

function selftestStage(
	{ flavour, selftests }: KernelToTest,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	return selftests
		? [
				{
					name: `${flavour}-selftests`,
					wholeMachine: false,
					run: () => runSelftests({ ...options, flavour }, run),
				},
			]
		: [];
}

/** The tests of buses wait for daemons and clients, each in turn, so that one processor is enough. */
function dbusStage(
	{ flavour, conformance }: KernelToTest,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	return conformance && hasDbus(flavour)
		? [
				{
					name: `dbus-${flavour}`,
					wholeMachine: false,
					run: () => runGuestTests({ ...options, flavour, part: 'dbus' }, run),
				},
			]
		: [];
}

function conformanceStages(
	{ flavour, conformance, raceSeconds }: KernelToTest,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	const stages: PlannedStage[] = [];
	if (conformance) {
		stages.push({
			name: flavour,
			// The unpatched kernel has a handful.
			wholeMachine: flavour !== 'base',
			run: () => runGuestTests({ ...options, flavour, part: 'calls' }, run),
		});
	}
	if (raceSeconds !== undefined) {
		stages.push({
			name: `races-${flavour}`,
			wholeMachine: true,
			run: () => runGuestTests({ ...options, flavour, part: 'races', raceSeconds }, run),
		});
	}
	return stages;
}

function dbusTestsStage(
	{ flavour, dbusTests }: KernelToTest,
	options: PlanOptions,
	run: TestRun,
): PlannedStage[] {
	return dbusTests
		? [
				{
					name: `dbus-tests-${flavour}`,
					wholeMachine: true,
					run: () => runDbusTests({ ...options, flavour }, run),
				},
			]
		: [];
}
