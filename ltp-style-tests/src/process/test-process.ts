// SPDX-License-Identifier: GPL-2.0-only
import type { Teardown } from '../teardown.js';
import {
	startMemoryTarget,
	type Channel,
	type MemoryProgram,
	type StartedProcess,
} from './channel.js';
import type { CopyArguments, Outcome, Way } from '../calls/ways.js';

/** What kind of memory to map; `low` is below 2 GiB, `file` is private, `secret` is memfd_secret(2)'s. */
export type MemoryKind =
	'anonymous' | 'low' | 'shared' | 'file' | 'shared-file' | 'secret' | 'hugetlb';

/** Who a process or thread is to become. */
export interface Identity {
	/** Real, effective and saved user id; one number for all three. */
	user: number | readonly [number, number, number];
	/** The same of the group id; the user's numbers where left out. */
	group?: number | readonly [number, number, number];
	/** Bit mask of the capabilities to keep; what the kernel leaves where left out. */
	capabilities?: bigint;
}

/** What `repeat` saw. */
export interface Repetition {
	/** Calls that copied everything. */
	completed: number;
	/** What the last call gave. */
	last: Outcome;
	/** CLOCK_MONOTONIC in nanoseconds. */
	begin: bigint;
	/** CLOCK_MONOTONIC in nanoseconds. */
	end: bigint;
}

/** How a sweep over alignments is to call; skew and surplus make it call wrongly, to prove that it notices. */
export interface AlignmentSweep {
	pid: bigint;
	/** A page boundary of the target; its pattern begins `alignmentBefore` bytes before it. */
	remote: bigint;
	/** A page boundary of the caller. */
	local: bigint;
	seed: number;
	skew?: number;
	surplus?: number;
}

/** Bytes in use before the boundary in a sweep over alignments; behind it, it is less than two pages. */
export const alignmentBefore = 16;

/** A process or thread of memory-target, and what it can be asked to do. Addresses are its own. */
export interface TestProcess extends Channel {
	/** Process id, or thread id for a thread, as whoever started it sees it. */
	readonly id: number;
	/** Whether the process on whose input and output it is driven has ended. */
	hasEnded(): boolean;
	/**
	 * Maps memory with a hole of one page on either side (but for hugetlb).
	 * @param pages its length in pages
	 * @param protection letters of `rwx`, or `none`
	 * @param file for kinds that are files: seed of their content and how many pages they are long
	 */
	map(
		kind: MemoryKind,
		pages: number,
		protection?: string,
		file?: { seed: number; pages: number },
	): Promise<bigint>;
	unmap(address: bigint, length: number): Promise<void>;
	protect(address: bigint, length: number, protection: string): Promise<void>;
	advise(address: bigint, length: number, advice: number): Promise<void>;
	/** Writes the pattern that the seed names. */
	fill(address: bigint, length: number, seed: number): Promise<void>;
	/** @returns `same`, or where the memory differs from the pattern */
	check(address: bigint, length: number, seed: number): Promise<string>;
	/** Writes one byte all over. */
	set(address: bigint, length: number, byte: number): Promise<void>;
	/** @returns `same`, or where the memory differs from the byte */
	all(address: bigint, length: number, byte: number): Promise<string>;
	/** Its memory; at most 4,096 bytes. */
	peek(address: bigint, length: number): Promise<Uint8Array>;
	/** Any system call; arguments that are left out are 0. */
	systemCall(number: number, ...parameters: bigint[]): Promise<Outcome>;
	/** A call under test. */
	copy(way: Way, parameters: CopyArguments): Promise<Outcome>;
	/**
	 * The same while the kernel makes copies of its own fail: the one that `fail-nth` counts to, or
	 * such as /sys/kernel/debug/fail_usercopy chooses (`make-it-fail`).
	 */
	faultyCopy(
		file: 'fail-nth' | 'make-it-fail',
		value: number,
		way: Way,
		parameters: CopyArguments,
	): Promise<Outcome>;
	/** The same call many times, as long as it copies everything. */
	repeat(times: number, way: Way, parameters: CopyArguments): Promise<Repetition>;
	/** Copies at every pair of alignments. @returns `same COUNT`, or what differed */
	alignments(way: Way, sweep: AlignmentSweep): Promise<string>;
	/** Starts a thread that stays. */
	thread(): Promise<TestProcess>;
	/** Starts a child, with these flags of clone(2). */
	fork(cloneFlags?: number): Promise<TestProcess>;
	/**
	 * Starts a child as vfork(2) does, with the memory of this process until it executes a program.
	 * A thread of this process waits for that; the others go on.
	 */
	vfork(): Promise<TestProcess>;
	/**
	 * Executes memory-target, or a copy of it, which from then on does what it is asked for.
	 * @param path of the program
	 * @param argument address of a string that execve(2) has to read; none where left out
	 */
	execute(path: string, argument?: bigint): Promise<void>;
	become(identity: Identity): Promise<void>;
	dumpable(value: 0 | 1): Promise<void>;
	/** Tells Yama who may trace it: a process id, 0 for nobody, −1 for anybody. */
	allowTracer(pid: number): Promise<void>;
	/** A child that has ended and that nobody has waited for. @returns its process id */
	zombie(): Promise<number>;
	/** Waits for a child that has ended, whose process id is then unused. */
	reap(pid: number): Promise<void>;
	/** Its first thread ends, another one goes on. @returns that one's thread id */
	retire(): Promise<number>;
	/** Waits until a process has ended, whoever's it is. */
	awaitEnd(pid: number): Promise<void>;
	/** Touches every page, so that none lies beside its neighbour in memory. */
	scatter(address: bigint, length: number): Promise<void>;
}

