// SPDX-License-Identifier: GPL-2.0-only
// Memory that is a file's: of a disk, of a tmpfs, of hugetlbfs. What is written to a shared mapping
// has to get to the file, and with a disk to the disk.
import { closeSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { expectFile, type MappedFile } from '../src/calls/expect-file.js';
import { expectOutcome } from '../src/calls/expect.js';
import { defineKinds, type KindOfMemory, type Place } from '../src/calls/memory-kinds.js';
import { allWays, type CopyArguments } from '../src/calls/ways.js';
import { useFileSystems, type FileSystem } from '../src/machine/file-systems.js';
import { defineTable } from '../src/needs/define-test.js';
import type { Needs } from '../src/needs/needs.js';
import {
	closeFile,
	mapFile,
	openFile,
	punchHole,
	syncFile,
	truncateFile,
	writePagesBack,
	type FileMapping,
} from '../src/process/files.js';
import { pageSize } from '../src/process/pattern.js';
import { sharedProcesses } from '../src/process/shared-processes.js';
import type { TestProcess } from '../src/process/test-process.js';

const fileSeed = 0xf11e;
const dirtySeed = 0xd1e7;
const processOf = sharedProcesses<'caller' | 'target' | 'syncer'>({});
const systems = useFileSystems();

const needsOf = ({ name }: FileSystem): Needs => ({
	config:
		name === 'ext4'
			? ['CONFIG_EXT4_FS', 'CONFIG_BLK_DEV_LOOP']
			: [name === 'tmpfs' ? 'CONFIG_TMPFS' : 'CONFIG_HUGETLBFS'],
});

let files = 0;

/** Makes a file full of the pattern, on the disk too, that is gone when it is closed. */
async function makeFile(process: TestProcess, system: FileSystem, length: number): Promise<bigint> {
	const name = path.join(system.directory(), `file-${files++}`);
	const empty = openSync(name, 'wx');
	ftruncateSync(empty, length);
	closeSync(empty);
	const descriptor = await openFile(process, name, 'rw');
	unlinkSync(name);
	const mapped = await mapFile(process, {
		descriptor,
		pages: length / pageSize,
		sharing: 'shared',
	});
	await process.fill(mapped, length, fileSeed);
	await process.unmap(mapped, length);
	await syncFile(process, descriptor);
	return descriptor;
}

/** A path by which every process can open a file that a process has open. */
const pathOf = ({ id }: TestProcess, descriptor: bigint) => `/proc/${id}/fd/${descriptor}`;

/** A mapping of a file in one piece. */
interface Mapped {
	process: TestProcess;
	descriptor: bigint;
	address: bigint;
	/** Bytes of the mapping. */
	length: number;
	/** Bytes of a page of the file. */
	page: number;
}

/** What a state makes of the mapping, and of the file where that differs from the pattern. */
interface Changed {
	place?: Partial<Place>;
	file?: Partial<MappedFile>;
}

/** What has happened to a mapped file. */
interface FileState {
	what: string;
	/** Both where left out. */
	sharing?: FileMapping['sharing'];
	protection?: 'r' | 'rw';
	change: (mapped: Mapped) => Promise<Changed>;
}

const states: readonly FileState[] = [
	{ what: 'that nobody has touched', change: () => Promise.resolve({}) },
	{
		what: 'that was read',
		change: async ({ process, address, length }) => {
			await process.check(address, length, fileSeed);
			return {};
		},
	},
	{
		what: 'that is dirty',
		sharing: 'shared',
		change: async ({ process, address, length }) => {
			await process.fill(address, length, dirtySeed);
			const content = [{ length, seed: dirtySeed }];
			return { place: { content }, file: { before: { seed: dirtySeed } } };
		},
	},
	{
		what: 'that was unshared',
		sharing: 'private',
		change: async ({ process, address, length }) => {
			await process.fill(address, length, dirtySeed);
			return { place: { content: [{ length, seed: dirtySeed }] } };
		},
	},
	{
		what: 'that was dirty and has been written back',
		sharing: 'shared',
		change: async ({ process, descriptor, address, length }) => {
			await process.fill(address, length, dirtySeed);
			await syncFile(process, descriptor);
			const content = [{ length, seed: dirtySeed }];
			return { place: { content }, file: { before: { seed: dirtySeed } } };
		},
	},
	{
		what: 'that is read-only',
		protection: 'r',
		change: () => Promise.resolve({ place: { writable: 0 } }),
	},
	{
		what: 'in which a hole was punched',
		change: async ({ process, descriptor, address, length }) => {
			await process.check(address, length, fileSeed);
			await punchHole(process, descriptor, length);
			return { place: { content: [{ length, byte: 0 }] }, file: { before: { byte: 0 } } };
		},
	},
	{
		what: 'that was truncated',
		change: async ({ process, descriptor, address, length, page }) => {
			await process.check(address, length, fileSeed);
			// Where a page of it is more than that, files of hugetlbfs end with a page.
			const tail = page === pageSize ? 100 : 0;
			await truncateFile(process, descriptor, page + tail);
			const content = [
				{ length: page + tail, seed: fileSeed },
				{ length: length - page - tail, byte: 0 },
			];
			const readable = tail > 0 ? 2 * page : page;
			return { place: { content, readable }, file: { length: page + tail } };
		},
	},
];

function fileKind(
	system: FileSystem,
	sharing: FileMapping['sharing'],
	{ what, protection = 'rw', change }: FileState,
): KindOfMemory {
	const page = system.pageSize;
	const length = page === pageSize ? 5 * page : 2 * page;
	return {
		what: `a ${sharing} mapping of a file on ${system.name} ${what}`,
		needs: needsOf(system),
		prepare: async (process) => {
			const descriptor = await makeFile(process, system, length);
			const pages = length / pageSize;
			const address = await mapFile(process, { descriptor, pages, protection, sharing });
			const changed = await change({ process, descriptor, address, length, page });
			return {
				address,
				content: [{ length, seed: fileSeed }],
				...changed.place,
				afterwards: async (t, copied) => {
					const file: MappedFile = {
						path: pathOf(process, descriptor),
						mode: system.mode,
						length,
						before: { seed: fileSeed },
						...changed.file,
					};
					const written = copied.written && sharing === 'shared' && copied.length > 0;
					await expectFile(t, process, file, { ...copied, written });
					await closeFile(process, descriptor);
				},
			};
		},
	};
}

defineKinds(
	systems.flatMap((system) =>
		states.flatMap((state) =>
			(['private', 'shared'] as const)
				.filter((sharing) => state.sharing === undefined || state.sharing === sharing)
				.map((sharing) => fileKind(system, sharing, state)),
		),
	),
	processOf,
);

const rounds = 6;
const timesInRound = 8;

defineTable({
	rows: allWays.map((way) => ({
		way,
		end: way.direction === 'to' ? ('remote' as const) : ('local' as const),
		system: systems[0]!,
	})),
	title: ({ way, end }) =>
		`${way.name}: what is written to a file under writeback gets to the disk: ${end}`,
	needs: ({ way, system }) => ({
		...needsOf(system),
		root: true,
		cpus: 2,
		systemCalls: [way.name],
	}),
	check: async (t, { way, end, system }) => {
		const [caller, target] = [await processOf('caller'), await processOf('target')];
		const syncer = await processOf('syncer');
		const [owner, other] = end === 'remote' ? [target, caller] : [caller, target];
		const pages = 64;
		const length = pages * pageSize;
		const descriptor = await makeFile(owner, system, length);
		const file = { path: pathOf(owner, descriptor), mode: system.mode, length };
		const shared = await openFile(syncer, file.path, 'rw');
		const mapped = await mapFile(owner, { descriptor, pages, sharing: 'shared' });
		const plain = await other.map('anonymous', pages);
		const call: CopyArguments = {
			pid: BigInt(target.id),
			address: end === 'remote' ? mapped : plain,
			buffer: end === 'remote' ? plain : mapped,
			length: BigInt(length),
		};
		for (let round = 1; round <= rounds; round++) {
			await other.fill(plain, length, round);
			const [{ last }] = await Promise.all([
				caller.repeat(timesInRound, way, call),
				(async () => {
					for (let time = 0; time < timesInRound; time++) {
						await writePagesBack(syncer, shared);
					}
				})(),
			]);
			expectOutcome(t, last, length, `round ${round}`);
			const before = { seed: round };
			const untouched = { written: false, offset: 0, length, seed: round };
			await expectFile(t, owner, { ...file, before }, untouched);
		}
		await closeFile(owner, descriptor);
		await closeFile(syncer, shared);
	},
});
