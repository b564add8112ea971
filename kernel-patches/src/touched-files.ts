// SPDX-License-Identifier: GPL-2.0-only
import type { Patch } from './patch.js';

/** The files that the patches leave changed or new, each once, without those they delete. */
export function touchedFiles(patches: readonly Patch[]): string[] {
	const files = patches.flatMap((patch) => patch.files);
	const deleted = new Map(files.map((file) => [file.path, file.isDeleted]));
	return [...deleted].filter(([, isDeleted]) => !isDeleted).map(([name]) => name);
}

/** Those of some files that are C sources of programs, not of the kernel. */
export function programSources(files: readonly string[]): string[] {
	return files.filter((file) => /^(?:tools|scripts|samples|usr)\/.*\.c$/.test(file));
}

/**
 * Those of some files that are C sources of the kernel for a machine.
 * @param folder the machine's below arch/, such as `x86`
 */
export function kernelSources(files: readonly string[], folder: string): string[] {
	const programs = programSources(files);
	return files.filter(
		(file) =>
			file.endsWith('.c') &&
			!programs.includes(file) &&
			(!file.startsWith('arch/') || file.startsWith(`arch/${folder}/`)),
	);
}

/** The object that a C source is compiled to. */
export function objectOf(source: string): string {
	return source.replace(/\.c$/, '.o');
}

/** The path in the kernel's tree of a file that make named from wherever it was. */
export function pathInTree(name: string, files: readonly string[]): string | undefined {
	return files.find((file) => name === file || name.endsWith(`/${file}`));
}
