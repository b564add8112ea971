// SPDX-License-Identifier: GPL-2.0-only
// Memory that the kernel, a device or a seal has a say in.
import { execFileSync } from 'node:child_process';
import { MADV_GUARD_INSTALL, MADV_GUARD_REMOVE } from '@fastipc/syscall-bindings';
import { expectFile } from '../src/calls/expect-file.js';
import { expectOutcome } from '../src/calls/expect.js';
import { defineKinds, type KindOfMemory } from '../src/calls/memory-kinds.js';
import { allWays, copyTo, peerTo, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import { mapDeviceMemory } from '../src/process/device-memory.js';
import { mapFile, memoryFile, sealFile } from '../src/process/files.js';
import { findMapping } from '../src/process/page-state.js';
import { describeDifference, pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const seed = 0x5bec;
const pages = 3;
const length = pages * pageSize;
const whole = [{ length, seed }];
const processOf = sharedProcesses<'caller' | 'target'>({});
const needsOf = (way: Way) => ({ root: true, systemCalls: [way.name] }) as const;

const MFD_ALLOW_SEALING = 2;
const F_SEAL_WRITE = 0x8;
const F_SEAL_FUTURE_WRITE = 0x10;

/** A seal on a file in memory, and a mapping of it. */
interface SealedKind {
	what: string;
	seal: number;
	/** Whether the file is mapped before it is sealed. */
	early?: true;
	protection: 'r' | 'rw';
	sharing: 'private' | 'shared';
	/** Whether a write to the mapping gets to the file. */
	writesFile?: true;
}

const sealedKinds: readonly SealedKind[] = [
	{
		what: 'a shared mapping of a file sealed with F_SEAL_WRITE',
		seal: F_SEAL_WRITE,
		protection: 'r',
		sharing: 'shared',
	},
	{
		what: 'a private mapping of a file sealed with F_SEAL_WRITE',
		seal: F_SEAL_WRITE,
		protection: 'rw',
		sharing: 'private',
	},
	{
		what: 'a shared mapping from before its file was sealed with F_SEAL_FUTURE_WRITE',
		seal: F_SEAL_FUTURE_WRITE,
		early: true,
		protection: 'rw',
		sharing: 'shared',
		writesFile: true,
	},
	{
		what: 'a shared mapping from after its file was sealed with F_SEAL_FUTURE_WRITE',
		seal: F_SEAL_FUTURE_WRITE,
		protection: 'r',
		sharing: 'shared',
	},
];

const sealed = sealedKinds.map(
	({ what, seal, early, protection, sharing, writesFile }): KindOfMemory => ({
		what,
		prepare: async (process) => {
			const descriptor = await memoryFile(process, { flags: MFD_ALLOW_SEALING, pages, seed });
			const map = () => mapFile(process, { descriptor, pages, protection, sharing });
			const mapped = early === true ? await map() : undefined;
			await sealFile(process, descriptor, seal);
			return {
				address: mapped ?? (await map()),
				content: whole,
				...(protection === 'r' ? { writable: 0 } : {}),
				afterwards: (t, what) => {
					const file = `/proc/${process.id}/fd/${descriptor}`;
					const before = { path: file, mode: 'r', length, before: { seed } } as const;
					return expectFile(t, process, before, {
						...what,
						written: what.written && writesFile === true,
					});
				},
			};
		},
	}),
);

/** The end of the stack that is farthest from what the process uses of it. */
async function fillStack(process: TestProcess): Promise<bigint> {
	const { start } = await findMapping(process.id, '[stack]');
	await process.fill(start, length, seed);
	return start;
}

const others: readonly KindOfMemory[] = [
	{
		what: 'its stack',
		stays: true,
		prepare: async (process) => ({ address: await fillStack(process), content: whole }),
	},
	{
		what: 'memory whose guard pages were removed',
		needs: { minimumVersion: '6.13' },
		prepare: async (process) => {
			const address = await process.map('anonymous', pages);
			await process.fill(address, length, seed);
			await process.advise(address, length, MADV_GUARD_INSTALL);
			await process.advise(address, length, MADV_GUARD_REMOVE);
			return { address, content: [{ length, byte: 0 }] };
		},
	},
	...(['rx', 'tx'] as const).map((ring) => ({
		what: `the ${ring === 'rx' ? 'receive' : 'transmit'} ring of a packet socket`,
		needs: { config: ['CONFIG_PACKET'] } as const,
		prepare: async (process: TestProcess) => {
			const address = BigInt(await process.request(`map-packet-ring ${ring} ${pages}`));
			await process.fill(address, length, seed);
			return { address, content: whole };
		},
	})),
];

defineKinds([...sealed, ...others], processOf);

/** What the kernel's log says where get_user_pages() met such an address; a stack dump follows. */
function stackComplaints(): string[] {
	const log = execFileSync('dmesg', { encoding: 'utf8' });
	return log.split('\n').filter((line) => line.includes('GUP no longer grows the stack'));
}

/** How far below a stack nothing else may begin: 256 pages, unless the kernel was told otherwise. */
const gap = 256 * pageSize;

defineTable({
	rows: allWays,
	title: (way) =>
		`${way.name}: EFAULT in the gap below the target's stack, which doesn't grow, and no complaint`,
	needs: needsOf,
	check: async (t, way) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const buffer = await caller.map('anonymous', 2);
		const stack = await findMapping(target.id, '[stack]');
		for (const below of [1, pageSize, gap / 2, gap - 1, gap + pageSize]) {
			const address = stack.start - BigInt(below);
			const call = { pid: BigInt(target.id), address, length: BigInt(pageSize), buffer };
			expectOutcome(t, await caller.copy(way, call), 'EFAULT', `${below} bytes below the stack`);
		}
		t.deepEqual(await findMapping(target.id, '[stack]'), stack, 'the stack');
		t.deepEqual(stackComplaints(), []);
	},
});

defineTable({
	rows: allWays,
	title: (way) =>
		`${way.name}: the caller's stack grows for its buffer, as for any access of its own`,
	needs: needsOf,
	check: async (t, way) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const address = await target.map('anonymous', pages);
		await target.set(address, length, 0);
		const stack = await findMapping(caller.id, '[stack]');
		const buffer = stack.start - BigInt(length);
		const call = { pid: BigInt(target.id), address, length: BigInt(length), buffer };
		expectOutcome(t, await caller.copy(way, call), length);
		const { start } = await findMapping(caller.id, '[stack]');
		t.is(start, buffer, 'where the stack ends now');
		t.is(await target.all(address, length, 0), 'same');
	},
});

