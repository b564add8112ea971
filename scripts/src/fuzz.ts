// SPDX-License-Identifier: GPL-2.0-only
import { createReporter } from '@fastipc/kernel-patches';
import { createFuzzCommand } from './fuzz/command.js';
import { fuzz } from './fuzz/fuzz.js';
import { recordTraffic } from './fuzz/record-traffic.js';
import { abortOnSignals } from './interrupts.js';
import { runCommandLine } from './kernel.js';

await runCommandLine(
	createFuzzCommand({
		fuzz,
		record: recordTraffic,
		print: console.log,
		report: createReporter(process.stderr),
		interrupt: abortOnSignals(),
	}),
);
