// SPDX-License-Identifier: GPL-2.0-only
import { everydayFlavours, type KernelFlavour } from '@fastipc/kernel-patches';
import type { TestArguments } from './arguments.js';

/** A kernel, and which stages are to run on it. */
export interface KernelToTest {
	flavour: KernelFlavour;
	/** The conformance tests, or the races where only they were asked for. */
	conformance: boolean;
	/** The kselftests of the series. */
	selftests: boolean;
}

/** All that can be tested on a kernel; the unpatched one has no selftests. */
function wholly(flavour: KernelFlavour): KernelToTest {
	return { flavour, conformance: true, selftests: flavour !== 'base' };
}

/**
 * The debug kernel is so slow under emulation that its conformance tests take longer than all else
 * together. Unless they are asked for, the selftests alone show there what its checks say.
 */
const everyday: readonly KernelToTest[] = [
	wholly('release'),
	wholly('base'),
	{ flavour: 'debug', conformance: false, selftests: true },
];

/** Which kernels `npm test` is to boot, in which order, and for what. */
export function kernelsToTest({
	kernel,
	hostOnly,
	races,
}: Pick<TestArguments, 'kernel' | 'hostOnly' | 'races'>): readonly KernelToTest[] {
	if (hostOnly) {
		return [];
	}
	if (races !== undefined) {
		const flavours =
			kernel === undefined || kernel === 'all' ? (['release', 'debug'] as const) : [kernel];
		return flavours.map((flavour) => ({ flavour, conformance: true, selftests: false }));
	}
	if (kernel === undefined) {
		return everyday;
	}
	return (kernel === 'all' ? everydayFlavours : [kernel]).map(wholly);
}
