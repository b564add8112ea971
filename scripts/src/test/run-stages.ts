// SPDX-License-Identifier: GPL-2.0-only
import type { StageReport } from '@fastipc/ltp-style-tests';
import pMap from 'p-map';

/** A stage that is to run. */
export interface PlannedStage {
	name: string;
	/** It keeps all processors busy, and so runs alone; the others run two at a time. */
	wholeMachine: boolean;
	run: () => Promise<StageReport>;
}

/**
 * Runs those stages first that leave half of the machine to another, in their order, and then the
 * others.
 * @param tell is given each report when there is one
 * @param interrupt no stage begins when it has aborted
 * @returns the reports in the order in which they came
 */
export async function runStages(
	stages: readonly PlannedStage[],
	tell: (report: StageReport) => void,
	interrupt: AbortSignal,
): Promise<StageReport[]> {
	const reports: StageReport[] = [];
	const run = async (stage: PlannedStage): Promise<void> => {
		if (interrupt.aborted) {
			return;
		}
		const report = await stage.run();
		reports.push(report);
		tell(report);
	};
	for (const [wholeMachine, concurrency] of [
		[false, 2],
		[true, 1],
	] as const) {
		const some = stages.filter((stage) => stage.wholeMachine === wholeMachine);
		// What fails must not leave another stage's guest behind.
		await pMap(some, run, { concurrency, stopOnError: false });
	}
	return reports;
}
