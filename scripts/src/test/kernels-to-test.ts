// SPDX-License-Identifier: GPL-2.0-only
import { everydayFlavours, type KernelFlavour } from '@fastipc/kernel-patches';
import type { TestArguments } from './arguments.js';

/** A kernel, and which stages are to run on it. */
export interface KernelToTest {
	flavour: KernelFlavour;
	conformance: boolean;
	/** Seconds for each race; undefined for none. */
	raceSeconds: number | undefined;
	/** The kselftests of the series. */
	selftests: boolean;
	/** Debian's dbus-tests. */
	dbusTests: boolean;
	/** Seconds for the storm of AF_DBUS's clients; undefined for none but that of the selftests. */
	stormSeconds: number | undefined;
}

/** Long enough to show that the races still work. */
const shortRace = 1;

/**
 * All that is tested on a kernel. The unpatched one has no selftests, and those of AF_DBUS need it
 * to be there, not to come and go as modules do. Races are for the debug
 * kernel, but take too long there unless they are asked for.
 */
function wholly(flavour: KernelFlavour): KernelToTest {
	return {
		flavour,
		conformance: true,
		raceSeconds: flavour === 'release' ? shortRace : undefined,
		selftests: flavour !== 'base' && flavour !== 'module',
		dbusTests: false,
		stormSeconds: undefined,
	};
}

/**
 * The debug kernel is so slow under emulation that its conformance tests take longer than all else
 * together. Unless they are asked for, the selftests alone show there what its checks say.
 */
const everyday: readonly KernelToTest[] = [
	wholly('release'),
	wholly('base'),
	{ ...wholly('debug'), conformance: false },
];

/** The kernels for what runs alone, if none is named; a storm is for those that watch themselves. */
function usually(dbusTests: boolean, stormSeconds: number | undefined): readonly KernelFlavour[] {
	if (stormSeconds !== undefined) {
		return ['debug', 'kcsan'];
	}
	return dbusTests ? ['release'] : ['release', 'debug'];
}

/** Which kernels `npm test` is to boot, in which order, and for what. */
export function kernelsToTest({
	kernel,
	hostOnly,
	races: raceSeconds,
	dbusTests = false,
	storm: stormSeconds,
}: Pick<
	TestArguments,
	'kernel' | 'hostOnly' | 'races' | 'dbusTests' | 'storm'
>): readonly KernelToTest[] {
	if (hostOnly) {
		return [];
	}
	const patched = kernel === 'all' ? (['release', 'debug'] as const) : kernel && [kernel];
	if (raceSeconds !== undefined || dbusTests || stormSeconds !== undefined) {
		return (patched ?? usually(dbusTests, stormSeconds)).map((flavour) => ({
			flavour,
			conformance: false,
			raceSeconds,
			selftests: false,
			dbusTests,
			stormSeconds,
		}));
	}
	if (kernel === undefined) {
		return everyday;
	}
	return (kernel === 'all' ? everydayFlavours : [kernel]).map(wholly);
}
