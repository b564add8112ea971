// SPDX-License-Identifier: GPL-2.0-only
import { coverName } from '../../series.js';
import type { Patch } from '../../patch.js';
import type { Checker, CheckedSeries } from '../checker.js';
import type { Finding } from '../finding.js';

/** submitting-patches.rst: 70 to 75 characters; the tighter limit that reviewers ask for. */
const longest = 72;

/** First words that tell what the patch does instead of saying what to do. */
const notImperative =
	/^(?:add|chang|creat|fix|implement|introduc|mak|mov|remov|renam|support|updat|us)(?:e?s|ed|ing)$/i;

/** What is wrong with a subject's form, by rule. */
function judgeSubject(subject: string): [rule: string, message: string][] {
	const [, phrase = ''] = /^[\w.,/*{} -]+(?:: [\w.,/ -]+)*: (.*)$/.exec(subject) ?? [];
	const wrong: [boolean, string, string][] = [
		[
			subject.length > longest,
			'length',
			`${subject.length} characters, expected at most ${longest}: "${subject}"`,
		],
		[phrase === '', 'form', `expected "subsystem: phrase", got "${subject}"`],
		[/[.!?]$/.test(subject), 'full-stop', `ends with a full stop: "${subject}"`],
		[
			notImperative.test(phrase.split(' ')[0] ?? ''),
			'imperative',
			`say what the patch is to do ("add", not "adds" or "added"): "${subject}"`,
		],
	];
	return wrong.filter(([is]) => is).map(([, rule, message]) => [rule, message]);
}

/** The part in brackets, as export writes it. */
function expectedBrackets({ series }: CheckedSeries, number: number): string {
	const count = series.patches.length;
	return `[${series.prefix} ${String(number).padStart(String(count).length, '0')}/${count}]`;
}

function checkOne(checked: CheckedSeries, patch: Patch): Finding[] {
	const { text = '', line } = patch.header.get('subject') ?? {};
	const number = Number(patch.name.slice(0, 4));
	const brackets =
		patch.name === coverName
			? `[${checked.series.prefix} 0/${checked.series.patches.length}]`
			: expectedBrackets(checked, number);
	const wrong = judgeSubject(patch.subject);
	const all = text.startsWith(`${brackets} `)
		? wrong
		: [...wrong, ['prefix', `expected "${brackets} …", got "${text}"`] as const];
	return all.map(([rule, message]) => ({
		rule: `subject/${rule}`,
		patch: patch.name,
		line,
		message,
	}));
}

/** Two patches by one name can't be told apart in a log. */
function findRepeated(patches: readonly Patch[]): Finding[] {
	return patches
		.filter((patch, index) => {
			return patches.findIndex((each) => each.subject === patch.subject) !== index;
		})
		.map((patch) => ({
			rule: 'subject/unique',
			patch: patch.name,
			line: patch.header.get('subject')?.line,
			message: `an earlier patch has the same subject: "${patch.subject}"`,
		}));
}

/** The form of the subjects. */
export const subject: Checker = {
	name: 'subject',
	description: 'subjects: prefix and numbers, form, length',
	check: (checked) => {
		const all = [...(checked.cover === undefined ? [] : [checked.cover]), ...checked.patches];
		return [...all.flatMap((patch) => checkOne(checked, patch)), ...findRepeated(checked.patches)];
	},
};
