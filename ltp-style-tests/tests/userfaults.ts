// SPDX-License-Identifier: GPL-2.0-only
// Memory whose faults user space resolves: a copy waits for that, on either side, and for nothing else.
import type { ExecutionContext } from 'ava';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, peerFrom, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import { pageSize, seedAt } from '../src/process/pattern.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';
import {
	faultFlags,
	faultFlagWrite,
	fillMissing,
	protectPages,
	registerUserfault,
	serveFaults,
	shareDescriptor,
	waitForFault,
	type FaultKind,
	type MemoryRange,
} from '../src/process/userfaults.js';

const oldSeed = 0x0fd;
const newSeed = 0x4fd;
const pages = 3;
const length = pages * pageSize;
/** A copy begins in the first page and ends in the last one. */
const [offset, count] = [12, length - 12 - 7];

const needsOf = (way: Way, kind?: FaultKind): Needs => ({
	root: true,
	config: ['CONFIG_USERFAULTFD'],
	systemCalls: [way.name],
	...(kind === 'access' ? { minimumVersion: '7.3' } : {}),
});

const ends = ['remote', 'local'] as const;
type End = (typeof ends)[number];

/** A copy one end of which waits for faults that a third process can resolve. */
interface Scene {
	caller: TestProcess;
	target: TestProcess;
	/** Whose memory has the faults. */
	owner: TestProcess;
	handler: TestProcess;
	/** In the handler. */
	userfault: bigint;
	range: MemoryRange;
	/** Whether that memory is the copy's destination. */
	written: boolean;
	/** Ordinary memory of the other process, which holds the new pattern. */
	other: TestProcess;
	plain: bigint;
	call: CopyArguments;
}

interface SceneOptions {
	way: Way;
	end: End;
	kind: FaultKind;
	memory?: 'anonymous' | 'shared';
}

async function setScene(
	t: ExecutionContext,
	{ way, end, kind, memory = 'anonymous' }: SceneOptions,
): Promise<Scene> {
	const [caller, target, handler] = [
		await startProcess(t),
		await startProcess(t),
		await startProcess(t),
	];
	const [owner, other] = end === 'remote' ? [target, caller] : [caller, target];
	const range = { address: await owner.map(memory, pages), length };
	if (kind !== 'missing') {
		await owner.fill(range.address, length, oldSeed);
	}
	const own = await registerUserfault(owner, range, kind);
	if (kind === 'write' || kind === 'access') {
		await protectPages(owner, own, range, kind);
	}
	const plain = await other.map('anonymous', pages);
	await other.fill(plain, length, newSeed);
	const start = range.address + BigInt(offset);
	return {
		...{ caller, target, owner, other, handler, range, plain },
		userfault: await shareDescriptor(owner, own, handler),
		written: (way.direction === 'from') === (end === 'local'),
		call: {
			pid: BigInt(target.id),
			address: end === 'remote' ? start : plain,
			buffer: end === 'remote' ? plain : start,
			length: BigInt(count),
		},
	};
}

/** That everything is where it was to go, and nothing else changed. */
async function expectCopied(t: ExecutionContext, scene: Scene): Promise<void> {
	const { owner, other, range, plain, written } = scene;
	const start = range.address + BigInt(offset);
	if (!written) {
		t.is(await other.check(plain, count, seedAt(oldSeed, offset)), 'same', 'what was read');
		return;
	}
	t.is(await owner.check(start, count, newSeed), 'same', 'what was written');
	t.is(await owner.check(range.address, offset, oldSeed), 'same', 'before it');
	const last = length - 4;
	const behind = await owner.check(range.address + BigInt(last), 4, seedAt(oldSeed, last));
	t.is(behind, 'same', 'behind it');
}

