// SPDX-License-Identifier: GPL-2.0-only
import { ensureKernel, UserError } from '@fastipc/kernel-patches';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CopyBenchOptions } from './options.js';
import { newCalls } from './subjects.js';

/** A kernel to boot. */
export interface BenchKernel {
	flavour: 'base' | 'release';
	/** Path of the bzImage. */
	image: string;
	/** Numbers of the calls that the series adds; none on the unpatched kernel. */
	numbers: readonly (readonly [call: string, number: number])[];
}

const numbersSchema = z.record(z.string(), z.int().nonnegative());

async function readNumbers(file: string): Promise<BenchKernel['numbers']> {
	const numbers = numbersSchema.parse(JSON.parse(await readFile(file, 'utf8')));
	return newCalls.map((call) => {
		const number = numbers[call];
		if (number === undefined) {
			throw new UserError(`${file} has no number for ${call}, so that kernel can't be measured`);
		}
		return [call, number] as const;
	});
}

/** The file made together with the kernel, or else the numbers that the series has here. */
export function numbersFile(image: string): string {
	const beside = path.resolve(path.dirname(image), 'syscall-numbers.json');
	return existsSync(beside)
		? beside
		: fileURLToPath(import.meta.resolve('@fastipc/syscall-bindings/syscall-numbers.json'));
}

/**
 * Finds or builds one of the two kernels.
 * @throws UserError for everything that a person can put right
 */
export async function findBenchKernel(
	flavour: BenchKernel['flavour'],
	{ image, baseImage, tree, report }: CopyBenchOptions,
): Promise<BenchKernel> {
	const given = flavour === 'base' ? baseImage : image;
	if (given !== undefined && !existsSync(given)) {
		const option = flavour === 'base' ? '--base-image' : '--image';
		throw new UserError(`${option} ${given}: there is no such file`);
	}
	const found = given ?? (await ensureKernel(flavour, { tree, report })).image;
	const numbers = flavour === 'base' ? [] : await readNumbers(numbersFile(found));
	return { flavour, image: found, numbers };
}
