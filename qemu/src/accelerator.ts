// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { access, constants, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Accelerator } from './command-line.js';
import { probeKvm } from './probe-kvm.js';
import { qemuProgram } from './qemu-process.js';

// What the answer depends on. Where any of it is another, KVM is tried again.
const hostSchema = z.strictObject({
	kernel: z.string(),
	boot: z.string(),
	processor: z.string(),
	qemu: z.string(),
});

const memorySchema = z.strictObject({
	host: hostSchema,
	accelerator: z.enum(['kvm', 'tcg']),
	/** Why, in words. */
	because: z.string(),
});

type Host = z.infer<typeof hostSchema>;

type Memory = z.infer<typeof memorySchema>;

/** What came of booting something small under KVM. */
export interface ProbeResult {
	works: boolean;
	/** What was seen, in words. */
	because: string;
}

export interface AcceleratorOptions {
	/** A bzImage to try it with. */
	image: string;
	/** Where the answer is remembered, a JSON file; its folder is made if it isn't there. */
	memoryFile: string;
	report: (line: string) => void;
}

/** What the choice is made from. Tests give their own. */
export interface AcceleratorSources {
	/** Throws a system error if this user can't open /dev/kvm. */
	openKvm: () => Promise<void>;
	identifyHost: () => Promise<Host>;
	probe: (image: string) => Promise<ProbeResult>;
}

async function identifyHost(): Promise<Host> {
	const { stdout } = await execa(qemuProgram, ['--version']);
	return {
		kernel: os.release(),
		boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
		processor: os.cpus()[0]?.model ?? 'unknown',
		qemu: stdout.split('\n')[0] ?? 'unknown',
	};
}

const realSources: AcceleratorSources = {
	openKvm: () => access('/dev/kvm', constants.R_OK | constants.W_OK),
	identifyHost,
	probe: probeKvm,
};

function describeError(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

// What was remembered of this host. A file that is absent or says nothing useful is no error: the
// answer can always be found again.
async function recall(memoryFile: string, host: Host): Promise<Memory | undefined> {
	let memory: Memory;
	try {
		memory = memorySchema.parse(JSON.parse(await readFile(memoryFile, 'utf8')));
	} catch {
		return undefined;
	}
	const same = JSON.stringify(memory.host) === JSON.stringify(host);
	return same ? memory : undefined;
}

async function remember(memoryFile: string, memory: Memory): Promise<void> {
	const beside = `${memoryFile}.${process.pid}`;
	await mkdir(path.dirname(memoryFile), { recursive: true });
	await writeFile(beside, `${JSON.stringify(memory, undefined, '\t')}\n`);
	await rename(beside, memoryFile);
}

/**
 * Chooses KVM where it can boot a kernel, TCG otherwise. That /dev/kvm is there, opens and makes
 * virtual machines isn't enough: so a kernel is booted under it, for some seconds at most, and what
 * came of it is remembered.
 * @param sources for tests
 */
export async function chooseAccelerator(
	{ image, memoryFile, report }: AcceleratorOptions,
	sources: AcceleratorSources = realSources,
): Promise<Accelerator> {
	try {
		await sources.openKvm();
	} catch (error) {
		report(`accelerator: TCG, for KVM can't be used: ${describeError(error)}`);
		return 'tcg';
	}
	const host = await sources.identifyHost();
	const remembered = await recall(memoryFile, host);
	if (remembered !== undefined) {
		const { accelerator, because } = remembered;
		report(`accelerator: ${accelerator.toUpperCase()}, ${because} (remembered in ${memoryFile})`);
		return accelerator;
	}
	report('accelerator: trying KVM with a boot of at most 4 s');
	const { works, because } = await sources.probe(image);
	const accelerator = works ? 'kvm' : 'tcg';
	await remember(memoryFile, { host, accelerator, because });
	report(`accelerator: ${accelerator.toUpperCase()}, ${because}`);
	return accelerator;
}