/**
 * Starts a process of known memory, a child of this process, with this one's identity.
 * It and all its children are gone when the test has ended, however it ended.
 */
export async function startProcess(test: Teardown, program?: MemoryProgram): Promise<TestProcess> {
	const started = await startMemoryTarget(program);
	test.teardown(() => started.end());
	return testProcess(started.processId, started);
}

function testProcess(
	id: number,
	{ request, hasEnded }: Pick<StartedProcess, 'request' | 'hasEnded'>,
): TestProcess {
	const done = async (line: string) => {
		await request(line);
	};
	return {
		id,
		request,
		hasEnded,
		...memoryRequests(request, done),
		...callRequests(request),
		...familyRequests(request, hasEnded),
		execute: (path, argument = 0n) => done(`execute ${path} ${hex(argument)}`),
		become: ({ user, group, capabilities }) => {
			const keep = capabilities === undefined ? '-1' : hex(capabilities);
			return done(`become ${triple(user)} ${triple(group ?? user)} ${keep}`);
		},
		dumpable: (value) => done(`dumpable ${value}`),
		allowTracer: (pid) => done(`allow-tracer ${pid}`),
	};
}

type Request = Channel['request'];

function memoryRequests(request: Request, done: (line: string) => Promise<void>) {
	return {
		map: async (
			kind: MemoryKind,
			pages: number,
			protection = 'rw',
			file = { seed: 0, pages },
		): Promise<bigint> =>
			BigInt(await request(`map ${kind} ${pages} ${protection} ${file.seed} ${file.pages}`)),
		unmap: (address: bigint, length: number) => done(`unmap ${hex(address)} ${length}`),
		protect: (address: bigint, length: number, protection: string) =>
			done(`protect ${hex(address)} ${length} ${protection}`),
		advise: (address: bigint, length: number, advice: number) =>
			done(`advise ${hex(address)} ${length} ${advice}`),
		fill: (address: bigint, length: number, seed: number) =>
			done(`fill ${hex(address)} ${length} ${seed}`),
		check: (address: bigint, length: number, seed: number) =>
			request(`check ${hex(address)} ${length} ${seed}`),
		scatter: (address: bigint, length: number) => done(`scatter ${hex(address)} ${length}`),
		set: (address: bigint, length: number, byte: number) =>
			done(`set ${hex(address)} ${length} ${byte}`),
		all: (address: bigint, length: number, byte: number) =>
			request(`all ${hex(address)} ${length} ${byte}`),
		peek: async (address: bigint, length: number): Promise<Uint8Array> =>
			Buffer.from(await request(`peek ${hex(address)} ${length}`), 'hex'),
	};
}

