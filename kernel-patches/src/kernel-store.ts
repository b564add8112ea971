// SPDX-License-Identifier: GPL-2.0-only
import { copyFile, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BuildPlan } from './build-plan.js';
import { cachePath } from './cache.js';
import { completeOrAbsent, exists, parseJson } from './files.js';
import { kernelFlavours, type KernelFlavour } from './flavours.js';
import { hasModules } from './fragments.js';
import { keepNewest } from './keep-newest.js';
import type { Reporter } from './reporter.js';
import { parseSystemCallTable } from './system-call-table.js';

const recordSchema = z.strictObject({
	flavour: z.enum(kernelFlavours),
	/** What `uname -r` prints. */
	release: z.string(),
	source: z.strictObject({ repository: z.string(), commit: z.string(), version: z.string() }),
	applied: z.string(),
	toolchain: z.string(),
});

/** A finished kernel in the cache. */
export interface KernelImage {
	flavour: KernelFlavour;
	/** The flavour and a hash of everything that the kernel was built from. */
	key: string;
	/**
	 * Holds the files below, and System.map, build.log, vmlinux and, if there are any, the modules in
	 * a folder of their own.
	 */
	directory: string;
	/** Path of the bzImage. */
	image: string;
	/** Path of the final .config. */
	config: string;
	/** Path of the folder with the modules, which isn't there if there are none. */
	modules: string;
	/** Path of a JSON file with the numbers of the applied tree's system calls by name. */
	syscallNumbers: string;
	/** What `uname -r` prints, such as `7.3.4`. */
	release: string;
}

const modulesFolder = 'modules';

function kernelsDirectory(): string {
	return cachePath('kernels');
}

/** Reads a finished kernel, and notes that it was used; undefined if there is none of that key. */
export async function findKernel(key: string): Promise<KernelImage | undefined> {
	const directory = path.join(kernelsDirectory(), key);
	const file = path.join(directory, 'kernel.json');
	if (!exists(file)) {
		return undefined;
	}
	const { flavour, release } = parseJson(await readFile(file, 'utf8'), recordSchema, file);
	const now = new Date();
	await utimes(directory, now, now);
	return {
		flavour,
		key,
		directory,
		image: path.join(directory, 'bzImage'),
		config: path.join(directory, 'config'),
		modules: path.join(directory, modulesFolder),
		syscallNumbers: path.join(directory, 'syscall-numbers.json'),
		release,
	};
}

/** Copies the modules that a build made, all into one folder. */
async function copyModules(objects: string, part: string): Promise<void> {
	// Each module's main object, a line each
	const order = (await readFile(path.join(objects, 'modules.order'), 'utf8')).trimEnd().split('\n');
	const folder = path.join(part, modulesFolder);
	await mkdir(folder);
	await Promise.all(
		order.map((object) => {
			const module = object.replace(/\.o$/, '.ko');
			return copyFile(path.join(objects, module), path.join(folder, path.basename(module)));
		}),
	);
}

async function fillKernel(
	plan: BuildPlan,
	applied: string,
	log: string,
	part: string,
): Promise<void> {
	const { flavour, objects, tree, toolchain, source, requested } = plan;
	const files = [
		[path.join(objects, 'arch/x86/boot/bzImage'), 'bzImage'],
		[path.join(objects, '.config'), 'config'],
		[path.join(objects, 'System.map'), 'System.map'],
		[path.join(objects, 'vmlinux'), 'vmlinux'],
		[log, 'build.log'],
	] as const;
	await mkdir(part);
	await Promise.all(files.map(([from, name]) => copyFile(from, path.join(part, name))));
	if (hasModules(requested)) {
		await copyModules(objects, part);
	}
	const table = await readFile(path.join(tree, 'arch/x86/entry/syscalls/syscall_64.tbl'), 'utf8');
	const writeJson = async (name: string, value: unknown): Promise<void> => {
		await writeFile(path.join(part, name), `${JSON.stringify(value, undefined, 2)}\n`);
	};
	await writeJson('syscall-numbers.json', parseSystemCallTable(table));
	const release = await readFile(path.join(objects, 'include/config/kernel.release'), 'utf8');
	const { repository, commit, version } = source;
	await writeJson('kernel.json', {
		flavour,
		release: release.trim(),
		source: { repository, commit, version },
		applied,
		toolchain: toolchain.versions,
	} satisfies z.infer<typeof recordSchema>);
}

/**
 * Copies what a build made into the store of finished kernels.
 * @param applied the commit that was built
 * @param log make's full log
 * @throws UserError if the disk is full
 */
export async function storeKernel(
	plan: BuildPlan,
	applied: string,
	log: string,
): Promise<KernelImage> {
	const target = path.join(kernelsDirectory(), plan.key);
	await completeOrAbsent(target, async (part) => {
		await fillKernel(plan, applied, log, part);
	});
	const kernel = await findKernel(plan.key);
	if (kernel === undefined) {
		throw new Error(`${target} was just made and is not there`);
	}
	return kernel;
}

/** Deletes a flavour's finished kernels but the few used last, and says so. */
export async function pruneKernels(flavour: KernelFlavour, report: Reporter): Promise<void> {
	await keepNewest(kernelsDirectory(), `${flavour}-`, 'kernel', report);
}
