// SPDX-License-Identifier: GPL-2.0-only
import { dbusTestsCommand, describesDelivery, type StageReport } from '@fastipc/ltp-style-tests';
import { runInGuest, type GuestStageOptions } from './guest-stage.js';
import { runStage, type TestRun } from './stage.js';

/** They wait for timers of theirs: the slowest takes longest on any machine. */
const moreSeconds = 600;

/** Debian's dbus-tests, each on AF_UNIX and on AF_DBUS; it notes what was delivered directly. */
export async function runDbusTests(options: GuestStageOptions, run: TestRun): Promise<StageReport> {
	const stage = await runStage(run, `dbus-tests-${options.flavour}`, async (output) => {
		const kernel = await options.findKernel(options.flavour);
		return runInGuest({ ...options, moreSeconds }, kernel, dbusTestsCommand(), run, output);
	});
	return { ...stage, notes: deliveryNotes(stage) };
}

/** What a stage's tests say of what was delivered directly, in lines. */
export function deliveryNotes({ tests }: Pick<StageReport, 'tests'>): string[] {
	return tests.flatMap(({ diagnostics }) => diagnostics.split('\n').filter(describesDelivery));
}
