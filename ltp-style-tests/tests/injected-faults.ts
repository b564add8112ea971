// SPDX-License-Identifier: GPL-2.0-only
// Faults that the kernel injects into its copies (Documentation/fault-injection): what such a copy
// did not bring isn't counted, and what is counted is in place.
import { readFileSync, writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { describeOutcome } from '../src/calls/expect.js';
import { allWays, type CopyArguments, type Outcome, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import { pageSize } from '../src/process/pattern.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const seed = 0xfa;
const canary = 0x17;
/** More than a batch of the kernel's. */
const pages = 70;
const length = pages * pageSize;

const needsOf = (way: Way): Needs => ({
	root: true,
	config: ['CONFIG_FAULT_INJECTION_USERCOPY', 'CONFIG_FAULT_INJECTION_DEBUG_FS'],
	systemCalls: [way.name],
});

/** The knobs of fail_usercopy, and what they are set to while a test runs. */
const knobs = { verbose: '0', 'task-filter': 'Y', interval: '1', times: '-1', probability: '0' };

function setKnobs(t: ExecutionContext, probability: number): void {
	const settings = { ...knobs, probability: String(probability) };
	for (const [name, value] of Object.entries(settings)) {
		const file = `/sys/kernel/debug/fail_usercopy/${name}`;
		const before = readFileSync(file, 'ascii');
		writeFileSync(file, value);
		t.teardown(() => {
			writeFileSync(file, before);
		});
	}
}

/** The two ends of a copy. */
interface Ends {
	caller: TestProcess;
	source: { process: TestProcess; start: bigint };
	sink: { process: TestProcess; start: bigint };
	call: CopyArguments;
}

/** Pages that were had by turns with others, so that no two of them lie side by side. */
async function mapScattered(process: TestProcess): Promise<bigint> {
	const [memory, between] = [
		await process.map('anonymous', pages),
		await process.map('anonymous', pages),
	];
	for (let page = 0; page < pages; page++) {
		const offset = BigInt(page * pageSize);
		await process.set(memory + offset, 1, canary);
		await process.set(between + offset, 1, canary);
	}
	return memory;
}

async function prepare(t: ExecutionContext, way: Way): Promise<Ends> {
	const [caller, target] = [await startProcess(t), await startProcess(t)];
	const local = { process: caller, start: await caller.map('anonymous', pages) };
	const remote = { process: target, start: await mapScattered(target) };
	const [source, sink] = way.direction === 'from' ? [remote, local] : [local, remote];
	await source.process.fill(source.start, length, seed);
	const call = {
		pid: BigInt(target.id),
		address: remote.start,
		length: BigInt(length),
		buffer: local.start,
	};
	return { caller, source, sink, call };
}

/** That a copy gave EFAULT or a count, and brought what it says, and nothing else. */
async function expectHonest(
	t: ExecutionContext,
	{ sink: { process, start } }: Ends,
	outcome: Outcome,
	what: string,
): Promise<void> {
	const said = describeOutcome(outcome);
	t.true(said === 'EFAULT' || outcome.returned > 0n, `${what}: ${said}`);
	const count = outcome.returned > 0n ? Number(outcome.returned) : 0;
	t.is(await process.check(start, count, seed), 'same', `${what}: ${said}: what was copied`);
	const rest = start + BigInt(count);
	t.is(await process.all(rest, length - count, canary), 'same', `${what}: ${said}: what follows`);
}

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: each of its copies fails in turn: EFAULT, or an exact count`,
	needs: needsOf,
	check: async (t, way) => {
		setKnobs(t, 0);
		const ends = await prepare(t, way);
		const outcomes = new Set<string>();
		for (let nth = 1; nth <= pages + 3; nth++) {
			await ends.sink.process.set(ends.sink.start, length, canary);
			const outcome = await ends.caller.faultyCopy('fail-nth', nth, way, ends.call);
			await expectHonest(t, ends, outcome, `copy ${nth} fails`);
			outcomes.add(describeOutcome(outcome));
		}
		t.true(outcomes.has('EFAULT'), 'the first one failed');
		t.true(outcomes.size >= 3, `short counts too: ${[...outcomes].join(', ')}`);
	},
});

defineTable({
	rows: allWays,
	title: (way) => `${way.name}: copies fail at random: EFAULT, or an exact count`,
	needs: needsOf,
	check: async (t, way) => {
		const ends = await prepare(t, way);
		setKnobs(t, 30);
		const outcomes = new Set<string>();
		for (let round = 0; round < 40; round++) {
			await ends.sink.process.set(ends.sink.start, length, canary);
			const outcome = await ends.caller.faultyCopy('make-it-fail', 1, way, ends.call);
			await expectHonest(t, ends, outcome, `round ${round}`);
			outcomes.add(describeOutcome(outcome));
		}
		t.true(outcomes.size >= 3, `faults were injected: ${[...outcomes].join(', ')}`);
	},
});
