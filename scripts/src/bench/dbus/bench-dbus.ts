// SPDX-License-Identifier: GPL-2.0-only
import { cacheDirectory, ensureKernel, UserError, type Reporter } from '@fastipc/kernel-patches';
import { buildBusClient, buildNative } from '@fastipc/native';
import { chooseAccelerator } from '@fastipc/qemu';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dbusBroker, findUnpacked } from '../../test/debian-programs.js';
import { makeLogDirectory } from '../../vm/log-directory.js';
import type { Figure } from './figures.js';
import { judge, type Judgement } from './limits.js';
import { planFor, type Selection } from './plan.js';
import { joinPasses, type DbusRow, type Pass } from './rows.js';
import { runPass } from './run-pass.js';
import { workloadBefore, type Workload } from './subjects.js';

/** What to measure, and on what. */
export interface DbusBenchOptions {
	selection: Selection;
	/** A bzImage to take instead of the one that would be built. */
	image?: string | undefined;
	report: Reporter;
	interrupt: AbortSignal;
}

/** What was measured, and what it is worth. */
export interface DbusBenchResult {
	/** Whether the kernel delivers messages itself. */
	direct: boolean;
	rows: DbusRow[];
	/** One for each limit of each message; none if the kernel doesn't deliver. */
	judgements: Judgement[];
	/** What the kernel counted when others were on the bus, by its own names. */
	others: Partial<Record<Workload, Readonly<Record<string, number>>>>;
}

/** What the measurement needs of the machine. Tests give their own. */
export interface DbusBenchSources {
	build: () => Promise<void>;
	findKernel: (options: DbusBenchOptions) => Promise<string>;
	chooseAccelerator: typeof chooseAccelerator;
	findUnpacked: typeof findUnpacked;
	runPass: typeof runPass;
	makeLogDirectory: () => Promise<string>;
}

const realSources: DbusBenchSources = {
	build: async () => {
		await buildNative();
		await buildBusClient();
	},
	findKernel: async ({ image, report }) => {
		if (image !== undefined && !existsSync(image)) {
			throw new UserError(`--image ${image}: there is no such file`);
		}
		return image ?? (await ensureKernel('release', { report })).image;
	},
	chooseAccelerator,
	findUnpacked,
	runPass,
	makeLogDirectory: () =>
		makeLogDirectory(fileURLToPath(new URL('../../../../results/bench', import.meta.url))),
};

/** Counters when others were on the bus, if they were. */
function othersOf(figures: readonly Figure[]): DbusBenchResult['others'] {
	return Object.fromEntries(
		figures
			.filter(({ workload }) => workloadBefore(workload) !== undefined)
			.flatMap(({ workload, counters }) => (counters ? [[workload, counters.after]] : [])),
	);
}

/**
 * Measures what messages of D-Bus cost, in one boot: without a daemon, on AF_DBUS and through the
 * daemons. Instructions are counted, and where KVM works the time is measured as well, in a boot of
 * its own.
 * @param sources for tests
 * @throws UserError for everything that a person can put right, and if messages on AF_DBUS went
 *   through the daemon on a kernel that delivers directly; Error if a figure is missing
 */
export async function benchDbus(
	options: DbusBenchOptions,
	sources: DbusBenchSources = realSources,
): Promise<DbusBenchResult> {
	const { selection, report, interrupt } = options;
	const plan = planFor(selection);
	if (plan.length === 0) {
		throw new UserError('nothing is left to measure: no such workload has that client and size');
	}
	await sources.build();
	const image = await sources.findKernel(options);
	const accelerator = await sources.chooseAccelerator({
		image,
		memoryFile: path.join(cacheDirectory(), 'accelerator.json'),
		report: (line) => {
			report.say(line);
		},
	});
	const unpacked = plan.some(({ subject }) => subject === 'dbus-broker')
		? await sources.findUnpacked(dbusBroker, report)
		: undefined;
	const logDirectory = await sources.makeLogDirectory();
	const passes: Pass[] = [];
	for (const clock of [
		'instructions',
		...(accelerator === 'kvm' ? ['time' as const] : []),
	] as const) {
		passes.push(
			await sources.runPass({ image, clock, plan, unpacked, logDirectory, report, interrupt }),
		);
	}
	const rows = joinPasses(passes, plan);
	const direct = passes.every(({ found }) => found.direct);
	return {
		direct,
		rows,
		judgements: direct ? judge(rows) : [],
		others: othersOf(passes[0]?.found.figures ?? []),
	};
}
