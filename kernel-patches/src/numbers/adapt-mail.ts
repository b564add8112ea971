// SPDX-License-Identifier: GPL-2.0-only
import { numberEdits, shiftDefinition, type NumberEdit } from './edits.js';
import type { NumberPlan } from './plan.js';

/** A change to be made in the tree's own text. */
export interface PendingEdit {
	file: string;
	edit: NumberEdit;
	/** The lines that the patch adds there. */
	added: string[];
}

/** A mail that can be applied, and what it lacks then. */
export interface AdaptedMail {
	text: string;
	edits: PendingEdit[];
}

/** The lines of a hunk that change something, without their signs. */
function changedLines(hunk: string, sign: '+' | '-' | 'both'): string[] {
	return hunk
		.split('\n')
		.slice(1)
		.filter((line) => (sign === 'both' ? /^[+-]/ : sign === '+' ? /^\+/ : /^-/).test(line))
		.map((line) => line.slice(1));
}

/** Takes the hunks out of a file's diff that an edit is to make instead. */
function adaptDiff(diff: string, plan: NumberPlan): AdaptedMail {
	const [head = '', ...hunks] = diff.split(/^(?=@@ )/m);
	const file = /^diff --git a\/.* b\/(.*)$/m.exec(head)?.[1] ?? '';
	const edit = numberEdits.find((each) => each.isIn(file) && each.isNeeded(plan));
	if (edit === undefined) {
		return { text: diff, edits: [] };
	}
	const taken = hunks.filter((hunk) =>
		changedLines(hunk, 'both').every((line) => edit.isAbout(line)),
	);
	const left = hunks.filter((hunk) => !taken.includes(hunk));
	const added = taken.flatMap((hunk) => changedLines(hunk, '+'));
	return {
		text: left.length > 0 ? head + left.join('') : '',
		edits: taken.length > 0 ? [{ file, edit, added }] : [],
	};
}

/** Gives the definitions of new calls that are added the numbers of the tree. */
function adaptDefinitions(text: string, plan: NumberPlan): string {
	return text
		.split('\n')
		.map((line) => (line.startsWith('+') ? `+${shiftDefinition(line.slice(1), plan)}` : line))
		.join('\n');
}

/** Makes a mail out of a stored one that applies to a tree in which numbers are others. */
export function adaptMail(text: string, plan: NumberPlan): AdaptedMail {
	const [letter = '', ...diffs] = text.split(/^(?=diff --git a\/)/m);
	const adapted = diffs.map((diff) => adaptDiff(diff, plan));
	const left = adapted.map((each) => each.text).join('');
	return {
		// A summary without diffs is a broken patch to git, and a text alone an empty one.
		text:
			left === '' ? letter.replace(/\n---\n[\s\S]*$/, '\n') : letter + adaptDefinitions(left, plan),
		edits: adapted.flatMap(({ edits }) => edits),
	};
}
