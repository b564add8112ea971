// SPDX-License-Identifier: GPL-2.0-only
// Row 5 of the contract: no byte could be copied, and none was.
import { MADV_GUARD_INSTALL } from '@fastipc/syscall-bindings';
import { expectOutcome } from '../src/calls/expect.js';
import { allWays, type CopyArguments, type Way } from '../src/calls/ways.js';
import { defineTable } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import { mapDeviceMemory } from '../src/process/device-memory.js';
import { findMapping } from '../src/process/page-state.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const length = 100;
const canary = 0x5a;
const processOf = sharedProcesses<'caller' | 'target'>({});

/** An address at which nothing can be copied, and for whom that holds. */
interface BadAddress {
	what: string;
	/** The direction of a copy that it concerns; both where left out. */
	direction?: Way['direction'];
	/** Which end it concerns; both where left out. The other end is then fine with it. */
	end?: 'remote' | 'local';
	needs?: Needs;
	address: (process: TestProcess) => Promise<bigint> | bigint;
}

/** Addresses that no process has memory at. */
const nowhere: readonly BadAddress[] = [
	{ what: 'address 0', address: () => 0n },
	{ what: 'the first kernel address', address: () => 0xffff_8000_0000_0000n },
	{ what: 'the linear mapping of all memory', address: () => 0xffff_8880_0000_0000n },
	{ what: "the kernel's text", address: () => 0xffff_ffff_8100_0000n },
	{ what: 'the first address that is not canonical', address: () => 0x8000_0000_0000n },
	{ what: 'an address that is not canonical', address: () => 0xfacefeed_deadbeefn },
	{ what: 'the page before the end of user space', address: () => 0x7fff_ffff_f000n - 4096n },
	{ what: 'the end of user space', address: () => 0x7fff_ffff_f000n },
	{ what: 'the last address of all', address: () => 0xffff_ffff_ffff_ffffn },
	{
		what: 'memory that was unmapped',
		address: async (process) => {
			const address = await process.map('anonymous', 3);
			await process.unmap(address + BigInt(pageSize), pageSize);
			return address + BigInt(pageSize);
		},
	},
	{
		what: 'the first byte behind a mapping',
		address: async (process) => (await process.map('anonymous', 1)) + BigInt(pageSize),
	},
];

/** Memory that is there but can't be used. */
const refused: readonly BadAddress[] = [
	{ what: 'PROT_NONE', address: (process) => process.map('anonymous', 1, 'none') },
	{
		what: 'memory that was filled and then made PROT_NONE',
		address: async (process) => {
			const address = await process.map('anonymous', 1);
			await process.set(address, pageSize, canary);
			await process.protect(address, pageSize, 'none');
			return address;
		},
	},
	{
		what: 'a guard page',
		needs: { minimumVersion: '6.13' },
		address: async (process) => {
			const address = await process.map('anonymous', 1);
			await process.advise(address, pageSize, MADV_GUARD_INSTALL);
			return address;
		},
	},
	{
		what: 'a page behind the end of its file',
		address: async (process) =>
			(await process.map('shared-file', 2, 'rw', { seed: 1, pages: 1 })) + BigInt(pageSize),
	},
	{
		what: 'secret memory',
		end: 'remote',
		needs: { config: ['CONFIG_SECRETMEM'], systemCalls: ['memfd_secret'] },
		address: (process) => process.map('secret', 1),
	},
	{
		what: "the kernel's clock data, which is no ordinary memory",
		end: 'remote',
		address: async ({ id }) => (await findMapping(id, '[vvar]')).start,
	},
	{
		what: 'memory of a device',
		end: 'remote',
		needs: { config: ['CONFIG_PCI'] },
		address: mapDeviceMemory,
	},
	{
		// Without protection keys a processor can't tell: only the mapping's flags do.
		what: 'memory that may only be executed',
		direction: 'from',
		end: 'remote',
		address: (process) => process.map('anonymous', 1, 'x'),
	},
	{
		what: 'memory that may only be written',
		direction: 'from',
		end: 'remote',
		address: (process) => process.map('anonymous', 1, 'w'),
	},
];

/** Memory that can be read and not written: the destination of a copy. */
const readOnly: readonly BadAddress[] = (['anonymous', 'shared', 'file', 'shared-file'] as const)
	.map((kind) => ({
		what: `read-only memory of the kind ${kind}`,
		address: (process: TestProcess) => process.map(kind, 1, 'r'),
	}))
	.concat(
		{
			what: 'memory that was written and then made read-only',
			address: async (process) => {
				const address = await process.map('anonymous', 1);
				await process.set(address, pageSize, canary);
				await process.protect(address, pageSize, 'r');
				return address;
			},
		},
		{
			what: "the program's own text",
			address: async ({ id }) => (await findMapping(id, 'r-xp')).start,
		},
		...['[vdso]', '[vvar]'].map((mapping) => ({
			what: `${mapping}, which the kernel maps`,
			address: async ({ id }: TestProcess) => (await findMapping(id, mapping)).start,
		})),
	)
	.flatMap((row): BadAddress[] => [
		{ ...row, direction: 'to', end: 'remote' },
		{ ...row, direction: 'from', end: 'local' },
	]);

const rows = [...nowhere, ...refused, ...readOnly].flatMap((bad) =>
	(['remote', 'local'] as const).flatMap((end) =>
		allWays
			.filter(() => bad.end === undefined || bad.end === end)
			.filter(({ direction }) => bad.direction === undefined || bad.direction === direction)
			.map((way) => ({ way, end, bad })),
	),
);

defineTable({
	rows,
	title: ({ way, end, bad }) =>
		`${way.name}: EFAULT where ${end === 'remote' ? 'the address' : 'the buffer'} is ${bad.what}`,
	needs: ({ way, bad }) => ({
		root: true,
		...bad.needs,
		systemCalls: [way.name, ...(bad.needs?.systemCalls ?? [])],
	}),
	check: async (t, { way, end, bad }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const [broken, sound] = end === 'remote' ? [target, caller] : [caller, target];
		const address = await bad.address(broken);
		const other = await sound.map('anonymous', 1);
		await sound.set(other, pageSize, canary);
		const call: CopyArguments = {
			pid: BigInt(target.id),
			address: end === 'remote' ? address : other,
			buffer: end === 'remote' ? other : address,
			length: BigInt(length),
		};
		expectOutcome(t, await caller.copy(way, call), 'EFAULT');
		expectOutcome(t, await caller.copy(way, { ...call, length: 1n }), 'EFAULT', 'one byte');
		t.is(await sound.all(other, pageSize, canary), 'same', 'the other end is untouched');
	},
});
