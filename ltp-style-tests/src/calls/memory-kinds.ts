// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { defineTable } from '../needs/define-test.js';
import type { Needs } from '../needs/needs.js';
import { pageSize, seedAt } from '../process/pattern.js';
import type { TestProcess } from '../process/test-process.js';
import { expectOutcome } from './expect.js';
import { allWays, type CopyArguments, type Way } from './ways.js';

/** What memory holds from one place on: the pattern of a seed, or one byte all over. */
export type Content = { length: number } & ({ seed: number } | { byte: number });

/** Memory of some kind, ready to be copied from or to. */
export interface Place {
	/** Where it begins, a multiple of 4. */
	address: bigint;
	/** What it holds, from its beginning to its end. */
	content: readonly Content[];
	/** How much of it, from its beginning, can be read; all where left out. */
	readable?: number;
	/** How much of it can be written; as much as can be read where left out. */
	writable?: number;
	/** Looks at what can't be seen in the memory itself. */
	afterwards?: (t: ExecutionContext, what: Afterwards) => Promise<void> | void;
}

/** What was done with a place. */
export interface Afterwards {
	/** Whether it was the destination. */
	written: boolean;
	/** Where in the place the copy began, a multiple of 4. */
	offset: number;
	/** How much was copied. */
	length: number;
	/** The pattern that was written. */
	seed: number;
	way: Way;
}

/** A kind of memory that one of the two processes of a copy has. */
export interface KindOfMemory {
	what: string;
	needs?: Needs;
	/** The process keeps it: it isn't unmapped after the test. */
	stays?: true;
	prepare: (process: TestProcess, t: ExecutionContext) => Promise<Place>;
}

/** Both processes, by name; for instance `sharedProcesses`. */
type Processes = (name: 'caller' | 'target') => Promise<TestProcess>;

const canary = 0xe7;
const newSeed = 0x1234567;
/** A copy begins and ends within a page. */
const [offset, rest] = [12, 7];

const lengthOf = ({ content }: Place) => content.reduce((sum, { length }) => sum + length, 0);

/**
 * For each kind, a test of each call with memory of the kind in the target and in the caller.
 * The other end is ordinary memory. Counts have to be exact; bytes in place; what is around them
 * untouched.
 */
export function defineKinds(kinds: readonly KindOfMemory[], processes: Processes): void {
	defineTable({
		rows: kinds.flatMap((kind) =>
			allWays.flatMap((way) => (['remote', 'local'] as const).map((end) => ({ kind, way, end }))),
		),
		title: ({ kind, way, end }) =>
			`${way.name}: ${end === 'remote' ? 'the target' : "the caller's buffer"} is ${kind.what}`,
		needs: ({ kind, way }) => ({ root: true, ...kind.needs, systemCalls: [way.name] }),
		check: async (t, { kind, way, end }) => {
			const [caller, target] = [await processes('caller'), await processes('target')];
			await checkKind(t, kind, { way, end, caller, target });
		},
	});
}

interface Ends {
	way: Way;
	end: 'remote' | 'local';
	caller: TestProcess;
	target: TestProcess;
}

async function checkKind(t: ExecutionContext, kind: KindOfMemory, ends: Ends): Promise<void> {
	const { way, end, caller, target } = ends;
	const [owner, other] = end === 'remote' ? [target, caller] : [caller, target];
	const place = await kind.prepare(owner, t);
	const length = lengthOf(place);
	const plainPages = Math.ceil(length / pageSize);
	const plain = await other.map('anonymous', plainPages);
	const start = place.address + BigInt(offset);
	const call: CopyArguments = {
		pid: BigInt(target.id),
		address: end === 'remote' ? start : plain,
		buffer: end === 'remote' ? plain : start,
		length: BigInt(length - offset - rest),
	};
	const written = (way.direction === 'from') === (end === 'local');
	const copied = await (written ? checkWriting : checkReading)(
		t,
		{ owner, other, place, plain },
		() => caller.copy(way, call),
	);
	await place.afterwards?.(t, { written, offset, length: copied, seed: newSeed, way });
	await other.unmap(plain, plainPages * pageSize);
	if (kind.stays !== true) {
		await owner.unmap(place.address, Math.ceil(length / pageSize) * pageSize);
	}
}

interface Scene {
	owner: TestProcess;
	other: TestProcess;
	place: Place;
	plain: bigint;
}

type Copy = () => ReturnType<TestProcess['copy']>;

/** How much of a copy of a place's inside can be copied if so much of the place can be used. */
function usable(place: Place, limit: number): number {
	return Math.max(0, Math.min(limit, lengthOf(place) - rest) - offset);
}

/** The place is the source. */
async function checkReading(t: ExecutionContext, scene: Scene, copy: Copy): Promise<number> {
	const { other, place, plain } = scene;
	const length = lengthOf(place);
	const expected = usable(place, place.readable ?? length);
	await other.set(plain, length, canary);
	expectOutcome(t, await copy(), expected === 0 ? 'EFAULT' : expected);
	await expectContent(t, other, plain, place, expected);
	const behind = plain + BigInt(expected);
	t.is(await other.all(behind, length - expected, canary), 'same', 'behind what was copied');
	return expected;
}

/** That what was copied out of a place is what it holds. */
async function expectContent(
	t: ExecutionContext,
	process: TestProcess,
	plain: bigint,
	place: Place,
	copied: number,
): Promise<void> {
	let begin = 0;
	for (const part of place.content) {
		const from = Math.max(begin, offset);
		const length = Math.min(begin + part.length, offset + copied) - from;
		const address = plain + BigInt(from - offset);
		if (length > 0) {
			const got =
				'seed' in part
					? process.check(address, length, seedAt(part.seed, from - begin))
					: process.all(address, length, part.byte);
			t.is(await got, 'same', `what the place holds from byte ${begin} on`);
		}
		begin += part.length;
	}
}

/** The place is the destination. */
async function checkWriting(t: ExecutionContext, scene: Scene, copy: Copy): Promise<number> {
	const { owner, other, place, plain } = scene;
	const length = lengthOf(place);
	const readable = place.readable ?? length;
	const expected = usable(place, place.writable ?? readable);
	await other.fill(plain, length, newSeed);
	const edges = readable > 0 ? await readEdges(owner, place, expected, readable) : undefined;
	expectOutcome(t, await copy(), expected === 0 ? 'EFAULT' : expected);
	const start = place.address + BigInt(offset);
	if (expected > 0) {
		t.is(await owner.check(start, expected, newSeed), 'same', 'what was copied');
	}
	if (edges !== undefined) {
		t.deepEqual(await readEdges(owner, place, expected, readable), edges, 'what is around it');
	}
	return expected;
}

/** What is right before and right behind what is copied into a place. */
async function readEdges(
	owner: TestProcess,
	{ address }: Place,
	copied: number,
	readable: number,
): Promise<Uint8Array[]> {
	const end = offset + copied;
	const behind = Math.min(readable - end, 64);
	return [
		await owner.peek(address, offset),
		behind > 0 ? await owner.peek(address + BigInt(end), behind) : new Uint8Array(),
	];
}