defineTable({
	rows: allWays.flatMap((way) =>
		ends.flatMap((end) =>
			(['anonymous', 'shared'] as const).map((memory) => ({ way, end, memory })),
		),
	),
	title: ({ way, end, memory }) =>
		`${way.name}: waits until user space puts ${memory} pages where there are none: ${end}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, end, memory }) => {
		const scene = await setScene(t, { way, end, memory, kind: 'missing' });
		const { caller, handler, userfault, range, written } = scene;
		const copy = caller.copy(way, scene.call);
		for (let page = 0; page < pages; page++) {
			const address = range.address + BigInt(page * pageSize);
			const fault = await waitForFault(handler, userfault);
			t.is(fault.address & -BigInt(pageSize), address, `the fault of page ${page}`);
			t.is((fault.flags & faultFlagWrite) !== 0, written, 'whether it is a write');
			const seed = seedAt(oldSeed, page * pageSize);
			await fillMissing(handler, userfault, { address, length: pageSize }, seed);
		}
		expectOutcome(t, await copy, count);
		await expectCopied(t, scene);
	},
});

/** The protections, and in which directions a copy has to wait for them. */
const protections = [
	{ kind: 'write', of: 'write-protected' },
	{ kind: 'access', of: 'protected from any access' },
] as const;

const waits = ({ way, end, kind }: SceneOptions) =>
	kind === 'access' || (way.direction === 'from') === (end === 'local');

const protectedRows = protections.flatMap(({ kind, of }) =>
	allWays.flatMap((way) => ends.map((end) => ({ way, end, kind, of }))),
);

defineTable({
	rows: protectedRows.filter(waits),
	title: ({ way, end, of }) => `${way.name}: waits until user space unprotects pages ${of}: ${end}`,
	needs: ({ way, kind }) => needsOf(way, kind),
	check: async (t, { way, end, kind }) => {
		const scene = await setScene(t, { way, end, kind });
		const { caller, handler, userfault, range } = scene;
		const copy = caller.copy(way, scene.call);
		const fault = await waitForFault(handler, userfault);
		t.is(fault.address & -BigInt(pageSize), range.address, 'the fault');
		t.is(fault.flags & faultFlags[kind], faultFlags[kind], `its flags ${fault.flags}`);
		if (kind === 'write') {
			await expectUntouched(t, scene);
		}
		await protectPages(handler, userfault, range, 'none');
		expectOutcome(t, await copy, count);
		await expectCopied(t, scene);
	},
});

/** That protected memory holds what it held, while somebody waits to write to it. */
async function expectUntouched(t: ExecutionContext, scene: Scene): Promise<void> {
	const { owner, handler, range } = scene;
	const buffer = await handler.map('anonymous', pages);
	const call = { pid: BigInt(owner.id), address: range.address, length: BigInt(length), buffer };
	expectOutcome(t, await handler.copy(peerFrom, call), length, 'a look at it');
	t.is(await handler.check(buffer, length, oldSeed), 'same', 'while it is protected');
}

defineTable({
	rows: protectedRows.filter((row) => !waits(row)),
	title: ({ way, end, of }) => `${way.name}: doesn't wait to read pages ${of}: ${end}`,
	needs: ({ way, kind }) => needsOf(way, kind),
	check: async (t, { way, end, kind }) => {
		const scene = await setScene(t, { way, end, kind });
		// Nobody would resolve a fault: that it returns shows that there was none.
		expectOutcome(t, await scene.caller.copy(way, scene.call), count);
		await expectCopied(t, scene);
	},
});

defineTable({
	rows: allWays.flatMap((way) => (['missing', 'access'] as const).map((kind) => ({ way, kind }))),
	title: ({ way, kind }) =>
		`${way.name}: comes back when the target is killed before it resolves its fault: ${kind}`,
	needs: ({ way, kind }) => needsOf(way, kind),
	check: async (t, { way, kind }) => {
		const [caller, target] = [await startProcess(t), await startProcess(t)];
		const range = { address: await target.map('anonymous', pages), length };
		await (kind === 'missing' ? undefined : target.fill(range.address, length, oldSeed));
		const userfault = await registerUserfault(target, range, kind);
		if (kind === 'access') {
			await protectPages(target, userfault, range, kind);
		}
		const buffer = await caller.map('anonymous', pages);
		const call = { pid: BigInt(target.id), address: range.address, length: BigInt(length), buffer };
		const copy = caller.copy(way, call);
		await waitForFault(target, userfault);
		process.kill(target.id, 'SIGKILL');
		// With the process its userfaultfd is gone: the memory is as ordinary as any.
		expectOutcome(t, await copy, length);
		if (way.direction === 'from') {
			const got =
				kind === 'missing' ? caller.all(buffer, length, 0) : caller.check(buffer, length, oldSeed);
			t.is(await got, 'same', 'what was mapped there');
		}
	},
});