/** What the kernel maps into every process and only the process itself reads as memory. */
const kernelMappings = ['[vdso]', '[vvar]'] as const;

defineTable({
	rows: [copyTo, peerTo].flatMap((way) => kernelMappings.map((mapping) => ({ way, mapping }))),
	title: ({ way, mapping }) => `${way.name}: the caller's buffer is ${mapping}`,
	needs: ({ way }) => needsOf(way),
	check: async (t, { way, mapping }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const address = await target.map('anonymous', 1);
		const { start: buffer } = await findMapping(caller.id, mapping);
		const count = 512;
		const call = { pid: BigInt(target.id), address, length: BigInt(count), buffer };
		expectOutcome(t, await caller.copy(way, call), count);
		if (mapping === '[vdso]') {
			const [got, own] = [await target.peek(address, count), await caller.peek(buffer, count)];
			t.is(describeDifference(got, own), undefined);
		}
	},
});

defineTable({
	rows: [copyTo, peerTo],
	title: (way) => `${way.name}: the caller's buffer is memory of a device`,
	needs: (way) => ({ ...needsOf(way), config: ['CONFIG_PCI'] }),
	check: async (t, way) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const buffer = await mapDeviceMemory(caller);
		const address = await target.map('anonymous', 1);
		const count = 64;
		const call = { pid: BigInt(target.id), address, length: BigInt(count), buffer };
		expectOutcome(t, await caller.copy(way, call), count);
		const [got, own] = [await target.peek(address, count), await caller.peek(buffer, count)];
		t.is(describeDifference(got, own), undefined);
	},
});
