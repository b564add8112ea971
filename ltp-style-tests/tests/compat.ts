// SPDX-License-Identifier: GPL-2.0-only
// The 32-bit entry: a 64-bit process that calls through int 0x80, and a 32-bit process. Neither can
// name more than 32 bits of an argument, and the count has to fit a 32-bit long; all else is as ever.
import { readFileSync, writeFileSync } from 'node:fs';
import {
	COPY_PROCESS_PIDFD,
	PIDFD_SELF,
	PIDFD_SELF_PROCESS,
	syscallNumbers,
} from '@fastipc/syscall-bindings';
import type { ExecutionContext } from 'ava';
import { expectOutcome, type Expected } from '../src/calls/expect.js';
import { int80Ways, newWays, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import { startProcess, type TestProcess } from '../src/process/test-process.js';

const seed = 0x32;
const canary = 0xc3;
const nobody = 65534n;
const largest = 0x7fff_ffffn;
const needs = { root: true, config: ['CONFIG_IA32_EMULATION'] } as const;

/** Where each process is from; a stranger is another user's. */
type Name =
	'64-bit' | '64-bit target' | '64-bit stranger' | '32-bit' | '32-bit target' | '32-bit stranger';

const processOf = sharedProcesses<Name>(
	{
		'64-bit stranger': (process) => process.become({ user: Number(nobody) }),
		'32-bit stranger': async (process) => {
			// setresuid32(), and it takes the capabilities along.
			await process.systemCall(208, nobody, nobody, nobody);
		},
	},
	{
		'32-bit': 'i386-memory-target',
		'32-bit target': 'i386-memory-target',
		'32-bit stranger': 'i386-memory-target',
	},
);

/** A way into the 32-bit entry. */
interface Entry {
	who: string;
	caller: '64-bit' | '32-bit';
	way: Way;
}

const entries: readonly Entry[] = [
	...int80Ways.map((way) => ({ who: 'through int 0x80', caller: '64-bit', way }) as const),
	...newWays.map((way) => ({ who: 'in a 32-bit process', caller: '32-bit', way }) as const),
];

const targets = ['64-bit target', '32-bit target'] as const;

/** One end of a copy: pages between two holes. */
interface Side {
	process: TestProcess;
	start: bigint;
	size: number;
}

async function mapSide(name: Name, pages: number): Promise<Side> {
	const process = await processOf(name);
	const kind = name.startsWith('64') ? 'low' : 'anonymous';
	return { process, start: await process.map(kind, pages), size: pages * pageSize };
}

/** A copy's two ends, and which of them it fills. */
interface Scene {
	entry: Entry;
	remote: Side;
	local: Side;
	source: Side;
	sink: Side;
	call: CopyArguments;
}

async function prepare(entry: Entry, target: Name, pages: number): Promise<Scene> {
	const [remote, local] = [await mapSide(target, pages), await mapSide(entry.caller, pages)];
	const [source, sink] = entry.way.direction === 'from' ? [remote, local] : [local, remote];
	await source.process.fill(source.start, source.size, seed);
	await sink.process.set(sink.start, sink.size, canary);
	const call = {
		pid: BigInt(remote.process.id),
		address: remote.start,
		length: BigInt(pageSize),
		buffer: local.start,
	};
	return { entry, remote, local, source, sink, call };
}

const copy = ({ entry, local }: Scene, call: CopyArguments) => local.process.copy(entry.way, call);

/** That the sink's first bytes are the source's, and the rest is as it was. */
async function expectCopied(t: ExecutionContext, { sink }: Scene, count: number, what = '') {
	t.is(await sink.process.check(sink.start, count, seed), 'same', `${what}: what was copied`);
	const [behind, rest] = [sink.start + BigInt(count), sink.size - count];
	t.is(await sink.process.all(behind, rest, canary), 'same', `${what}: what follows it`);
}

/** A test for each entry and direction, against targets of both kinds. */
function defineEntries(
	title: string,
	check: (t: ExecutionContext, entry: Entry, target: (typeof targets)[number]) => Promise<void>,
): void {
	defineTable({
		rows: entries,
		title: ({ way, who }) => `${way.name} ${who}: ${title}`,
		needs: ({ way }) => ({ ...needs, systemCalls: [way.name] }),
		check: async (t, entry) => {
			for (const target of targets) {
				await check(t, entry, target);
			}
		},
	});
}

defineEntries('counts and bytes are right', async (t, entry, target) => {
	for (const size of [1, 4095, 4097, 65537, 300_000]) {
		const scene = await prepare(entry, target, Math.ceil(size / pageSize) + 1);
		expectOutcome(t, await copy(scene, { ...scene.call, length: BigInt(size) }), size, target);
		await expectCopied(t, scene, size, `${size} bytes, ${target}`);
	}
});

defineEntries('exact count at a hole on either side and on both', async (t, entry, target) => {
	const pages = 70;
	for (const distance of [1, 4099, 65 * 4096 + 5]) {
		for (const end of ['remote', 'local', 'both'] as const) {
			const scene = await prepare(entry, target, pages);
			const near = BigInt(pages * pageSize - distance);
			const call = {
				...scene.call,
				address: scene.remote.start + (end === 'local' ? 0n : near),
				buffer: scene.local.start + (end === 'remote' ? 0n : near),
			};
			for (const length of [BigInt(distance) + 1n, 0x8000_0000n, 0xffff_ffffn]) {
				const outcome = await copy(scene, { ...call, length });
				expectOutcome(t, outcome, distance, `${end}, length 0x${length.toString(16)}`);
			}
			const beyond = { ...call, length: 1n };
			beyond[end === 'local' ? 'buffer' : 'address'] += BigInt(distance);
			expectOutcome(t, await copy(scene, beyond), 'EFAULT', `${end}, in the hole`);
		}
	}
});

defineEntries('EINVAL for each unknown flag, before all else', async (t, entry, target) => {
	const scene = await prepare(entry, target, 2);
	const wrong = Array.from({ length: 31 }, (_, index) => 2n << BigInt(index));
	for (const flags of [...wrong, 0xffff_ffffn]) {
		const what = `flags 0x${flags.toString(16)}`;
		expectOutcome(t, await copy(scene, { ...scene.call, flags }), 'EINVAL', what);
		const bad = { pid: 0n, address: 0n, length: 0n, buffer: 0n, flags };
		expectOutcome(t, await copy(scene, bad), 'EINVAL', `${what}, all else wrong`);
	}
	await expectCopied(t, scene, 0);
});

defineEntries('ESRCH for a pid that names nobody, whatever its sign', async (t, entry, target) => {
	const scene = await prepare(entry, target, 2);
	const kernelThread = 2n;
	const pids = [0n, -1n, -0x8000_0000n, largest, -scene.call.pid, BigInt(PIDFD_SELF), kernelThread];
	for (const pid of pids) {
		expectOutcome(t, await copy(scene, { ...scene.call, pid }), 'ESRCH', `pid ${pid}`);
		expectOutcome(t, await copy(scene, { ...scene.call, pid, length: 0n }), 'ESRCH', `pid ${pid}`);
	}
	await expectCopied(t, scene, 0);
});

defineEntries("EPERM for another user's process, 0 for one's own", async (t, entry, target) => {
	const scene = await prepare(entry, target, 2);
	const nothing = { pid: scene.call.pid, address: 0xffff_ffffn, length: 0n, buffer: 0xffff_ffffn };
	expectOutcome(t, await copy(scene, nothing), 0, 'could I?');
	const stranger = await processOf(`${entry.caller} stranger`);
	const buffer = await stranger.map(entry.caller === '64-bit' ? 'low' : 'anonymous', 1);
	const outcome = await stranger.copy(entry.way, { ...scene.call, buffer });
	expectOutcome(t, outcome, 'EPERM');
	expectOutcome(t, await stranger.copy(entry.way, nothing), 'EPERM', 'could I?');
	await expectCopied(t, scene, 0);
});

defineEntries('EFAULT where nothing is mapped', async (t, entry, target) => {
	const scene = await prepare(entry, target, 2);
	const { remote, local } = scene;
	const nowhere = [0n, 0xffff_f000n, 0xffff_ffffn];
	for (const address of [...nowhere, remote.start - 1n, remote.start + BigInt(remote.size)]) {
		const what = `address 0x${address.toString(16)}`;
		expectOutcome(t, await copy(scene, { ...scene.call, address }), 'EFAULT', what);
	}
	for (const buffer of [...nowhere, local.start - 1n, local.start + BigInt(local.size)]) {
		const what = `buffer 0x${buffer.toString(16)}`;
		expectOutcome(t, await copy(scene, { ...scene.call, buffer }), 'EFAULT', what);
	}
	await expectCopied(t, scene, 0);
});

/** Words in place of a pid that are pidfds, or not, and whose memory they name. */
const pidfdWords: readonly { word: number; expected: Expected }[] = [
	{ word: PIDFD_SELF, expected: pageSize },
	{ word: PIDFD_SELF_PROCESS, expected: pageSize },
	{ word: -1, expected: 'EBADF' },
	{ word: -0x8000_0000, expected: 'EBADF' },
	{ word: 0x7fff_ffff, expected: 'EBADF' },
	{ word: 0, expected: 'EBADF' },
];

defineEntries('pidfds, and those that are negative numbers', async (t, entry, target) => {
	const flags = BigInt(COPY_PROCESS_PIDFD);
	const scene = await prepare(entry, target, 2);
	const caller = scene.local.process;
	const opened = await caller.systemCall(syscallNumbers.pidfd_open, scene.call.pid, 0n);
	t.true(opened.returned > 0n, 'pidfd_open');
	const outcome = await copy(scene, { ...scene.call, pid: opened.returned, flags });
	expectOutcome(t, outcome, pageSize, 'a pidfd');
	await expectCopied(t, scene, pageSize, 'by a pidfd');
	for (const { word, expected } of pidfdWords) {
		const { start } = scene.local;
		const own = { pid: BigInt(word), address: start, buffer: start + BigInt(pageSize) };
		const call = { ...own, length: BigInt(pageSize), flags };
		expectOutcome(t, await copy(scene, call), expected, `${word} as a pidfd`);
	}
	// close_range(): as all calls that are younger than 5.1, it has one number in both tables.
	await caller.systemCall(436, opened.returned, opened.returned, 0n);
});

const registers = ['pid', 'address', 'length', 'buffer', 'flags'] as const;

defineTable({
	rows: entries.filter(({ caller }) => caller === '64-bit'),
	title: ({ way, who }) => `${way.name} ${who}: the upper half of no register counts`,
	needs: ({ way }) => ({ ...needs, systemCalls: [way.name] }),
	check: async (t, entry) => {
		for (const upper of [0xfacefeed_0000_0000n, 0xffff_ffff_0000_0000n, 0x1_0000_0000n]) {
			const scene = await prepare(entry, '64-bit target', 2);
			const call = { ...scene.call, flags: 0n };
			for (const register of registers) {
				const changed = { ...call, [register]: call[register] | upper };
				const what = `${register} 0x${changed[register].toString(16)}`;
				expectOutcome(t, await copy(scene, changed), pageSize, what);
			}
			await expectCopied(t, scene, pageSize);
		}
	},
});

defineTable({
	rows: entries,
	title: ({ way, who }) =>
		`${way.name} ${who}: memory of a 64-bit process beyond 4 GiB has no name`,
	needs: ({ way }) => ({ ...needs, systemCalls: [way.name] }),
	check: async (t, entry) => {
		const scene = await prepare(entry, '64-bit target', 2);
		const target = scene.remote.process;
		const high = await target.map('anonymous', 1);
		t.true(high > 0xffff_ffffn, 'it lies beyond 4 GiB');
		expectOutcome(t, await copy(scene, { ...scene.call, address: high }), 'EFAULT');
		await expectCopied(t, scene, 0);
	},
});

/** How a process maps what is aliased, in each of the two tables of system calls. */
const aliasing = {
	'64-bit': { memfdCreate: 319, ftruncate: 77, mmap: 9 },
	'32-bit': { memfdCreate: 356, ftruncate: 93, mmap: 192 },
} as const;

const pieceSize = 64 * 2 ** 20;
const aliasStart = 0x4000_0000n;

/** More than 2 GiB at one stretch, which are 64 MiB of huge pages again and again. */
async function mapAliases(t: ExecutionContext, process: TestProcess, word: '64-bit' | '32-bit') {
	const call = async (name: keyof (typeof aliasing)['64-bit'], ...parameters: bigint[]) => {
		const { returned, errno } = await process.systemCall(aliasing[word][name], ...parameters);
		t.is(errno, 0, name);
		return returned;
	};
	const name = await process.map('anonymous', 1);
	const MFD_HUGETLB = 4n;
	const fd = await call('memfdCreate', name, MFD_HUGETLB);
	await call('ftruncate', fd, BigInt(pieceSize));
	for (let mapped = 0; mapped <= 2 ** 31; mapped += pieceSize) {
		const address = aliasStart + BigInt(mapped);
		const MAP_SHARED_FIXED_NOREPLACE = 0x10_0001n;
		await call('mmap', address, BigInt(pieceSize), 3n, MAP_SHARED_FIXED_NOREPLACE, fd, 0n);
	}
}

/** Lets huge pages be had without a pool of them, until the test has ended. */
function allowHugePages(t: ExecutionContext): void {
	const file = '/proc/sys/vm/nr_overcommit_hugepages';
	const before = readFileSync(file, 'ascii');
	writeFileSync(file, '64');
	t.teardown(() => {
		writeFileSync(file, before);
	});
}

defineTable({
	// One length and direction each: two gigabytes take seconds.
	rows: [
		{ word: '64-bit', way: int80Ways[0]!, length: 0x8000_0000n },
		{ word: '32-bit', way: newWays[1]!, length: 0xffff_ffffn },
	] as const,
	title: ({ word, way, length }) =>
		`${way.name} ${word === '64-bit' ? 'through int 0x80' : 'in a 32-bit process'}: of 0x${length.toString(16)} bytes as many as a 32-bit long can count`,
	needs: ({ way }) => ({
		...needs,
		config: [...needs.config, 'CONFIG_HUGETLBFS'],
		// It would see nothing else on the debug kernel, and take longer.
		kernels: ['release', 'rt'],
		systemCalls: [way.name],
	}),
	check: async (t, { word, way, length }) => {
		allowHugePages(t);
		const program = word === '64-bit' ? 'memory-target' : 'i386-memory-target';
		const process = await startProcess(t, program);
		await mapAliases(t, process, word);
		const itself = { pid: BigInt(process.id), address: aliasStart, buffer: aliasStart };
		expectOutcome(t, await process.copy(way, { ...itself, length }), largest);
	},
});
