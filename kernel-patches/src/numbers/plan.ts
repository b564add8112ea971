// SPDX-License-Identifier: GPL-2.0-only
import { git, tryGit } from '../git.js';
import type { Patch } from '../patch.js';
import { familyNumbers } from './address-family.js';
import { callsInTable, genericTable, type TableEntry } from './system-calls.js';

/** Where the numbers of address families are. */
export const familyHeader = 'include/linux/socket.h';

/** The new calls and family of some patches, and the numbers that they get in a tree. */
export interface NumberPlan {
	/** The calls as the patches have them. */
	calls: readonly TableEntry[];
	/** What has to be added to their numbers. */
	callShift: number;
	/** The family's name without `AF_`, and its number in the tree. */
	family: { name: string; number: number } | undefined;
	/** Whether the family's number is another one than in the patches. */
	familyMoves: boolean;
}

/** The lines that patches add to a file, as a text. */
function addedText(patches: readonly Patch[], file: string): string {
	return patches
		.flatMap((patch) => patch.files.filter((each) => each.path === file))
		.flatMap(({ added }) => added.map(({ text }) => text))
		.join('\n');
}

/** A file as the tree's index has it; empty if it hasn't. */
async function readIndexed(tree: string, file: string): Promise<string> {
	const { status } = await tryGit(tree, ['cat-file', '-e', `:${file}`]);
	return status === 0 ? await git(tree, ['cat-file', 'blob', `:${file}`]) : '';
}

/**
 * Works out which numbers the calls and the address family of some patches get in a tree: those
 * after the last ones there.
 * @param tree a working tree, before any of the patches
 */
export async function planNumbers(tree: string, patches: readonly Patch[]): Promise<NumberPlan> {
	const calls = callsInTable(addedText(patches, genericTable));
	const families = familyNumbers(addedText(patches, familyHeader)).families;
	const [name, number] = [...families][0] ?? [];
	const plan: NumberPlan = { calls, callShift: 0, family: undefined, familyMoves: false };
	const [first] = calls;
	if (first !== undefined) {
		const there = callsInTable(await readIndexed(tree, genericTable));
		const last = Math.max(...there.map((call) => call.number));
		plan.callShift = there.length > 0 ? last + 1 - first.number : 0;
	}
	if (name !== undefined && number !== undefined) {
		const { end } = familyNumbers(await readIndexed(tree, familyHeader));
		plan.family = { name, number: end > 0 ? end : number };
		plan.familyMoves = plan.family.number !== number;
	}
	return plan;
}

/** Whether the patches can be applied as they are. */
export function needsNumbers({ callShift, familyMoves }: NumberPlan): boolean {
	return callShift !== 0 || familyMoves;
}
