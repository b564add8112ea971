// SPDX-License-Identifier: GPL-2.0-only
import { dbusTestsCommand, type StageReport } from '@fastipc/ltp-style-tests';
import { runInGuest, type GuestStageOptions } from './guest-stage.js';
import { runStage, type TestRun } from './stage.js';

/** They wait for timers of theirs: the slowest takes longest on any machine. */
const moreSeconds = 600;

/** Debian's dbus-tests, each on AF_UNIX and on AF_DBUS. */
export function runDbusTests(options: GuestStageOptions, run: TestRun): Promise<StageReport> {
	return runStage(run, `dbus-tests-${options.flavour}`, async (output) => {
		const kernel = await options.findKernel(options.flavour);
		return runInGuest({ ...options, moreSeconds }, kernel, dbusTestsCommand(), run, output);
	});
}