function callRequests(request: Request) {
	return {
		systemCall: async (number: number, ...parameters: bigint[]): Promise<Outcome> => {
			const words = Array.from({ length: 6 }, (_, index) => hex(parameters[index] ?? 0n));
			return outcome(await request(`system-call ${number} ${words.join(' ')}`));
		},
		copy: async (way: Way, parameters: CopyArguments): Promise<Outcome> => {
			const { pid, address, length, buffer, flags = 0n } = parameters;
			const words = [pid, address, length, buffer, flags].map(hex).join(' ');
			return outcome(await request(`copy ${way.word()} ${words}`));
		},
		faultyCopy: async (
			file: string,
			value: number,
			way: Way,
			parameters: CopyArguments,
		): Promise<Outcome> => {
			const { pid, address, length, buffer } = parameters;
			const words = [pid, address, length, buffer].map(hex).join(' ');
			return outcome(await request(`faulty-copy ${file} ${value} ${way.word()} ${words}`));
		},
		repeat: async (times: number, way: Way, parameters: CopyArguments): Promise<Repetition> => {
			const { pid, address, length, buffer } = parameters;
			const words = [pid, address, length, buffer].map(hex).join(' ');
			const answer = await request(`repeat ${times} ${way.word()} ${words}`);
			const [completed, returned, errno, begin, end] = answer.split(' ');
			return {
				completed: Number(completed),
				last: outcome(`${returned ?? ''} ${errno ?? ''}`),
				begin: BigInt(begin ?? ''),
				end: BigInt(end ?? ''),
			};
		},
		alignments: (way: Way, sweep: AlignmentSweep) => {
			const { pid, remote, local, seed, skew = 0, surplus = 0 } = sweep;
			const places = [pid, remote, local].map(hex).join(' ');
			return request(
				`alignments ${way.word()} ${way.direction} ${places} ${seed} ${skew} ${surplus}`,
			);
		},
	};
}

function familyRequests(request: Request, hasEnded: () => boolean) {
	const follower = async (line: string) => {
		const id = Number(await request(line));
		return testProcess(id, { request: (inner) => request(`tell ${id} ${inner}`), hasEnded });
	};
	return {
		thread: () => follower('thread'),
		fork: (cloneFlags = 0) => follower(`fork ${cloneFlags}`),
		vfork: () => follower('vfork'),
		zombie: async () => Number(await request('zombie')),
		reap: async (pid: number) => {
			await request(`reap ${pid}`);
		},
		retire: async () => Number(await request('retire')),
		awaitEnd: async (pid: number) => {
			await request(`await-end ${pid}`);
		},
	};
}

/** Two decimal words: the value returned, and errno. */
function outcome(answer: string): Outcome {
	const [returned, errno] = answer.split(' ');
	if (returned === undefined || errno === undefined) {
		throw new Error(`memory-target: expected a value and an errno, got "${answer}"`);
	}
	return { returned: BigInt(returned), errno: Number(errno) };
}

function triple(ids: number | readonly [number, number, number]): string {
	return typeof ids === 'number' ? `${ids} ${ids} ${ids}` : ids.join(' ');
}

/** A 64-bit word as the line protocol has it; negative numbers as their two's complement. */
function hex(word: bigint): string {
	return `0x${BigInt.asUintN(64, word).toString(16)}`;
}
