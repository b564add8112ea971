// SPDX-License-Identifier: GPL-2.0-only

/** Numbers that look random and are the same in each run. */
export function* pseudorandom(seed: number): Generator<number, never> {
	let state = seed;
	for (;;) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		yield state >>> 8;
	}
}

/** Gives a number from 0 to below the one that it is given. */
export type Pick = (count: number) => number;

/** Picks that look random and are the same in each run. */
export function createPick(seed: number): Pick {
	const random = pseudorandom(seed);
	return (count) => random.next().value % count;
}

/**
 * One of several.
 * @throws Error if there are none
 */
export function pickOne<Item>(pick: Pick, items: readonly Item[]): Item {
	const item = items[pick(items.length)];
	if (item === undefined) {
		throw new Error('there is nothing to pick from');
	}
	return item;
}