defineTable({
	rows: allWays.flatMap((way) => ends.map((end) => ({ way, end }))),
	title: ({ way, end }) =>
		`${way.name}: a caller that is killed doesn't wait for a fault to be resolved: ${end}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, end }) => {
		const scene = await setScene(t, { way, end, kind: 'missing' });
		const { caller, handler, userfault } = scene;
		const copy = caller.copy(way, scene.call);
		await waitForFault(handler, userfault);
		process.kill(caller.id, 'SIGKILL');
		await t.throwsAsync(copy, { message: /it was ended by SIGKILL/ });
	},
});

const crossedPages = 24;
const crossedLength = crossedPages * pageSize;

/** One of two processes each of which resolves the faults of the other. */
interface Crossed {
	process: TestProcess;
	/** What the other one copies with: missing pages that will hold the pattern. */
	shown: bigint;
	/** What it copies with itself: missing pages, too. */
	used: bigint;
	seed: number;
}

async function crossedProcess(t: ExecutionContext, seed: number): Promise<Crossed> {
	const process = await startProcess(t);
	const shown = await process.map('anonymous', crossedPages);
	return { process, shown, used: await process.map('anonymous', crossedPages), seed };
}

/** Has one process resolve the faults of the other's memory. */
async function resolveFor(owner: Crossed, handler: Crossed): Promise<void> {
	for (const address of [owner.shown, owner.used]) {
		const range = { address, length: crossedLength };
		const own = await registerUserfault(owner.process, range, 'missing');
		const shared = await shareDescriptor(owner.process, own, handler.process);
		await serveFaults(handler.process, shared, address, owner.seed);
	}
}

const sameKind = allWays.flatMap((way) =>
	allWays.filter(({ peer }) => peer === way.peer).map((other) => ({ way, other })),
);

defineTable({
	rows: sameKind,
	title: ({ way, other }) =>
		`${way.name} against ${other.name}: caller and target resolve each other's faults`,
	needs: ({ way }) => ({ ...needsOf(way), cpus: 2 }),
	check: async (t, { way, other }) => {
		const [first, second] = [await crossedProcess(t, 0x101), await crossedProcess(t, 0x202)];
		await resolveFor(first, second);
		await resolveFor(second, first);
		const copy = (mine: Crossed, yours: Crossed, by: Way) =>
			mine.process.copy(by, {
				pid: BigInt(yours.process.id),
				address: yours.shown,
				length: BigInt(crossedLength),
				buffer: mine.used,
			});
		const [one, two] = await Promise.all([copy(first, second, way), copy(second, first, other)]);
		expectOutcome(t, one, crossedLength, "the first one's copy");
		expectOutcome(t, two, crossedLength, "the second one's copy");
		await expectCrossed(t, way, first, second);
		await expectCrossed(t, other, second, first);
	},
});

/** Whatever the direction, both ends hold what the source of the copy was resolved with. */
async function expectCrossed(
	t: ExecutionContext,
	way: Way,
	mine: Crossed,
	yours: Crossed,
): Promise<void> {
	const { seed } = way.direction === 'from' ? yours : mine;
	t.is(await mine.process.check(mine.used, crossedLength, seed), 'same', `${way.name}: mine`);
	t.is(await yours.process.check(yours.shown, crossedLength, seed), 'same', `${way.name}: yours`);
}
