// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from './machine.js';

/** The kernels that the project builds: plain, with the checkers, unpatched, and with PREEMPT_RT. */
export const kernels = ['release', 'debug', 'base', 'rt', 'kcsan', 'module'] as const;

/** One of them. */
export type Kernel = (typeof kernels)[number];

const patchedKernels: readonly Kernel[] = kernels.filter((kernel) => kernel !== 'base');

/** What a test needs of the machine that it runs on; where one is missing it is skipped. */
export interface Needs {
	/** Real root, with all capabilities. */
	root?: true;
	/** Kernel options that have to be `y` or `m`, such as `CONFIG_SECRETMEM`. */
	config?: readonly `CONFIG_${string}`[];
	/** The oldest Linux that will do, such as `7.3`. */
	minimumVersion?: string;
	/** A guest of this project's, as what it does to the machine can't be undone. */
	guest?: true;
	/** The kernels that it is about; all patched ones where left out. */
	kernels?: readonly Kernel[];
	/** System calls that have to be there. */
	systemCalls?: readonly string[];
	/** How many processors, at least. */
	cpus?: number;
	/** A kernel that delivers messages of D-Bus itself. */
	directDelivery?: true;
	/** Programs of other people's that it runs. */
	programs?: readonly NeededProgram[];
}

/** A program, by the file without which it isn't there, and the Debian package that has it. */
export interface NeededProgram {
	file: string;
	package: string;
}

/** Where there is this file, the kernel delivers messages of D-Bus itself. */
const directDeliveryFile = '/proc/sys/net/dbus/direct';

/** Why a test can't run: something that may be missing, or a promise of the kernel's that was broken. */
export interface Unmet {
	kind: 'skip' | 'failure';
	reason: string;
}

/** The option that promises a system call; those of mainline that tests use are in every kernel here. */
const promisedBy: ReadonlyMap<string, string> = new Map([
	['copy_from_process', 'CONFIG_CROSS_MEMORY_COPY'],
	['copy_to_process', 'CONFIG_CROSS_MEMORY_COPY'],
	['process_vm_readv', 'CONFIG_CROSS_MEMORY_ATTACH'],
	['process_vm_writev', 'CONFIG_CROSS_MEMORY_ATTACH'],
	['memfd_secret', 'CONFIG_SECRETMEM'],
]);

/**
 * The first need that the machine doesn't meet.
 * @returns undefined if it meets them all
 */
export function unmetNeed(needs: Needs, machine: Machine): Unmet | undefined {
	const reason = missingKernel(needs, machine) ?? missingMachine(needs, machine);
	if (reason !== undefined) {
		return { kind: 'skip', reason };
	}
	if (needs.directDelivery === true && !machine.hasFile(directDeliveryFile)) {
		return missingDirectDelivery(machine);
	}
	for (const call of needs.systemCalls ?? []) {
		const unmet = missingCall(call, machine);
		if (unmet !== undefined) {
			return unmet;
		}
	}
	return undefined;
}

function missingKernel(needs: Needs, machine: Machine): string | undefined {
	const { kernels = patchedKernels, minimumVersion, config = [] } = needs;
	if (machine.kernel !== undefined && !kernels.includes(machine.kernel)) {
		return `is for the kernels ${kernels.join(', ')}; this is ${machine.kernel}`;
	}
	if (minimumVersion !== undefined && compareVersions(machine.release, minimumVersion) < 0) {
		return `needs Linux ${minimumVersion}, this is ${machine.release}`;
	}
	const option = config.find((name) => !isSet(name, machine));
	if (option === undefined) {
		return undefined;
	}
	return machine.config === undefined
		? `needs ${option}, and /proc/config.gz is missing`
		: `needs ${option}, which is not set`;
}

function missingMachine(
	{ root, guest, cpus = 1, programs = [] }: Needs,
	machine: Machine,
): string | undefined {
	if (root === true && !machine.root) {
		return 'needs root';
	}
	if (guest === true && machine.kernel === undefined) {
		return 'needs a guest, as it does what lasts until the next boot';
	}
	const program = programs.find(({ file }) => !machine.hasFile(file));
	if (program !== undefined) {
		return `needs ${program.file}, of Debian's package ${program.package}`;
	}
	return machine.cpus < cpus ? `needs ${cpus} processors, there are ${machine.cpus}` : undefined;
}

/** What AF_DBUS promises, for it is part of the option. A module need not be loaded. */
function missingDirectDelivery(machine: Machine): Unmet {
	return machine.config?.get('CONFIG_AF_DBUS') === 'y'
		? { kind: 'failure', reason: `CONFIG_AF_DBUS promises ${directDeliveryFile}, which is missing` }
		: { kind: 'skip', reason: `needs direct delivery, and ${directDeliveryFile} is missing` };
}

function missingCall(call: string, machine: Machine): Unmet | undefined {
	if (machine.hasSystemCall(call)) {
		return undefined;
	}
	const option = promisedBy.get(call);
	if (option !== undefined && isSet(option, machine)) {
		return { kind: 'failure', reason: `${option} promises ${call}(), which gives ENOSYS` };
	}
	// The project's own kernels have the calls by definition, whatever their config says.
	const { kernel } = machine;
	if (kernel !== undefined && patchedKernels.includes(kernel)) {
		return { kind: 'failure', reason: `the ${kernel} kernel lacks ${call}(): it gives ENOSYS` };
	}
	return { kind: 'skip', reason: `needs ${call}(), which gives ENOSYS` };
}

function isSet(option: string, machine: Machine): boolean {
	return ['y', 'm'].includes(machine.config?.get(option) ?? 'n');
}

/**
 * Compares the numbers at the beginning of two kernel releases.
 * @returns negative if the first is older, 0 if they are the same as far as the second goes
 */
export function compareVersions(release: string, minimum: string): number {
	const [have, want] = [versionNumbers(release), versionNumbers(minimum)];
	for (const [index, number] of want.entries()) {
		const difference = (have[index] ?? 0) - number;
		if (difference !== 0) {
			return difference;
		}
	}
	return 0;
}

function versionNumbers(release: string): number[] {
	const [numbers] = /^\d+(\.\d+)*/.exec(release) ?? [];
	if (numbers === undefined) {
		throw new Error(
			`kernel release "${release}": expected one that begins with a number, as 7.3.4`,
		);
	}
	return numbers.split('.').map(Number);
}
