// SPDX-License-Identifier: GPL-2.0-only
import { mechanismWords } from './mechanisms.js';
import type { CopyCounts, MpiRunOutput } from './output.js';
import { largeMessage } from './plan.js';

/** What HPCC's smallest large message has, which each rank has to be seen to have copied. */
const hpccBytes = 2_000_000;

type CountedCall =
	'copy_from_process' | 'copy_to_process' | 'process_vm_readv' | 'process_vm_writev';

function sum(
	counts: readonly CopyCounts[],
	calls: readonly CountedCall[],
	unit: 'calls' | 'bytes',
): number {
	return calls
		.flatMap((call) => counts.map((one) => one[`${call}_${unit}`]))
		.reduce((total, value) => total + value, 0);
}

const newCalls = ['copy_from_process', 'copy_to_process'] as const;
const oldCalls = ['process_vm_readv', 'process_vm_writev'] as const;

/** How much a run has to have copied by single-copy calls: its large messages, all of them. */
export function bytesOfLargeMessages({ program, ranks, messages }: MpiRunOutput): number {
	if (program === 'hpcc') {
		return ranks * hpccBytes;
	}
	return messages
		.filter(({ bytes }) => bytes >= largeMessage)
		.reduce((total, one) => total + one.bytes * one.messages, 0);
}

function describeRun({ program, mechanism, ranks, run }: MpiRunOutput): string {
	return `${program} on ${mechanismWords[mechanism]}, ${ranks} ranks, run ${run}`;
}

/**
 * Checks by the preloaded library's counts that a run's large messages were copied by the calls
 * that they were to be copied by, and by no others.
 * @throws Error with the counts if not
 */
export function requireUse(output: MpiRunOutput): void {
	if (output.preload === undefined) {
		return;
	}
	const [wanted, others] =
		output.preload === 'copied' ? [newCalls, oldCalls] : [oldCalls, newCalls];
	const copied = sum(output.counts, wanted, 'bytes');
	const expected = bytesOfLargeMessages(output);
	if (expected === 0 || copied < expected) {
		throw new Error(
			`${describeRun(output)}: ${wanted.join(' and ')} copied ${copied} bytes, the large messages have ${expected}`,
		);
	}
	const calls = sum(output.counts, others, 'calls');
	if (calls > 0) {
		throw new Error(
			`${describeRun(output)}: ${others.join(' and ')} were called ${calls} times, expected none`,
		);
	}
}

/** What the counts of all runs show, in a sentence. */
export function describeUse(outputs: readonly MpiRunOutput[]): string {
	const counts = outputs
		.filter(({ preload }) => preload === 'copied')
		.flatMap((output) => output.counts);
	const [from, to] = newCalls.map(
		(call) =>
			`${call} was called ${sum(counts, [call], 'calls').toLocaleString('en-US')} times and copied ${sum(counts, [call], 'bytes').toLocaleString('en-US')} B`,
	);
	return `Counted in ${counts.length} processes: ${from}; ${to}; process_vm_* was called ${sum(counts, oldCalls, 'calls')} times.`;
}
